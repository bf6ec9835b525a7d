"""The demo's truth check on a passage really played: sound as it is, and broken wherever somebody tampers with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import msgspec
import pytest

from backend.db.port import Stored, Words
from backend.payments.port import Payer
from bot.demo_sms import SmsVendors
from bot.demo_truth import Truth, examine
from bot.demo_world import World
from dialogs.effects import Lane
from dialogs.events import Declined, Greeted, MoveOutDone
from dialogs.money import Fen
from dialogs.states import LossReason, State
from tests.bot.across import Across, across_the_street
from tests.bot.shell import Shell, brought
from tests.bot.stage import OPENID, OPERATOR, StageClock, row


@dataclass
class Played:
    """One lease renewed, one lost; ``cohort`` is what the check is told."""

    shell: Shell
    across: Across
    cohort: list[Stored]

    async def truth(self, *locked_out: str) -> Truth:
        return await examine(cast("World", self.across), self.shell.stage.store, self.cohort, locked_out)

    @property
    def kept(self) -> Stored:
        return self.cohort[0]

    def order(self) -> str:
        return self.kept.renewal.payment.paid or ""

    def claim(self, **changes: object) -> None:
        """What the product says of the renewed lease, changed."""
        renewal = msgspec.structs.replace(self.kept.renewal, **changes)
        self.cohort[0] = msgspec.structs.replace(self.kept, renewal=renewal)


@pytest.fixture
async def across(clock: StageClock, merchant_keys: tuple[str, str]) -> AsyncIterator[Across]:
    """With SMS beside WeChat, as in the demo."""
    async with across_the_street(clock, merchant_keys, lambda public: SmsVendors(public, clock, 7)) as partners:
        yield partners


@pytest.fixture
async def played(shell: Shell, across: Across) -> Played:
    await shell.stage.opened(row(1), row(2))
    kept, lost = await shell.stage.store.renewals(OPERATOR)
    for one in (kept, lost):
        across.welcome(one.renewal.lease.tenant.id.replace("p-", "o-tenant-"))
        across.fit(one.renewal.lease)
    await brought(shell, across, kept, State.REMINDED)
    await shell.rest(across)
    across.clock.move(hours=1)
    await brought(shell, across, kept, State.RENEWED)
    await shell.rest(across)
    await shell.stage.tell(lost, Declined(reason=LossReason.JOB, via="page"))
    await shell.stage.tell(lost, MoveOutDone(actor="hk-lin"))
    await shell.rest(across)
    return Played(shell, across, await shell.stage.store.renewals(OPERATOR))


async def test_a_sound_season_has_no_violation_and_counts_what_the_partners_saw(played: Played) -> None:
    truth = await played.truth()
    assert truth.violations == []
    counts = truth.counts
    assert (counts["charges"], counts["charged_fen"], counts["refunds"]) == (1, 320000, 0)
    assert (counts["envelopes"], counts["contracts_signed"], counts["doors_moved"]) == (1, 1, 1)
    assert counts["seals"] >= 1
    assert counts["wechat_shown_template"] == len(
        [
            one
            for openid in played.across.wechat.openids()
            for one in played.across.wechat.inbox(openid)
            if one.kind == "template"
        ]
    )


async def charged_for_nobody(played: Played) -> None:
    payments = played.shell.adapters.payments["wechatpay"]
    await payments.order("R99P1A1", 100, "首期租金 other", Payer(OPENID))
    await played.across.pay.payer_pays("R99P1A1")


async def charged_twice(played: Played) -> None:
    payments, bill = played.shell.adapters.payments["wechatpay"], played.kept.renewal.bill
    assert bill is not None
    await payments.order("R1P1A2", bill.amount, f"首期租金 {bill.no}", Payer(OPENID))
    await played.across.pay.payer_pays("R1P1A2")


async def charged_another_amount(played: Played) -> None:
    bill = played.kept.renewal.bill
    assert bill is not None
    played.claim(bill=msgspec.structs.replace(bill, amount=Fen(bill.amount - 1)))


async def charged_before_the_signature(played: Played) -> None:
    order = played.across.pay.book.orders[played.order()]
    assert order.paid_at is not None
    order.paid_at -= timedelta(days=1)


async def never_charged(played: Played) -> None:
    del played.across.pay.book.orders[played.order()]


async def envelope_doubled(played: Played) -> None:
    book = played.across.esign.book
    task = next(iter(book.tasks.values()))
    book.add(task.asked, task.actors, task.document, task.expires)


async def never_signed(played: Played) -> None:
    task = next(iter(played.across.esign.book.tasks.values()))
    task.state = "task_terminated"


async def signed_for_nobody(played: Played) -> None:
    book = played.across.esign.book
    task = next(iter(book.tasks.values()))
    other = book.add({**task.asked, "businessCode": "E9N9", "autoStart": False}, task.actors, b"", task.expires)
    other.state = "task_finished"


async def contract_shared(played: Played) -> None:
    played.cohort.append(played.kept)


async def door_shut_early(played: Played) -> None:
    door = played.across.locks.doors.doors[int(played.kept.renewal.lease.lock)]
    for number, one in list(door.lock.items()):
        assert one.end is not None
        door.lock[number] = type(one)(one.id, one.kind, one.start, one.end - timedelta(days=30), one.used)


async def door_left_open(played: Played) -> None:
    lost = played.cohort[1].renewal.lease
    far = played.across.clock.now() + timedelta(days=400)
    played.across.locks.doors.add(int(lost.lock), "passcode", [(None, far)])


async def notice_at_night(played: Played) -> None:
    shown = played.across.wechat.inbox(OPENID)
    night = played.across.clock.now().replace(hour=14)
    shown.append(type(shown[0])(night, "template", "租约到期提醒"))


async def answered_in_two_ways(played: Played) -> None:
    played.across.wechat.book.answers["7"] = {"好", "不好"}


async def not_ended(played: Played) -> None:
    played.claim(state=State.EXTENDING)


async def lost_without_reason(played: Played) -> None:
    lost = played.cohort[1]
    renewal = msgspec.structs.replace(lost.renewal, loss=None)
    played.cohort[1] = msgspec.structs.replace(lost, renewal=renewal)


async def row_without_its_log(played: Played) -> None:
    played.claim(said=played.kept.renewal.said + 1)


async def effect_stuck(played: Played) -> None:
    stage = played.shell.stage
    await stage.tell(played.kept, Greeted())
    [claim] = await stage.claim(Lane.CHAT)
    await stage.store.postpone(claim, stage.clock.now(), "nobody answers", unsure=False, dead=True)
    played.cohort[0] = await stage.again(played.kept)


async def reminded_again(played: Played) -> None:
    """A second time, and after the end."""
    stage = played.shell.stage
    words = Words("say:x", "bot", "wechat", "您的租约快到期了", "remind_warm")
    await stage.turns.deliver(played.kept.id, Greeted(), words=(words,))
    await stage.settle_all()
    played.cohort[0] = await stage.again(played.kept)


TAMPERED: tuple[tuple[Callable[[Played], Awaitable[None]], str], ...] = (
    (charged_for_nobody, "charge R99P1A1 belongs to no renewal that knows of it"),
    (charged_twice, "charged twice and kept: 首期租金"),
    (charged_before_the_signature, "came before the signature"),
    (charged_another_amount, "is not what its bill says"),
    (never_charged, "believes it was paid, nobody was"),
    (envelope_doubled, "envelope E1N1 exists 2 times"),
    (signed_for_nobody, "is signed, and no renewal counts it"),
    (never_signed, "counts as signed, and is not"),
    (door_shut_early, "is paid and its door closes early"),
    (door_left_open, "its door was prolonged, and nobody says why"),
    (notice_at_night, "a notice left at 09-02 22:00"),
    (answered_in_two_ways, "message 7 was answered in two ways"),
    (reminded_again, "reminders came as ['remind_warm', 'remind_warm']"),
    (effect_stuck, "Say is dead: nobody answers"),
    (row_without_its_log, "replaying its log gives another row"),
    (not_ended, "has not ended: extending"),
    (lost_without_reason, "ended as moved_out with reason None"),
    (contract_shared, "carries two renewals"),
)


async def test_each_broken_promise_is_found_as_soon_as_it_is_broken(played: Played) -> None:
    """One after the other on the same season: a violation that was not there before must be there now."""
    before: list[str] = []
    for tamper, words in TAMPERED:
        assert not [one for one in before if words in one]
        await tamper(played)
        found = (await played.truth()).violations
        assert [one for one in found if words in one], f"{words}: {found}"
        before = found


async def test_a_reminder_after_the_end_is_found(played: Played) -> None:
    await reminded_again(played)
    assert "renewal 1: remind_warm went out while renewed" in (await played.truth()).violations


async def test_a_door_found_shut_on_the_daily_walk_is_a_violation(played: Played) -> None:
    assert (await played.truth("2026-09-03: renewal 1 stands before a shut door")).violations == [
        "2026-09-03: renewal 1 stands before a shut door"
    ]


async def test_a_funnel_with_somebody_still_on_the_way_does_not_tie_out(played: Played) -> None:
    stage = played.shell.stage
    await stage.opened(row(1), row(2), row(3))
    found = (await played.truth()).violations
    assert found == ["the funnel does not tie out: 3 = 1 + 1 + 1 open?"]
