"""The partners' doors: a callback is a hint, and what it means is asked; late, doubled, forged or lost does no harm."""

from __future__ import annotations

import logging

import pytest

from backend.db.port import Stored
from backend.esign.port import ESignError, NotOurs
from backend.esign.port import Notice as SignNotice
from backend.payments.port import Notice as PayNotice
from backend.payments.port import PayError
from backend.sandbox.fadada_faults import Fault as SignFault
from backend.sandbox.fadada_faults import Post as SignPost
from backend.sandbox.wechatpay_faults import Fault as PayFault
from backend.sandbox.wechatpay_faults import Post as PayPost
from bot.partners import Partners, UnknownReference
from bot.poller import EVERY, Poller
from dialogs.effects import CreateBill, RequestPayment
from dialogs.events import EnvelopeSigned, PaymentSucceeded
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.shell import Shell, brought
from tests.bot.stage import OPENID, OPERATOR


async def standing(shell: Shell, across: Across, to: State) -> Stored:
    stored = await shell.stage.opened()
    across.welcome(OPENID)
    across.fit(stored.renewal.lease)
    await brought(shell, across, stored, to)
    await shell.rest(across)
    return await shell.stage.again(stored)


async def counted(shell: Shell, stored: Stored, kind: type[object]) -> int:
    return sum(isinstance(line.event, kind) for line in await shell.stage.store.log(stored.id))


async def test_a_callback_for_something_unknown_raises_and_changes_nothing(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across, State.AWAITING_SIGNATURE)
    with pytest.raises(UnknownReference, match="no renewal has envelope 'nobody'"):
        await shell.partners.envelope_moved(SignNotice("nobody", "", "sign-task-finished"))
    with pytest.raises(NotOurs, match="no renewal has payment 'R9P1A1'"):
        await shell.partners.payment_moved(PayNotice("payment", "R9P1A1", 320000))
    assert await shell.stage.unmoved(stored)


async def test_a_callback_without_its_provider_raises(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across, State.AWAITING_SIGNATURE)
    alone = Partners(shell.stage.turns, None, {})
    with pytest.raises(UnknownReference, match="no e-sign provider is connected"):
        await alone.envelope_moved(SignNotice(stored.renewal.envelope or "", "", "sign-task-finished"))
    await shell.stage.store.note_ref("payment", "R1P1A1", stored.id)
    with pytest.raises(UnknownReference, match="no payment provider is connected"):
        await alone.payment_moved(PayNotice("payment", "R1P1A1", 1))


async def test_a_callback_is_never_believed(shell: Shell, across: Across) -> None:
    """It says finished and paid; the provider, asked, knows nothing of it."""
    stored = await standing(shell, across, State.AWAITING_SIGNATURE)
    await shell.partners.envelope_moved(SignNotice(stored.renewal.envelope or "", "", "sign-task-finished"))
    assert await shell.stage.unmoved(stored)
    await across.signs()
    await shell.rest(across)
    stored = await shell.stage.again(stored)
    assert stored.renewal.state is State.PAYING
    await shell.partners.payment_moved(PayNotice("payment", stored.renewal.payment.open or "", 320000))
    assert await shell.stage.unmoved(stored)


async def test_a_refunds_callback_is_left_to_the_refunds_own_look(shell: Shell, across: Across) -> None:
    await standing(shell, across, State.PAYING)
    await shell.partners.payment_moved(PayNotice("refund", "nobody", 1))


@pytest.mark.parametrize("trouble", [None, SignPost.TWICE, SignPost.FORGED, SignPost.LATE])
async def test_a_signature_counts_once_however_its_callback_comes(
    shell: Shell, across: Across, trouble: SignPost | None
) -> None:
    stored = await standing(shell, across, State.AWAITING_SIGNATURE)
    across.esign.post_troubles.next(trouble, trouble)
    await across.signs()
    await shell.rest(across)
    across.clock.move(hours=1, seconds=1)
    await shell.rest(across)
    spoke = [line.row for line in await shell.stage.store.log(stored.id) if isinstance(line.event, EnvelopeSigned)]
    assert spoke.count("awaiting_signature --EnvelopeSigned--> billing") == 1
    assert len(await shell.stage.wished(stored, CreateBill)) == 1
    assert len(await shell.stage.wished(stored, RequestPayment)) == 1
    assert across.esign.post.counts.forged_believed == 0


