"""Rent taken by a mandate, played through with the provider: signed on its page, announced, taken, or refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.db.port import Stored
from backend.payments.port import PayError, Reason
from backend.sandbox.wechatpay_faults import Fault
from bot.dispatcher import Later
from bot.effects.deduct import mandate_number, next_morning, renewal_of
from bot.effects.refused import AGAIN, REFUSALS, refused
from channels.page.links import Link
from dialogs.effects import RequestPayment
from dialogs.events import ChargeAccepted, MandateSigned, PaymentRefused, PaymentSucceeded, Refusal
from dialogs.states import Milestone, State
from tests.bot.across import Across
from tests.bot.shell import Shell, brought
from tests.bot.stage import NOW, OPERATOR, lease, row


async def mandated(shell: Shell, across: Across) -> Stored:
    """At the signature, with a mandate signed in WeChat meanwhile."""
    stored = await shell.stage.opened(row())
    across.welcome("o-tenant-1")
    across.fit(lease())
    shell.answer_at(across.doors)
    stored = await brought(shell, across, stored, State.AWAITING_SIGNATURE)
    await shell.rest(across)
    view = await shell.page._show(await shell.stage.again(stored), Link(stored.id, NOW, "j1"))
    async with across.session.get(view.mandate_links["entrust"]) as page:
        assert page.status == 200
    where = across.origins["pay"] + "/papay/entrustweb/sign"
    async with across.session.post(where, data={"code": mandate_number(stored.id)}) as done:
        assert done.status == 200
    await shell.rest(across)
    return await shell.stage.again(stored)


async def lived_through(shell: Shell, across: Across, stored: Stored, to: State, days: int = 12) -> Stored:
    """Moment after moment until it has come to this state."""
    until = shell.stage.clock.at + timedelta(days=days)
    while shell.stage.clock.at < until:
        await shell.rest(across)
        stored = await shell.stage.again(stored)
        if stored.renewal.state is to:
            return stored
        due = await shell.next_moment(across)
        assert due is not None
        shell.stage.clock.at = max(due, shell.stage.clock.at + timedelta(seconds=1))
    raise AssertionError(f"it stays in {stored.renewal.state}: {stored.renewal.payment}")


async def told(shell: Shell, stored: Stored, kind: type[object]) -> list[object]:
    return [line.event for line in await shell.stage.store.log(stored.id) if isinstance(line.event, kind)]


async def test_signed_announced_taken_renewed(shell: Shell, across: Across) -> None:
    stored = await mandated(shell, across)
    assert stored.renewal.standing_mandate == "entrust:M1"
    assert await told(shell, stored, MandateSigned) == [MandateSigned("entrust:M1")]
    await across.signs()
    stored = await lived_through(shell, across, stored, State.RENEWED)
    [charge] = across.charges()
    assert (charge["number"], charge["amount"]) == ("R1P1A1", 320000)
    [accepted] = await told(shell, stored, ChargeAccepted)
    assert isinstance(accepted, ChargeAccepted)
    assert accepted.opens is not None
    assert across.pay.book.orders["R1P1A1"].paid_at >= accepted.opens  # type: ignore[operator]
    [paid] = await told(shell, stored, PaymentSucceeded)
    assert isinstance(paid, PaymentSucceeded)
    assert paid.channel == "entrust"
    following = await shell.stage.store.lease(OPERATOR, "YJ-0001-2610")
    assert following is not None
    assert following.mandate == "entrust:M1", "the next renewal knows it, too"


async def test_the_first_deduction_fails_after_signing(shell: Shell, across: Across) -> None:
    """The one bank-limit row of the seed: contract stands, access in grace, another way to pay, finance on day 3."""
    stored = await mandated(shell, across)
    across.entrust.bank_says("M1", "NOTENOUGH")
    await across.signs()
    until = shell.stage.clock.at + timedelta(days=6)
    while not (stored := await shell.stage.again(stored)).renewal.payment.by_hand and shell.stage.clock.at < until:
        await shell.rest(across)
        due = await shell.next_moment(across)
        assert due is not None
        shell.stage.clock.at = max(due, shell.stage.clock.at + timedelta(seconds=1))
    await shell.rest(across)
    stored = await shell.stage.again(stored)
    assert await told(shell, stored, PaymentRefused) == [PaymentRefused("R1P1A1", Refusal.TENANT_CAN_FIX)]
    assert (stored.renewal.state, stored.renewal.milestone) == (State.PAYING, Milestone.SIGNED)
    [_, by_hand] = await shell.stage.wished(stored, RequestPayment)
    assert (by_hand.key, by_hand.mandate) == ("R1P1A2", "")
    assert (await shell.page._show(stored, Link(stored.id, NOW, "j1"))).pay_sheet, "the page offers the other way"
    held = stored.renewal.access_until
    assert held is not None
    assert held > stored.renewal.lease.end, "the door is bridged"
    while shell.stage.clock.at < until:
        await shell.rest(across)
        due = await shell.next_moment(across)
        assert due is not None
        shell.stage.clock.at = max(due, shell.stage.clock.at + timedelta(seconds=1))
    tasks = {task.kind for task in await shell.stage.store.tasks(OPERATOR)}
    assert "chase_payment" in tasks, "finance looks on the due day"
    await across.pay.payer_pays("R1P1A2")
    stored = await lived_through(shell, across, stored, State.RENEWED, 20)
    assert [charge["number"] for charge in across.charges()] == ["R1P1A2"]


async def test_the_tenant_ends_it_after_the_notice(shell: Shell, across: Across) -> None:
    stored = await mandated(shell, across)
    await across.signs()
    stored = await lived_through(shell, across, stored, State.PAYING)
    await shell.rest(across)
    across.entrust.tenant_ends("M1")
    await shell.rest(across)
    stored = await shell.stage.again(stored)
    assert stored.renewal.standing_mandate == ""
    shell.stage.clock.move(days=3)
    await shell.rest(across)
    stored = await shell.stage.again(stored)
    assert stored.renewal.payment.by_hand
    await across.pay.payer_pays(stored.renewal.payment.open or "")
    await lived_through(shell, across, stored, State.RENEWED, 20)
    assert len(across.charges()) == 1


@pytest.mark.parametrize("fault", [Fault.BROKEN_AFTER, Fault.RESET_AFTER, Fault.BAD_SIGNATURE, Fault.CUT_SHORT])
async def test_one_charge_whatever_the_wire_does(shell: Shell, across: Across, fault: Fault) -> None:
    stored = await mandated(shell, across)
    await across.signs()
    stored = await lived_through(shell, across, stored, State.PAYING)
    for _ in range(8):
        across.entrust.faults.next(fault, None)
    await lived_through(shell, across, stored, State.RENEWED, 15)
    assert [charge["number"] for charge in across.charges()] == ["R1P1A1"]


async def test_lost_results_are_asked_for(shell: Shell, across: Across) -> None:
    stored = await mandated(shell, across)
    await across.signs()
    across.entrust.post.lost = 100
    await lived_through(shell, across, stored, State.RENEWED, 15)
    assert len(across.charges()) == 1


async def test_what_is_accepted_but_not_found_is_taken_once(shell: Shell, across: Across) -> None:
    stored = await mandated(shell, across)
    await across.signs()
    across.entrust.hides = 2
    await lived_through(shell, across, stored, State.RENEWED, 15)
    assert len(across.charges()) == 1


def test_every_reason_is_either_asked_again_or_refused() -> None:
    assert not AGAIN & set(REFUSALS)
    assert AGAIN | set(REFUSALS) == set(Reason)
    with pytest.raises(Later):
        refused("R1P1A1", PayError(Reason.UNKNOWN, "NO_ANSWER"))
    assert refused("R1P1A1", PayError(Reason.LIMIT, "RULELIMIT")).event == PaymentRefused("R1P1A1", Refusal.LIMIT)


def test_a_mandates_number_tells_its_renewal() -> None:
    assert renewal_of(mandate_number(12)) == 12
    assert renewal_of("X12") is renewal_of("M") is renewal_of("M1x") is None


def test_the_next_morning_is_never_behind() -> None:
    assert next_morning(NOW) > NOW
    assert next_morning(NOW - timedelta(hours=4)) - NOW == timedelta(hours=-2)
