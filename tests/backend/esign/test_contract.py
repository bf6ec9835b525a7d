"""What every e-sign provider promises, held against the sandbox over loopback HTTP."""

from __future__ import annotations

import hashlib

import pytest

from backend.esign.fadada_task import LANDLORD
from backend.esign.port import EnvelopeState, ESignError, Notice, Signer
from backend.sandbox.fadada_faults import Fault
from tests.backend.esign.studio import FRIEND, PAPER, TENANT, Studio

DONE_BUT_UNSURE = (Fault.BROKEN_AFTER, Fault.RESET_AFTER, Fault.CUT_SHORT)
SURELY_NOT_DONE = (Fault.THROTTLED,)
CALLS_BEFORE_CREATE = 3
"""List, upload address, processing: the create call is the fourth."""
CALLS_BEFORE_ABOLISH = 1
"""Where the contract stands is asked first."""


async def test_all_sign_and_the_paper_can_be_fetched(studio: Studio) -> None:
    opened = await studio.opened("R1E1", TENANT, FRIEND)
    assert opened.state is EnvelopeState.SIGNING
    assert await studio.plays(opened.ref, "T1") == 200
    half = await studio.esign.state(opened.ref)
    assert (half.state, half.signed_by) == (EnvelopeState.SIGNING, ("landlord", "T1"))
    assert await studio.plays(opened.ref, "T2") == 200
    done = await studio.esign.state(opened.ref)
    assert (done.state, set(done.signed_by)) == (EnvelopeState.SIGNED, {"landlord", "T1", "T2"})
    paper = await studio.esign.fetch_signed(opened.ref)
    assert paper.startswith(PAPER)
    again = await studio.esign.fetch_signed(opened.ref)
    assert hashlib.sha256(again).digest() == hashlib.sha256(paper).digest()


async def test_the_same_key_again_is_the_same_envelope(studio: Studio) -> None:
    first, second = await studio.opened(), await studio.opened()
    assert (first.ref, studio.envelopes("R1E1")) == (second.ref, 1)
    assert (await studio.opened("R2E1")).ref != first.ref


@pytest.mark.parametrize("fault", DONE_BUT_UNSURE)
async def test_a_create_that_was_only_thought_lost_is_adopted(studio: Studio, fault: Fault) -> None:
    studio.sandbox.faults.next(*[None] * CALLS_BEFORE_CREATE, fault)
    with pytest.raises(ESignError) as doubt:
        await studio.opened()
    assert (doubt.value.unknown, doubt.value.final) == (True, False)
    adopted = await studio.opened()
    assert (adopted.state, studio.envelopes("R1E1")) == (EnvelopeState.SIGNING, 1)
    assert adopted.ref in studio.sandbox.book.tasks


async def test_silence_is_unknown_and_then_adopted(studio: Studio) -> None:
    studio.sandbox.faults.next(*[None] * CALLS_BEFORE_CREATE, Fault.SILENT_AFTER)
    with pytest.raises(ESignError) as doubt:
        await studio.another(seconds=0.3).open("R1E1", "续租协议", PAPER, (TENANT,), studio.expires())
    assert (doubt.value.unknown, doubt.value.code) == (True, "NO_ANSWER")
    await studio.opened()
    assert studio.envelopes("R1E1") == 1


@pytest.mark.parametrize("fault", SURELY_NOT_DONE)
async def test_throttled_is_neither_unknown_nor_final(studio: Studio, fault: Fault) -> None:
    studio.sandbox.faults.next(*[None] * CALLS_BEFORE_CREATE, fault)
    with pytest.raises(ESignError) as throttled:
        await studio.opened()
    assert (throttled.value.retry, throttled.value.unknown, throttled.value.final) == (True, False, False)
    assert studio.envelopes("R1E1") == 0


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.UNLUCKY])
async def test_busy_leaves_the_outcome_unknown(studio: Studio, fault: Fault) -> None:
    studio.sandbox.faults.next(*[None] * CALLS_BEFORE_CREATE, fault)
    with pytest.raises(ESignError) as doubt:
        await studio.opened()
    assert doubt.value.unknown
    await studio.opened()
    assert studio.envelopes("R1E1") == 1


async def test_nobody_there_is_worth_another_try(studio: Studio) -> None:
    nowhere = studio.another(api="http://127.0.0.1:9/api/v5")
    with pytest.raises(ESignError) as gone:
        await nowhere.find("R1E1")
    assert (gone.value.code, gone.value.retry) == ("UNREACHABLE", True)


async def test_of_twins_the_one_that_got_furthest_is_adopted(studio: Studio) -> None:
    first = await studio.opened()
    book = studio.sandbox.book
    task = book.tasks[first.ref]
    twin = book.add(
        task.asked, [type(one)(one.id, one.name, one.phone, one.verify_free) for one in task.actors], PAPER, None
    )
    assert studio.envelopes("R1E1") == 2
    assert await studio.plays(twin.id, "T1") == 200
    found = await studio.esign.find("R1E1")
    assert found is not None
    assert (found.ref, found.state) == (twin.id, EnvelopeState.SIGNED)