@pytest.mark.parametrize("trouble", [None, PayPost.TWICE, PayPost.FORGED, PayPost.LATE])
async def test_a_payment_counts_once_however_its_callback_comes(
    shell: Shell, across: Across, trouble: PayPost | None
) -> None:
    stored = await standing(shell, across, State.PAYING)
    across.pay.post_troubles.next(trouble)
    key = stored.renewal.payment.open or ""
    await across.pay.payer_pays(key)
    await shell.rest(across)
    across.clock.move(hours=1, seconds=1)
    await shell.rest(across)
    stored = await shell.stage.again(stored)
    assert (stored.renewal.state, stored.renewal.payment.paid) == (State.RENEWED, key)
    assert [one["refunded"] for one in across.charges()] == [0]
    assert across.pay.post.counts.forged_believed == 0
    [bill] = [stored.renewal.bill]
    assert bill is not None
    assert not await shell.stage.store.pay_bill(OPERATOR, bill.no, "again", across.clock.now()), "booked already"


async def test_callbacks_after_the_end_change_nothing(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across, State.RENEWED)
    renewal = stored.renewal
    await shell.partners.envelope_moved(SignNotice(renewal.envelope or "", "", "sign-task-finished"))
    await shell.partners.payment_moved(PayNotice("payment", renewal.payment.paid or "", 320000))
    after = await shell.stage.again(stored)
    assert after.renewal == renewal
    assert [one for one in await shell.stage.store.outbox(stored.id) if one.status == "open"] == []


async def test_a_provider_that_cannot_be_asked_calls_again(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across, State.AWAITING_SIGNATURE)
    await across.signs()
    across.esign.faults.next(*[SignFault.BUSY] * 3)
    with pytest.raises(ESignError):
        await shell.partners.envelope_moved(SignNotice(stored.renewal.envelope or "", "", "x"))
    across.esign.faults.next(*[SignFault.BUSY] * 3)
    await across.esign.pump()
    assert (await shell.stage.again(stored)).renewal.state is State.AWAITING_SIGNATURE
    unmet = [across.esign.faults.ordered() for _ in range(6)]
    assert SignFault.BUSY in unmet
    across.clock.move(minutes=3, seconds=1)
    await shell.rest(across)
    stored = await shell.stage.again(stored)
    assert stored.renewal.state is State.PAYING
    across.pay.faults.next(PayFault.BUSY)
    with pytest.raises(PayError):
        await shell.partners.payment_moved(PayNotice("payment", stored.renewal.payment.open or "", 1))


async def test_lost_callbacks_are_found_by_asking(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across, State.AWAITING_SIGNATURE)
    across.esign.post_troubles.next(SignPost.LOST, SignPost.LOST)
    await across.signs()
    await shell.rest(across)
    assert (await shell.stage.again(stored)).renewal.state is State.AWAITING_SIGNATURE
    across.clock.move(seconds=EVERY.total_seconds())
    await shell.poller.round()
    await shell.rest(across)
    stored = await shell.stage.again(stored)
    assert stored.renewal.state is State.PAYING
    across.pay.post_troubles.next(PayPost.LOST)
    await across.pay.payer_pays(stored.renewal.payment.open or "")
    await shell.poller.round()
    await shell.rest(across)
    assert (await shell.stage.again(stored)).renewal.state is State.RENEWED
    assert await counted(shell, stored, PaymentSucceeded) == 1


async def test_one_partner_that_fails_does_not_hide_the_next_renewal(
    shell: Shell, across: Across, caplog: pytest.LogCaptureFixture
) -> None:
    stored = await standing(shell, across, State.AWAITING_SIGNATURE)
    across.esign.faults.next(SignFault.BUSY)
    with caplog.at_level(logging.INFO, "xuzu.partners"):
        await shell.partners.poll(OPERATOR)
    assert f"renewal {stored.id}: {stored.renewal.envelope} could not be asked" in caplog.text
    await across.signs()
    await shell.partners.poll(OPERATOR)
    assert (await shell.stage.again(stored)).renewal.state is State.BILLING


async def test_the_poller_asks_every_twenty_minutes_and_says_so(shell: Shell, across: Across) -> None:
    poller: Poller = shell.poller
    assert poller.busy == 1, "the first round is due at once"
    await poller.round()
    assert poller.busy == 0
    across.clock.at += EVERY
    assert poller.busy == 1


async def test_the_poller_outlives_a_database_that_is_away(
    shell: Shell, across: Across, caplog: pytest.LogCaptureFixture
) -> None:
    await shell.stage.store.close()
    await shell.poller.round()
    assert "poller: the database does not answer (the store is closed)" in caplog.text
    assert shell.poller.busy == 0
