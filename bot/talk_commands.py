"""The words with a slash: whoever plays a tenant also moves the clock, the staff and the partners."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import msgspec

from bot import talk_staff as staff
from bot.clock import SHANGHAI
from bot.talk import FOLLOWER, PHONE_ONLY, Conversation
from bot.talk_notes import Sort, moment
from bot.talk_partners import AWAY
from dialogs import events as ev
from dialogs.money import Fen, yuan
from dialogs.offer import Offer
from dialogs.states import State

PHOTOS_MAX = 50
_SPANS = {"d": "days", "h": "hours", "m": "minutes"}
_AMOUNT = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2})?")
_LONGEST_WAIT = timedelta(days=400)


class Misused(ValueError):
    """A command nobody knows, or one that does not fit here; the text says what to write instead."""


Play = Callable[[Conversation, Sequence[str]], None]


class Command(msgspec.Struct, frozen=True):
    usage: str
    what: str
    play: Play


def run(talk: Conversation, line: str) -> None:
    """Play one ``/command``. Raises Misused; then nothing but time has passed."""
    name, *words = line[1:].split()[:8] or [""]
    command = COMMANDS.get(name)
    if command is None:
        raise Misused(f"no command /{name}; /help lists them all")
    try:
        command.play(talk, words)
    except (ValueError, IndexError, ArithmeticError) as wrong:
        if isinstance(wrong, Misused):
            raise
        raise Misused(f"write: {command.usage}") from None


# --- time and channel
def _wait(talk: Conversation, words: Sequence[str]) -> None:
    span = words[0]
    until = timedelta(**{_SPANS.get(span[-1], "?"): int(span[:-1])}) if span[-1] in _SPANS else None
    if until is None or not timedelta() < until <= _LONGEST_WAIT:
        raise ValueError(span)
    _go(talk, talk.now + until)


def _until(talk: Conversation, words: Sequence[str]) -> None:
    clock = time.fromisoformat(words[1]) if len(words) > 1 else time(10)
    at = datetime.combine(date.fromisoformat(words[0]), clock, SHANGHAI)
    if not talk.now < at <= talk.now + _LONGEST_WAIT:
        raise Misused(f"it is {moment(talk.now)} already, and the end is 400 days off")
    _go(talk, at)


def _go(talk: Conversation, until: datetime) -> None:
    talk.advance(until.astimezone(talk.now.tzinfo))
    talk.tell(Sort.CLOCK, moment(talk.now))


def _by_sms(talk: Conversation, _: Sequence[str]) -> None:
    talk.contact, talk.via = PHONE_ONLY, "sms"


def _by_wechat(talk: Conversation, _: Sequence[str]) -> None:
    talk.contact, talk.via = FOLLOWER, "wechat"


# --- the tenant's taps, pictures and page
def _tap(talk: Conversation, words: Sequence[str]) -> None:
    """A menu stays tappable for ever: ``old`` is the card of the offer before."""
    offer = _offer(talk)
    version = offer.version - 1 if words[1:] == ["old"] else offer.version
    if words[0] in ("yes", "no"):
        talk.deliver(ev.Denied(clicked=True) if words[0] == "no" else ev.Confirmed(offer=version, clicked=True))
        return
    talk.deliver(ev.Chose(number=int(words[0]), offer=version, clicked=True))


def _photo(talk: Conversation, words: Sequence[str]) -> None:
    count = int(words[0]) if words else 1
    if not 0 < count <= PHOTOS_MAX:
        raise ValueError(count)
    for _ in range(count):
        talk.deliver(ev.PictureSent(via=talk.via))


def _page(talk: Conversation, words: Sequence[str]) -> None:
    """Opened; with a number that proposal is picked there, with ``yes`` the pending one confirmed."""
    if not words:
        talk.deliver(ev.PageOpened(via="page"))
        return
    offer = _offer(talk)
    if words[0] == "no":
        talk.deliver(ev.Denied(via="page"))
        return
    chosen = offer.find(talk.renewal.chosen or "") if words[0] == "yes" else offer.numbered(int(words[0]))
    if chosen is None:
        raise Misused("nothing like that lies on the page")
    kind = ev.Confirmed if words[0] == "yes" else ev.Chose
    talk.deliver(kind(via="page", proposal=chosen.id, offer=offer.version, terms_hash=chosen.terms_hash))


def _dispute(talk: Conversation, _: Sequence[str]) -> None:
    """The page's button beside a bill."""
    talk.deliver(ev.BillDisputed(via="page", bill=talk.partners.owed[0].no))


