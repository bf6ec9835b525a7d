"""Looking by our key believes the list only when it is filtered by it."""

from __future__ import annotations

import pytest

from backend.esign.fadada_calls import Calls
from backend.esign.fadada_look import TWINS_LIMIT, Look
from backend.esign.port import EnvelopeState, ESignError
from tests.backend.esign.studio import ACCOUNT, Studio


def look(studio: Studio) -> Look:
    return Look(Calls(ACCOUNT, studio.session, studio.clock, api=studio.api))


async def test_by_reference_and_by_key_it_is_the_same(studio: Studio) -> None:
    opened = await studio.opened()
    by_ref = await look(studio).state(opened.ref)
    assert by_ref == await look(studio).find("R1E1")
    assert (by_ref.state, by_ref.signed_by) == (EnvelopeState.SIGNING, ("landlord",))


async def test_too_many_under_one_key_are_not_believed(studio: Studio) -> None:
    opened = await studio.opened()
    book = studio.sandbox.book
    task = book.tasks[opened.ref]
    for _ in range(TWINS_LIMIT):
        book.add({**task.asked, "autoStart": False}, [], b"", None)
    with pytest.raises(ESignError) as doubt:
        await look(studio).find("R1E1")
    assert (doubt.value.unknown, doubt.value.code) == (True, "UNREADABLE")
