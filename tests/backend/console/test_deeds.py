"""What staff do is done once for pages and API, and the log names a number and nobody."""

from __future__ import annotations

import logging

import msgspec
import pytest

from backend.console.deeds import binding_picture, revoke_links
from backend.console.desk import Desk
from bot.rendering import page_environment
from tests.backend.console.office import OPERATOR, PHONE, PICTURE, Office, binds
from tests.journeys.samples import NAME, NOW, TEMPLATES


def desk(office: Office) -> Desk:
    plain = Desk(office.store, OPERATOR, None, page_environment(TEMPLATES), office.turns.deliver, office.clock.now)
    return msgspec.structs.replace(plain, binding=binds)


async def test_links_die_and_the_log_says_which_renewal(at_desk: Office, caplog: pytest.LogCaptureFixture) -> None:
    stored = await at_desk.opens_lease()
    with caplog.at_level(logging.INFO, "xuzu.console"):
        await revoke_links(desk(at_desk), stored)
    assert await at_desk.store.links_dead_before(stored.id) == NOW
    assert caplog.messages == [f"renewal {stored.id}: links revoked at the desk"]


async def test_a_picture_is_logged_without_its_address(at_desk: Office, caplog: pytest.LogCaptureFixture) -> None:
    stored = await at_desk.opens_lease()
    with caplog.at_level(logging.INFO, "xuzu.console"):
        assert await binding_picture(desk(at_desk), stored) == PICTURE
        assert await binding_picture(msgspec.structs.replace(desk(at_desk), binding=None), stored) is None
    [said] = caplog.messages
    assert not any(one in said for one in (PICTURE, NAME, PHONE))
