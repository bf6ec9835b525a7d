"""Voiding where the provider tells less, or takes more, than its documents promise."""

from __future__ import annotations

import pytest

from backend.esign.fadada import Fadada
from backend.esign.fadada_calls import Calls
from backend.esign.fadada_look import Look
from backend.esign.fadada_undo import Undo
from backend.esign.port import EnvelopeState, ESignError
from tests.backend.esign.studio import ACCOUNT, Studio

TAKES = frozenset({"businessCode", "transReferenceId", "callbackUrl", "businessId", "followOriginalConfig"})


async def signed(studio: Studio) -> str:
    opened = await studio.opened()
    assert await studio.plays(opened.ref, "T1") == 200
    return opened.ref


def generous(studio: Studio) -> Fadada:
    """The adapter and the provider, once the provider has said that these fields are taken."""
    studio.sandbox.tasks.rules = studio.sandbox.tasks.rules._replace(voiding_takes=TAKES)
    return studio.another(voiding_takes=TAKES)


async def test_under_its_key_a_voiding_is_found_and_heard_and_sealed_by_itself(studio: Studio) -> None:
    esign, contract = generous(studio), await signed(studio)
    voiding = await esign.abolish(contract, "R1E1V1", "双方同意解除")
    found = await esign.find("R1E1V1")
    assert found is not None
    assert (found.ref, found.signed_by) == (voiding.ref, ("landlord",))
    assert await studio.plays(voiding.ref, "T1") == 200
    assert (await esign.state(contract)).state is EnvelopeState.VOIDED
    await studio.sandbox.pump()
    assert ("R1E1V1", "sign-task-finished") in [(one.key, one.event) for one in studio.ear.heard]


async def test_under_its_key_a_refused_voiding_is_not_asked_for_again(studio: Studio) -> None:
    esign, contract = generous(studio), await signed(studio)
    first = await esign.abolish(contract, "R1E1V1", "双方同意解除")
    await studio.plays(first.ref, "T1", "refuse")
    again = await esign.abolish(contract, "R1E1V1", "双方同意解除")
    assert (again.ref, again.state) == (first.ref, EnvelopeState.REFUSED)
    assert (await esign.abolish(contract, "R1E1V2", "双方同意解除")).ref != first.ref


async def test_a_field_the_provider_does_not_take_is_a_final_no(studio: Studio) -> None:
    contract = await signed(studio)
    with pytest.raises(ESignError) as no:
        await studio.another(voiding_takes=TAKES).abolish(contract, "R1E1V1", "双方同意解除")
    assert (no.value.final, no.value.code) == (True, "100011")
    assert (await studio.esign.state(contract)).state is EnvelopeState.SIGNED


async def test_a_voiding_that_was_made_and_not_started_is_started(studio: Studio) -> None:
    contract = await signed(studio)
    calls = Calls(ACCOUNT, studio.session, studio.clock, api=studio.api)
    wish = {"signTaskId": contract, "abolishedInitiator": {"actorId": "T1"}, "reason": "双方同意解除"}
    await calls.tell("/sign-task/abolish", dict(wish))
    assert (await studio.esign.state(contract)).raw == "task_finished"
    voiding = await studio.esign.abolish(contract, "R1E1V1", "双方同意解除")
    assert (voiding.raw, (await studio.esign.state(contract)).raw) == ("sign_progress", "abolishing")


async def test_a_voiding_the_provider_does_not_name_is_unknown(studio: Studio) -> None:
    contract = await signed(studio)
    await studio.esign.abolish(contract, "R1E1V1", "双方同意解除")
    studio.sandbox.book.tasks[contract].voided_by = ""
    undo = Undo(Look(Calls(ACCOUNT, studio.session, studio.clock, api=studio.api)))
    with pytest.raises(ESignError) as doubt:
        await undo.abolish(contract, "R1E1V1", "双方同意解除")
    assert doubt.value.unknown