def _offer(talk: Conversation) -> Offer:
    """Raises Misused."""
    if talk.renewal.offer is None:
        raise Misused("no offer was made yet")
    return talk.renewal.offer


# --- partners
def _sign(talk: Conversation, _: Sequence[str]) -> None:
    talk.deliver(ev.EnvelopeSigned(_envelope(talk)))


def _refuse(talk: Conversation, _: Sequence[str]) -> None:
    talk.deliver(ev.EnvelopeRefused(_envelope(talk)))


def _envelope(talk: Conversation) -> str:
    """Raises Misused."""
    if talk.renewal.state is not State.AWAITING_SIGNATURE or talk.renewal.envelope is None:
        raise Misused("no contract is out for signature")
    return talk.renewal.envelope


def _owe(talk: Conversation, words: Sequence[str]) -> None:
    amount = _yuan(words[0])
    talk.deliver(ev.BillPosted(talk.partners.owe(amount, talk.now)))


def _yuan(word: str) -> Fen:
    if not _AMOUNT.fullmatch(word) or yuan(word) <= 0:
        raise ValueError(word)
    return yuan(word)


def _pay(talk: Conversation, _: Sequence[str]) -> None:
    paid = talk.partners.pay()
    if paid is None:
        raise Misused("there is nothing to pay")
    talk.deliver(paid)


def _away(talk: Conversation, words: Sequence[str]) -> None:
    talk.partners.away.add(_partner(words[0]))


def _back(talk: Conversation, words: Sequence[str]) -> None:
    talk.resume(_partner(words[0]))


def _partner(name: str) -> str:
    if name not in AWAY:
        raise ValueError(name)
    return name


def _band(talk: Conversation, words: Sequence[str]) -> None:
    """The operator's policy: how far below the cheapest proposal the rule agrees by itself."""
    percent = Decimal(words[0])
    if not 0 <= percent <= 20:
        raise ValueError(percent)
    talk.policy = msgspec.structs.replace(talk.policy, auto_accept_percent=percent)


COMMANDS: dict[str, Command] = {
    "wechat": Command("/wechat", "the tenant writes on WeChat and follows the account", _by_wechat),
    "sms": Command("/sms", "the tenant has only a phone number", _by_sms),
    "wait": Command("/wait 3d | 5h | 30m", "time passes; what is due on the way happens", _wait),
    "until": Command("/until 2026-12-01 [09:30]", "go to a day and hour in Shanghai", _until),
    "tap": Command("/tap 2 | yes | no [old]", "tap a card; old: one of the offer before", _tap),
    "photo": Command("/photo [n]", "send pictures", _photo),
    "page": Command("/page [2 | yes | no]", "open the page; there pick, confirm or refuse", _page),
    "dispute": Command("/dispute", "say on the page that what is owed is wrong", _dispute),
    "sign": Command("/sign", "sign the contract", _sign),
    "refuse": Command("/refuse", "refuse to sign it", _refuse),
    "owe": Command("/owe 1200", "so many yuan more are owed", _owe),
    "pay": Command("/pay", "pay the open order, else what is owed", _pay),
    "away": Command("/away ledger | esign | pay | lock", "a partner does not answer", _away),
    "back": Command("/back ledger | esign | pay | lock", "it answers again, also what it was asked", _back),
    "band": Command("/band 3", "percent below the cheapest offer that need no person", _band),
    "claim": Command("/claim", "the housekeeper takes the thread", staff.claim),
    "release": Command("/release [offered | hesitating]", "and gives it back", staff.release),
    "approve": Command("/approve", "a person agrees to the terms asked for", staff.approve),
    "reject": Command("/reject", "or does not", staff.reject),
    "plan": Command("/plan 2026-12-20", "a payment plan stands until that day", staff.plan),
    "waive": Command("/waive", "sign although something is owed", staff.waive),
    "settle": Command("/settle", "the disputed bill was looked into", staff.settle),
    "call": Command("/call reached | no_answer | wrong_number | refused", "how the call went", staff.call),
    "relet": Command("/relet", "somebody else has taken the flat", staff.relet),
    "mend": Command("/mend", "the right way to the tenant was found", staff.mend),
}
