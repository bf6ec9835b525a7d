"""A posted form becomes one event with its dedupe key, or a field that is wrong; nothing else is read from it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

import msgspec

from dialogs.events import (
    AnyEvent,
    BillDisputed,
    Chose,
    ClauseRead,
    Confirmed,
    CounterOffered,
    Declined,
    Denied,
    Hesitated,
    HumanAsked,
    MindChanged,
    MoneyTroubled,
    PageOpened,
    PayWayChosen,
)
from dialogs.money import Fen, yuan
from dialogs.offer import CounterOffer
from dialogs.paper import KeyClause
from dialogs.states import LossReason

from .links import Link

FIELDS_MAX = 16
RENT_MAX = yuan(100_000)
TENANT_REASONS = tuple(LossReason)[: tuple(LossReason).index(LossReason.UNKNOWN) + 1]
"""What a tenant may give as a reason, in the order it is offered."""

Form = Mapping[str, str]


class FormError(ValueError):
    """``field`` is missing or wrong; the text says how, for the tenant."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


class PageAction(msgspec.Struct, frozen=True):
    """``key`` dedupes it: ``page:<link id>:<form key>``; the same form posted twice carries the same key."""

    key: str
    event: AnyEvent


def read_form(raw: bytes) -> dict[str, str]:
    """Fields of an urlencoded body; the first of a repeated name counts. Raises FormError."""
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        raise FormError("form", "表单无法读取，请刷新页面再试") from None
    return dict(reversed(pairs))


def opened(link: Link, offer: int) -> PageAction:
    """The tenant has this offer before their eyes: once per link and offer version."""
    return PageAction(f"page:{link.jti}:seen{offer}", PageOpened(via="page"))


def read_action(name: str, form: Form, link: Link) -> PageAction:
    """The event behind the button called ``name`` (a key of ``ACTIONS``). Raises FormError."""
    try:
        key = uuid.UUID(form.get("key", ""))
    except ValueError:
        raise FormError("key", "表单已失效，请刷新页面再试") from None
    return PageAction(f"page:{link.jti}:{key.hex}", ACTIONS[name](form))


def _choose(form: Form) -> AnyEvent:
    proposal, offer, terms_hash = _terms(form)
    return Chose(via="page", proposal=proposal, offer=offer, terms_hash=terms_hash)


def _confirm(form: Form) -> AnyEvent:
    proposal, offer, terms_hash = _terms(form)
    return Confirmed(via="page", proposal=proposal, offer=offer, terms_hash=terms_hash)


def _terms(form: Form) -> tuple[str, int, str]:
    """Always all three: a choice counts only for the very terms that were on the screen."""
    offer = _number(form, "offer", 1, 1_000_000)
    if offer is None:
        raise FormError("offer", "缺少方案版本，请刷新页面再试")
    return _word(form, "proposal", 32), offer, _word(form, "terms", 16)


def _decline(form: Form) -> AnyEvent:
    reason = form.get("reason") or LossReason.UNKNOWN.value
    if reason not in TENANT_REASONS:
        raise FormError("reason", "请从列表里选一个原因")
    return Declined(via="page", reason=LossReason(reason))


def _counter(form: Form) -> AnyEvent:
    terms = CounterOffer(
        rent=_rent(form),
        months=_number(form, "months", 1, 60),
        pay_cycle_months=_number(form, "cycle", 1, 12),
        repair=form.get("repair") == "1",
    )
    if terms == CounterOffer():
        raise FormError("rent", "请至少填一项：租金、租期、付款方式或维修")
    return CounterOffered(via="page", terms=terms)


def _dispute(form: Form) -> AnyEvent:
    return BillDisputed(via="page", bill=_word(form, "bill", 64) if form.get("bill") else None)


def _money(form: Form) -> AnyEvent:
    return MoneyTroubled(via="page", instalments=_number(form, "instalments", 2, 12))


def _clause(form: Form) -> AnyEvent:
    clause = form.get("clause", "")
    if clause not in tuple(KeyClause):
        raise FormError("clause", "表单不完整，请刷新页面再试")
    seconds = _number(form, "seconds", 0, 86_400) or 0
    return ClauseRead(via="page", clause=KeyClause(clause), terms_hash=_word(form, "terms", 16), seconds=seconds)


def _way(form: Form) -> AnyEvent:
    return PayWayChosen(via="page", way=_word(form, "way", 32))


def _rent(form: Form) -> Fen | None:
    text = form.get("rent", "").strip().replace(",", "").replace("，", "")
    if not text:
        return None
    try:
        rent = yuan(text) if len(text) <= 12 else RENT_MAX + 1
    except ValueError:
        raise FormError("rent", "租金请填数字，例如 3200") from None
    if not 0 < rent <= RENT_MAX:
        raise FormError("rent", "租金请填每月的金额，例如 3200")
    return Fen(rent)


def _number(form: Form, field: str, least: int, most: int) -> int | None:
    text = form.get(field, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and least <= int(text) <= most):
        raise FormError(field, f"请填 {least} 到 {most} 之间的数字")
    return int(text)


def _word(form: Form, field: str, longest: int) -> str:
    text = form.get(field, "")
    if not text or len(text) > longest or not text.isprintable():
        raise FormError(field, "表单不完整，请刷新页面再试")
    return text


ACTIONS: dict[str, Callable[[Form], AnyEvent]] = {
    "choose": _choose,
    "confirm": _confirm,
    "deny": lambda _: Denied(via="page"),
    "hesitate": lambda _: Hesitated(via="page"),
    "counter": _counter,
    "human": lambda _: HumanAsked(via="page"),
    "decline": _decline,
    "mind": lambda _: MindChanged(via="page"),
    "dispute": _dispute,
    "money": _money,
    "clause": _clause,
    "way": _way,
}
