"""Every state and every code of the sheet means one thing."""

from __future__ import annotations

import pytest

from backend.esign.fadada_shapes import Actor, ActorInfo, Detail, refusal, signed_by, state_of
from backend.esign.port import EnvelopeState, ESignError


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        ("task_created", EnvelopeState.DRAFT),
        ("finish_creation", EnvelopeState.DRAFT),
        ("fill_progress", EnvelopeState.SIGNING),
        ("fill_completed", EnvelopeState.SIGNING),
        ("sign_progress", EnvelopeState.SIGNING),
        ("sign_completed", EnvelopeState.SIGNING),
        ("task_finished", EnvelopeState.SIGNED),
        ("abolishing", EnvelopeState.SIGNED),
        ("task_terminated", EnvelopeState.REFUSED),
        ("expired", EnvelopeState.EXPIRED),
        ("revoked", EnvelopeState.VOIDED),
    ],
)
def test_states(raw: str, state: EnvelopeState) -> None:
    assert state_of(Detail(raw)) is state


def test_a_state_nobody_knows_is_unknown() -> None:
    with pytest.raises(ESignError) as doubt:
        state_of(Detail("brand_new"))
    assert doubt.value.unknown


def test_who_signed_and_who_ended_it() -> None:
    actors = [Actor(ActorInfo("T1"), "signed"), Actor(ActorInfo("T2"), "wait_sign")]
    assert signed_by(Detail("sign_progress", actors=actors)) == ("T1",)
    assert state_of(Detail("task_terminated", actors=actors)) is EnvelopeState.WITHDRAWN
    actors[1].sign_status = "sign_rejected"
    assert state_of(Detail("task_terminated", actors=actors)) is EnvelopeState.REFUSED


@pytest.mark.parametrize("code", ["100001", "200001", "211407"])
def test_unsure(code: str) -> None:
    assert refusal(code, "稍后重试").unknown


@pytest.mark.parametrize("code", ["100004", "100020", "100002"])
def test_again_later(code: str) -> None:
    assert refusal(code, "").retry


@pytest.mark.parametrize(
    "code", ["100003", "100006", "100009", "100011", "100016", "213002", "211058", "212003", "211132", "211145"]
)
def test_final(code: str) -> None:
    assert refusal(code, "").final
