"""The e-sign hand: one envelope whatever the wire does, withdrawn when asked, and its news told once."""

from __future__ import annotations

import aiohttp
import pytest

from backend.db.port import LeaseRow, Stored
from backend.esign.fadada import Fadada
from backend.esign.fadada_calls import Calls
from backend.esign.fadada_wire import Account
from backend.sandbox.fadada_faults import Fault
from bot.app import TEMPLATES
from bot.documents import Documents
from bot.effects.esign import DELAYED_AFTER, envelope_news, esign_hands
from dialogs.effects import Lane, OpenEnvelope, WithdrawEnvelope
from dialogs.events import (
    EnvelopeDelayed,
    EnvelopeExpired,
    EnvelopeFailed,
    EnvelopeRefused,
    EnvelopeSigned,
    MoneyTroubled,
    PartySigned,
)
from dialogs.lease import Party, Role
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.hands import dispatcher
from tests.bot.shell import Shell
from tests.bot.stage import OPERATOR, Stage, row

COUPLE = (Party("p-1", Role.TENANT), Party("p-9", Role.CO_TENANT))
CALLS = 4
"""Of one opening: look for it, upload address, file, create."""


async def awaiting(stage: Stage, *rows: LeaseRow) -> tuple[Stored, OpenEnvelope]:
    """A renewal whose envelope is wished and not yet opened."""
    stored = await stage.brought(await stage.opened(*rows), State.AWAITING_SIGNATURE)
    [wish] = await stage.wished(stored, OpenEnvelope)
    return stored, wish


async def until_known(shell: Shell, stored: Stored, tries: int = 10) -> Stored:
    """Lane after lane, each try after its pause, until the renewal knows its envelope."""
    for _ in range(tries):
        stored = await shell.stage.again(stored)
        if stored.renewal.envelope is not None:
            break
        await shell.dispatcher.run_once(Lane.ESIGN)
        shell.stage.clock.move(seconds=61)
    return stored


@pytest.mark.parametrize(
    "fault", [Fault.BUSY, Fault.BROKEN_AFTER, Fault.RESET_AFTER, Fault.CUT_SHORT, Fault.STALE_ACCESS]
)
async def test_one_trouble_at_any_call_still_makes_exactly_one_envelope(
    shell: Shell, across: Across, fault: Fault
) -> None:
    """One lease after the other, each meets it one call later."""
    await shell.stage.opened(*(row(number) for number in range(1, CALLS + 1)))
    for call, fresh in enumerate(await shell.stage.store.renewals(OPERATOR)):
        stored = await shell.stage.brought(fresh, State.AWAITING_SIGNATURE)
        across.esign.faults.next(*[None] * call, fault)
        stored = await until_known(shell, stored)
        assert across.esign.faults.ordered() is None, "the trouble was met"
        assert stored.renewal.envelope in across.esign.book.tasks
        assert across.envelopes(f"E{stored.id}N1") == 1
        assert await shell.stage.store.locate("envelope", stored.renewal.envelope or "") == stored.id


async def test_a_provider_that_stays_silent_is_asked_again_and_not_doubled(shell: Shell, across: Across) -> None:
    stored, wish = await awaiting(shell.stage)
    settings = across.settings.fadada
    assert settings is not None
    account = Account(settings.app_id, settings.app_secret, settings.open_corp_id, settings.business_id)
    patience = aiohttp.ClientTimeout(total=0.3)
    calls = Calls(account, across.session, across.clock, api=settings.api_base, timeout=patience)
    shell.adapters.esign = Fadada(calls, f"{across.settings.public_url}/callbacks/fadada")
    hasty = Shell(shell.stage, shell.adapters)
    across.esign.faults.next(*[None] * (CALLS - 1), Fault.SILENT_AFTER)
    stored = await until_known(hasty, stored)
    assert across.esign.faults.ordered() is None
    assert stored.renewal.envelope is not None
    assert across.envelopes(wish.key) == 1


