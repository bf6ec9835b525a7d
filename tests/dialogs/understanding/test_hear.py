"""Every intent becomes one event; the context is read off the renewal."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from dialogs import events as ev
from dialogs.lease import Lease, Party, Role, Unit
from dialogs.money import yuan
from dialogs.offer import CounterOffer, Offer, Proposal, RentStep
from dialogs.renewal import Owner, Renewal
from dialogs.states import LossReason, State
from dialogs.understanding.hear import context_of, lying, to_event
from dialogs.understanding.port import INTENTS, Context, Understood
from dialogs.understanding.recognise import understand

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LEASE = Lease(
    "L-1", "op", Unit("明月苑", "3", "301", "one"), (Party("p1", Role.TENANT),), date(2025, 4, 1), date(2026, 3, 31),
    yuan(3200), yuan(3200), yuan(3200), "hk-1", "lock-1",
)  # fmt: skip


def proposal(name: str, number: int, *steps: tuple[int, int], gift: str = "") -> Proposal:
    rents = tuple(RentStep(months, yuan(rent)) for months, rent in steps)
    return Proposal(name, number, rents, date(2026, 4, 1), date(2027, 3, 31), yuan(3200), gift=gift)


OFFER = Offer(
    1,
    (
        proposal("keep", 1, (12, 3200)),
        proposal("rise", 2, (12, 3250), gift="gift_service"),
        proposal("ladder", 3, (12, 3200), (12, 3260), (12, 3320)),
    ),
    datetime(2026, 3, 14, tzinfo=UTC),
    shown=True,
)
OFFERED = Renewal(LEASE, State.OFFERED, offer=OFFER)


def hear(text: str, renewal: Renewal = OFFERED) -> ev.AnyEvent:
    understood = understand(text, context_of(renewal), lying(renewal))
    return to_event(understood, "wechat", "m1", NOW)


def test_every_intent_becomes_an_event() -> None:
    for intent in INTENTS:
        slots: dict[str, int | str] = {"option": 1} if intent == "choose" else {}
        event = to_event(Understood(intent, slots), "sms", "m7", NOW)
        assert isinstance(event, ev.Heard)
        assert (event.via, event.message) == ("sms", "m7")


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("就要第2个", ev.Chose(message="m1", number=2)),
        ("送保洁那个", ev.Chose(message="m1", number=2)),
        ("不涨的那个", ev.Chose(message="m1", number=1)),
        ("不续了,公司搬走了", ev.Declined(message="m1", reason=LossReason.JOB)),
        ("3100行不行", ev.CounterOffered(message="m1", terms=CounterOffer(rent=yuan(3100)))),
        ("第二个再少一百就定", ev.CounterOffered(message="m1", terms=CounterOffer(rent=yuan(3150)))),
        ("打九折", ev.CounterOffered(message="m1", terms=CounterOffer(rent=yuan(2880)))),
        ("能便宜点吗", ev.CounterOffered(message="m1")),
        ("想签八个月行吗", ev.CounterOffered(message="m1", terms=CounterOffer(months=8))),
        ("我想换一间带阳台的", ev.ChangeAsked(message="m1")),
        ("能拆成3笔付吗", ev.MoneyTroubled(message="m1", instalments=3)),
        ("押金会不会退", ev.Asked(message="m1", topic="deposit")),
        ("怎么签合同", ev.Asked(message="m1", topic="signing")),
        ("门锁密码怎么办", ev.Asked(message="m1", topic="lock")),
        ("能开发票吗", ev.Asked(message="m1", topic="invoice")),
        ("退订", ev.OptedOut(message="m1")),
        ("明天再联系", ev.Deferred(message="m1", until=datetime(2026, 3, 3, 2, 0, tzinfo=UTC))),
        ("嗯嗯", ev.Acknowledged(message="m1")),
    ],
)
def test_words_become_events(text: str, event: ev.AnyEvent) -> None:
    assert hear(text) == event


def test_a_yes_needs_a_question() -> None:
    asked = msgspec.structs.replace(OFFERED, state=State.CONFIRMING, chosen="rise")
    assert hear("确定", asked) == ev.Confirmed(message="m1")
    assert hear("第二个", asked) == ev.Confirmed(message="m1")
    assert hear("第一个", asked) == ev.Chose(message="m1", number=1)
    assert hear("确定") == ev.Acknowledged(message="m1")


@pytest.mark.parametrize(
    ("state", "context"),
    [
        (State.OPENED, Context.REMINDED),
        (State.REMINDED, Context.OFFERED),
        (State.HESITATING, Context.OFFERED),
        (State.CONFIRMING, Context.CONFIRMING),
        (State.AWAITING_SIGNATURE, Context.SIGNING),
        (State.GATED, Context.PAYING),
        (State.PAYING, Context.PAYING),
        (State.RENEWED, Context.REMINDED),
    ],
)
def test_the_context_follows_the_state(state: State, context: Context) -> None:
    assert context_of(msgspec.structs.replace(OFFERED, state=state)) is context


def test_unseen_offers_are_no_context_for_a_number() -> None:
    unseen = msgspec.structs.replace(OFFERED, state=State.REMINDED, offer=msgspec.structs.replace(OFFER, shown=False))
    assert context_of(unseen) is Context.REMINDED
    assert hear("2", unseen) == ev.NotUnderstood(message="m1")


def test_a_person_who_owns_the_thread_is_the_context() -> None:
    assert context_of(msgspec.structs.replace(OFFERED, owner=Owner("u1", 1))) is Context.HANDOFF


def test_no_offer_lies_before_the_tenant_yet() -> None:
    assert lying(Renewal(LEASE)) == ()