async def test_nothing_under_a_key_is_none(studio: Studio) -> None:
    assert await studio.esign.find("R404E1") is None


async def test_a_refusal_is_told_from_a_withdrawal(studio: Studio) -> None:
    refused = await studio.opened("R1E1")
    assert await studio.plays(refused.ref, "T1", "refuse") == 200
    assert (await studio.esign.state(refused.ref)).state is EnvelopeState.REFUSED
    withdrawn = await studio.opened("R2E1")
    assert (await studio.esign.withdraw(withdrawn.ref, "条款有误")).state is EnvelopeState.WITHDRAWN
    assert (await studio.esign.state(withdrawn.ref)).state is EnvelopeState.WITHDRAWN
    assert studio.sandbox.book.tasks[withdrawn.ref].note == "条款有误"


async def test_withdrawing_what_rests_only_tells_where_it_rests(studio: Studio) -> None:
    signed, refused, late = [await studio.opened(f"R{n}E1") for n in (1, 2, 3)]
    await studio.plays(signed.ref, "T1")
    await studio.plays(refused.ref, "T1", "refuse")
    studio.clock.move(days=8)
    states = [(await studio.esign.withdraw(one.ref, "晚了")).state for one in (signed, refused, late)]
    assert states == [EnvelopeState.SIGNED, EnvelopeState.REFUSED, EnvelopeState.EXPIRED]
    withdrawn = await studio.opened("R4E1")
    for _ in range(2):
        assert (await studio.esign.withdraw(withdrawn.ref, "两次")).state is EnvelopeState.WITHDRAWN


async def test_withdrawing_a_draft_deletes_it(studio: Studio) -> None:
    draft = await draft_of(studio)
    assert (await studio.esign.withdraw(draft, "没用")).state is EnvelopeState.WITHDRAWN
    assert draft not in studio.sandbox.book.tasks


async def test_only_a_draft_is_deleted(studio: Studio) -> None:
    draft = await draft_of(studio)
    await studio.esign.delete(draft)
    assert draft not in studio.sandbox.book.tasks
    running = await studio.opened("R2E1")
    for ref in (draft, running.ref):
        with pytest.raises(ESignError) as no:
            await studio.esign.delete(ref)
        assert no.value.final
    assert (await studio.esign.state(running.ref)).state is EnvelopeState.SIGNING


async def test_a_contract_is_void_once_everybody_has_signed_that_it_is(studio: Studio) -> None:
    signed = await contract(studio, TENANT, FRIEND)
    voiding = await studio.esign.abolish(signed, "R1E1V1", "双方同意解除")
    assert (voiding.state, voiding.ref != signed) == (EnvelopeState.SIGNING, True)
    for party in ("T1", "T2", LANDLORD):
        assert (await studio.esign.state(signed)).state is EnvelopeState.SIGNED
        assert await studio.plays(voiding.ref, party) == 200
    assert (await studio.esign.state(signed)).state is EnvelopeState.VOIDED
    assert (await studio.esign.state(voiding.ref)).state is EnvelopeState.SIGNED
    truth = studio.sandbox.truth()["tasks"]
    assert isinstance(truth, dict)
    assert (truth[signed]["state"], truth[voiding.ref]["voids"]) == ("revoked", signed)
    await studio.sandbox.pump()
    assert studio.ear.heard[-1] == Notice(signed, "R1E1", "sign-task-abolish")


@pytest.mark.parametrize("fault", DONE_BUT_UNSURE)
async def test_a_voiding_that_was_only_thought_lost_is_adopted(studio: Studio, fault: Fault) -> None:
    signed = await contract(studio)
    studio.sandbox.faults.next(*[None] * CALLS_BEFORE_ABOLISH, fault)
    with pytest.raises(ESignError) as doubt:
        await studio.esign.abolish(signed, "R1E1V1", "双方同意解除")
    assert doubt.value.unknown
    refs = {(await studio.esign.abolish(signed, "R1E1V1", "双方同意解除")).ref for _ in range(2)}
    assert refs == set(voidings(studio, signed))


@pytest.mark.parametrize("fault", [*SURELY_NOT_DONE, Fault.BUSY])
async def test_a_voiding_nobody_made_is_made_at_the_next_try(studio: Studio, fault: Fault) -> None:
    signed = await contract(studio)
    studio.sandbox.faults.next(*[None] * CALLS_BEFORE_ABOLISH, fault)
    with pytest.raises(ESignError):
        await studio.esign.abolish(signed, "R1E1V1", "双方同意解除")
    assert voidings(studio, signed) == []
    voiding = await studio.esign.abolish(signed, "R1E1V1", "双方同意解除")
    assert voidings(studio, signed) == [voiding.ref]


