"""From what was understood to what happened: one event for each of the intents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from ..events import (
    Acknowledged,
    AnyEvent,
    Asked,
    ChangeAsked,
    Chose,
    Complained,
    Confirmed,
    CounterOffered,
    Declined,
    Deferred,
    Denied,
    Greeted,
    Hesitated,
    HumanAsked,
    MoneyTroubled,
    NotUnderstood,
    OffersAsked,
    OptedOut,
    RepairReported,
    TechTrouble,
    Thanked,
    WrongPerson,
)
from ..offer import CounterOffer, Proposal
from ..renewal import Renewal
from ..states import LossReason, State
from .moments import moment
from .port import NODDED, Context, Lying, Understood

_BARE: dict[str, Callable[..., AnyEvent]] = {
    "confirm": Confirmed,
    "deny": Denied,
    "hesitate": Hesitated,
    "human": HumanAsked,
    "tech_issue": TechTrouble,
    "opt_out": OptedOut,
    "repair": RepairReported,
    "complain": Complained,
    "wrong_person": WrongPerson,
    "greet": Greeted,
    "thanks": Thanked,
}
_TOPICS = {"ask_terms": "terms", "ask_process": "process"}
GRAVE, SURE = frozenset({"decline", "wrong_person"}), 0.6
"""A guess that would end the renewal is asked about unless we are fairly sure of it."""
ABOUT_OFFERS = frozenset({"gift"})
"""Topics of a question about the offers that the list of offers does not answer."""
_SAID = {
    State.OFFERED: Context.OFFERED,
    State.HESITATING: Context.OFFERED,
    State.NEGOTIATING: Context.OFFERED,
    State.CONFIRMING: Context.CONFIRMING,
    State.CHECKING: Context.SIGNING,
    State.AWAITING_SIGNATURE: Context.SIGNING,
    State.GATED: Context.PAYING,
    State.DISPUTED: Context.PAYING,
    State.MONEY_TROUBLE: Context.PAYING,
    State.BILLING: Context.PAYING,
    State.PAYING: Context.PAYING,
    State.EXTENDING: Context.PAYING,
}
_CALLED = {"keep": "原价续租", "rise": "小幅上调", "ladder": "阶梯三年", "special": ""}
_GIFTS = {"gift_service": ("礼包", "礼品", "赠品", "赠礼", "券", "保洁", "家政", "打扫", "服务")}


def context_of(renewal: Renewal) -> Context:
    """What the bot did last, as the recogniser has to know it; a person who owns the thread comes first."""
    if renewal.owner.person is not None:
        return Context.HANDOFF
    said = _SAID.get(renewal.state)
    if said is not None:
        return said
    shown = renewal.offer is not None and renewal.offer.shown
    return Context.OFFERED if shown and renewal.state in (State.REMINDED, State.LAPSED) else Context.REMINDED


def lying(renewal: Renewal) -> tuple[Lying, ...]:
    """The proposals that lie before this tenant now; none before an offer was made."""
    if renewal.offer is None:
        return ()
    asked = renewal.chosen if renewal.state is State.CONFIRMING else None
    return tuple([_lies(one, renewal, asked) for one in renewal.offer.proposals])


class _Heard(TypedDict):
    """Where it was said, and under which message id."""

    via: str
    message: str


def to_event(understood: Understood, via: str, message_id: str, now: datetime) -> AnyEvent:
    """The event of an intent; ``now`` (aware UTC) anchors the words for a time."""
    heard: _Heard = {"via": via, "message": message_id}
    if understood.intent in GRAVE and understood.confidence < SURE:
        return NotUnderstood(**heard)
    bare = _BARE.get(understood.intent)
    if bare is not None:
        return bare(**heard)
    return _SLOTTED[understood.intent](understood, heard, now)


def _lies(one: Proposal, renewal: Renewal, asked: str | None) -> Lying:
    return Lying(
        number=one.number,
        name=_CALLED.get(one.id, ""),
        rents=tuple([step.rent for step in one.steps]),
        months=one.months,
        gifts=_GIFTS.get(one.gift, ()),
        rises=max([step.rent for step in one.steps]) > renewal.lease.rent,
        asked=one.id == asked,
    )


def _choose(understood: Understood, heard: _Heard, _: datetime) -> AnyEvent:
    number = int(understood.slots["option"])
    return Chose(number=number, via=heard["via"], message=heard["message"])


def _defer(understood: Understood, heard: _Heard, now: datetime) -> AnyEvent:
    return Deferred(until=moment(str(understood.slots.get("when", "")), now), **heard)


def _decline(understood: Understood, heard: _Heard, _: datetime) -> AnyEvent:
    return Declined(reason=LossReason(str(understood.slots.get("reason", "unknown"))), **heard)


def _negotiate(understood: Understood, heard: _Heard, _: datetime) -> AnyEvent:
    return CounterOffered(terms=CounterOffer(rent=understood.rent), **heard)


def _request_change(understood: Understood, heard: _Heard, _: datetime) -> AnyEvent:
    """Only a length can be put into terms; another room, person or date is for people."""
    months = understood.slots.get("months")
    if not isinstance(months, int):
        return ChangeAsked(**heard)
    return CounterOffered(terms=CounterOffer(months=months), **heard)


def _money(understood: Understood, heard: _Heard, _: datetime) -> AnyEvent:
    return MoneyTroubled(instalments=understood.instalments, **heard)


def _ask_offer(understood: Understood, heard: _Heard, _: datetime) -> AnyEvent:
    """A question about the price or a gift has its own answer; any other is answered by the offers."""
    if understood.topic in ABOUT_OFFERS:
        return Asked(topic=understood.topic, **heard)
    return OffersAsked(**heard)


def _other(understood: Understood, heard: _Heard, _: datetime) -> AnyEvent:
    return Acknowledged(**heard) if understood.topic == NODDED else NotUnderstood(**heard)


def _ask(understood: Understood, heard: _Heard, _: datetime) -> AnyEvent:
    return Asked(topic=understood.topic or _TOPICS[understood.intent], **heard)


_SLOTTED: dict[str, Callable[[Understood, _Heard, datetime], AnyEvent]] = {
    "choose": _choose,
    "defer": _defer,
    "decline": _decline,
    "negotiate": _negotiate,
    "request_change": _request_change,
    "money_trouble": _money,
    "ask_offer": _ask_offer,
    "other": _other,
    "ask_terms": _ask,
    "ask_process": _ask,
}