async def test_a_provider_that_is_down_costs_the_tenant_no_day_and_is_told_once(shell: Shell, across: Across) -> None:
    stored, wish = await awaiting(shell.stage)
    across.esign.faults.next(*[Fault.BUSY] * 40)
    for _ in range(DELAYED_AFTER + 2):
        await shell.dispatcher.run_once(Lane.ESIGN)
        [waiting] = [one for one in await shell.stage.store.outbox(stored.id) if one.effect.key == wish.key]
        shell.stage.clock.at = waiting.run_at
    told = [line.event for line in await shell.stage.store.log(stored.id)]
    assert told.count(EnvelopeDelayed()) == 1
    assert across.envelopes(wish.key) == 0


async def test_a_provider_that_says_no_for_good_is_a_matter_for_people(shell: Shell, across: Across) -> None:
    stored, wish = await awaiting(shell.stage)
    settings = across.settings.fadada
    assert settings is not None
    calls = Calls(
        Account(settings.app_id, settings.app_secret, "corp-of-others"),
        across.session,
        across.clock,
        api=settings.api_base,
    )
    hands = esign_hands(shell.stage.store, Fadada(calls, ""), Documents(TEMPLATES).paper)
    await dispatcher(shell.stage, hands).run_once(Lane.ESIGN)
    [failed] = [one.event for one in await shell.stage.store.log(stored.id) if isinstance(one.event, EnvelopeFailed)]
    assert failed.reason
    assert (await shell.stage.status(stored, wish.key))[0] == "done"
    assert across.envelopes(wish.key) == 0


async def test_a_party_without_personal_data_is_a_dead_letter_not_a_blank_contract(
    shell: Shell, across: Across
) -> None:
    both = row(parties=COUPLE)
    stored, wish = await awaiting(shell.stage, LeaseRow(both.lease, both.people[:1], openid=both.openid))
    await shell.dispatcher.run_once(Lane.ESIGN)
    assert (await shell.stage.status(stored, wish.key))[::2] == ("dead", "party p-9 has no row of personal data")
    assert across.envelopes(wish.key) == 0


async def test_everybody_on_the_lease_has_to_sign_and_each_is_told_once(shell: Shell, across: Across) -> None:
    stored, _ = await awaiting(shell.stage, row(parties=COUPLE))
    stored = await until_known(shell, stored)
    ref = stored.renewal.envelope or ""
    esign = shell.adapters.esign
    assert esign is not None
    assert await envelope_news(esign, stored, ref) == []
    book = across.esign.book
    book.sign(book.task(ref), book.task(ref).actor("p-1"))
    assert await envelope_news(esign, stored, ref) == [PartySigned(ref, "p-1")]
    stored = await shell.stage.tell(stored, PartySigned(ref, "p-1"))
    assert await envelope_news(esign, stored, ref) == []
    book.sign(book.task(ref), book.task(ref).actor("p-9"))
    second, final = await envelope_news(esign, stored, ref)
    assert second == PartySigned(ref, "p-9")
    assert isinstance(final, EnvelopeSigned)
    assert len(final.sha256) == 64


async def test_refused_and_expired_are_told_as_such(shell: Shell, across: Across) -> None:
    stored, _ = await awaiting(shell.stage, row(1), row(2))
    stored = await until_known(shell, stored)
    ref, esign = stored.renewal.envelope or "", shell.adapters.esign
    assert esign is not None
    task = across.esign.book.task(ref)
    across.clock.move(days=30)
    assert await envelope_news(esign, stored, ref) == [EnvelopeExpired(ref)]
    across.clock.move(days=-30)
    task.state, task.ended = "sign_progress", None
    across.esign.book.refuse(task, task.actor("p-1"), "不同意")
    assert await envelope_news(esign, stored, ref) == [EnvelopeRefused(ref)]


async def test_an_envelope_that_is_asked_back_is_ended_at_the_provider(shell: Shell, across: Across) -> None:
    stored, _ = await awaiting(shell.stage)
    stored = await until_known(shell, stored)
    ref = stored.renewal.envelope or ""
    await shell.stage.tell(stored, MoneyTroubled())
    [wish] = await shell.stage.wished(stored, WithdrawEnvelope)
    across.esign.faults.next(None, Fault.RESET_AFTER)
    for _ in range(5):
        if not await shell.dispatcher.run_once(Lane.ESIGN):
            shell.stage.clock.move(seconds=61)
    assert across.esign.book.task(ref).state == "task_terminated"
    assert await shell.stage.status(stored, wish.key) == ("done", 2, "envelope is withdrawn")