async def test_what_is_not_signed_is_not_voided(studio: Studio) -> None:
    running, refused = await studio.opened("R1E1"), await studio.opened("R2E1")
    await studio.plays(refused.ref, "T1", "refuse")
    for ref in (running.ref, refused.ref, await draft_of(studio, "R3E1")):
        with pytest.raises(ESignError) as no:
            await studio.esign.abolish(ref, "V1", "双方同意解除")
        assert (no.value.final, voidings(studio, ref)) == (True, [])


@pytest.mark.parametrize("outcome", ["refused", "withdrawn"])
async def test_a_voiding_that_came_to_nothing_leaves_the_contract_signed(studio: Studio, outcome: str) -> None:
    signed = await contract(studio)
    first = await studio.esign.abolish(signed, "R1E1V1", "双方同意解除")
    if outcome == "refused":
        assert await studio.plays(first.ref, "T1", "refuse") == 200
    else:
        await studio.esign.withdraw(first.ref, "不解除了")
    assert (await studio.esign.state(first.ref)).state == outcome
    assert (await studio.esign.state(signed)).state is EnvelopeState.SIGNED
    second = await studio.esign.abolish(signed, "R1E1V2", "双方同意解除")
    assert voidings(studio, signed) == [first.ref, second.ref]


@pytest.mark.parametrize(("key", "reason"), [("R1E1", "为什么"), ("", "为什么"), ("V" * 129, "为什么"), ("V1", " ")])
async def test_a_voiding_has_a_key_of_its_own_and_a_reason(studio: Studio, key: str, reason: str) -> None:
    signed = await contract(studio)
    with pytest.raises(ESignError) as no:
        await studio.esign.abolish(signed, key, reason)
    assert (no.value.code, no.value.final, voidings(studio, signed)) == ("PARAM", True, [])


async def test_an_adopted_draft_is_started(studio: Studio) -> None:
    draft = await draft_of(studio)
    assert (await studio.esign.state(draft)).state is EnvelopeState.DRAFT
    adopted = await studio.opened()
    assert (adopted.ref, adopted.state) == (draft, EnvelopeState.SIGNING)


async def test_what_ran_out_is_expired_and_takes_no_signature(studio: Studio) -> None:
    opened = await studio.opened()
    studio.clock.move(days=7)
    assert await studio.plays(opened.ref, "T1") == 409
    assert (await studio.esign.state(opened.ref)).state is EnvelopeState.EXPIRED


async def test_an_unsigned_paper_cannot_be_fetched(studio: Studio) -> None:
    opened = await studio.opened()
    with pytest.raises(ESignError) as no:
        await studio.esign.fetch_signed(opened.ref)
    assert no.value.final


@pytest.mark.parametrize(
    "signers",
    [
        (),
        (TENANT, TENANT),
        (Signer("landlord", "张演示", "13800000001"),),
        (Signer("T" * 33, "张演示", "13800000001"),),
    ],
)
async def test_signers_nobody_could_take_are_refused_before_anything_is_sent(
    studio: Studio, signers: tuple[Signer, ...]
) -> None:
    with pytest.raises(ESignError) as no:
        await studio.esign.open("R1E1", "续租协议", PAPER, signers, studio.expires())
    assert (no.value.final, no.value.code) == (True, "PARAM")
    assert not studio.sandbox.gate.tokens


async def test_a_stranger_s_secret_opens_nothing(studio: Studio) -> None:
    with pytest.raises(ESignError) as no:
        await studio.another(app_secret="another-secret").find("R1E1")
    assert (no.value.final, no.value.code) == (True, "100003")


async def test_no_link_for_somebody_who_does_not_sign(studio: Studio) -> None:
    opened = await studio.opened()
    with pytest.raises(ESignError) as no:
        await studio.esign.sign_link(opened.ref, "T9")
    assert no.value.final


async def contract(studio: Studio, *signers: Signer) -> str:
    """What everybody has signed."""
    opened = await studio.opened("R1E1", *signers)
    for one in signers or (TENANT,):
        assert await studio.plays(opened.ref, one.id) == 200
    return opened.ref


def voidings(studio: Studio, ref: str) -> list[str]:
    """What there really is to void it, oldest first."""
    return [task.id for task in studio.sandbox.book.tasks.values() if task.voids == ref]


async def draft_of(studio: Studio, key: str = "R1E1") -> str:
    """A task that was made but never started."""
    opened = await studio.opened(key)
    task = studio.sandbox.book.tasks[opened.ref]
    task.state = "task_created"
    for actor in task.actors:
        actor.status, actor.at = "wait_sign", None
    return opened.ref
