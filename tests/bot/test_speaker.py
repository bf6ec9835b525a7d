"""The speaker: the tenant's own name, dates and link in real words; nothing of them for somebody we cannot place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.db.port import Found
from bot.speaker import LINK_GRACE, link_end
from channels.page.links import LinkError
from dialogs.effects import Say
from dialogs.events import OffersAsked
from dialogs.states import State
from tests.bot.stage import END, PUBLIC, Stage, lease


async def said(lite: Stage) -> tuple[Stage, Say]:
    stored = await lite.brought(await lite.opened(), State.REMINDED)
    [say] = [one for one in await lite.wished(stored, Say) if one.message == "remind_warm"]
    return lite, say


async def test_a_notice_has_words_values_and_the_tenants_own_link(lite: Stage) -> None:
    stage, say = await said(lite)
    stored = (await stage.store.renewals("yuju"))[0]
    message = stage.speaker.outbound(stored, say)
    assert message.link.startswith(f"{PUBLIC}/r/v1.")
    assert message.values["no"] == "YJ-0001"
    assert stage.links.read(message.link.rsplit("/", 1)[-1], stage.clock.now()).renewal_id == stored.id
    assert message.link in message.text
    assert "租客1号" in message.text


async def test_an_answer_speaks_of_this_lease_and_nobody_elses(lite: Stage) -> None:
    stored = await lite.brought(await lite.opened(), State.REMINDED)
    turned = await lite.turns.deliver(stored.id, OffersAsked())
    assert turned.decision is not None
    [say] = [one for one in turned.decision.effects if isinstance(one, Say)]
    text = lite.speaker.answer(turned.stored, say).text
    for fact in ("租客1号", "云栖公寓3幢1201", "3,200元", f"{PUBLIC}/r/v1."):
        assert fact in text


async def test_words_for_strangers_name_no_lease_and_no_person(lite: Stage) -> None:
    stored = await lite.opened()
    text = lite.speaker.orphan("several_leases", Found("p-1", (stored, stored)))
    assert "1. 云栖公寓3幢1201\n2. 云栖公寓3幢1201" in text
    for private in ("租客1号", "YJ-0001", "/r/", "3,200"):
        assert private not in text
    stranger = lite.speaker.orphan("stranger", Found())
    for private in ("租客", "云栖", "1201", "/r/"):
        assert private not in stranger


def test_a_link_lives_a_little_longer_than_the_lease() -> None:
    end = link_end(lease())
    assert end == datetime(END.year, END.month, END.day, 15, 59, 59, 999999, UTC) + LINK_GRACE


async def test_an_old_link_no_longer_opens(lite: Stage) -> None:
    stored = await lite.opened()
    token = lite.speaker.link(stored).rsplit("/", 1)[-1]
    lite.clock.at = link_end(stored.renewal.lease) - timedelta(seconds=1)
    assert lite.links.read(token, lite.clock.now()).renewal_id == stored.id
    lite.clock.move(seconds=2)
    with pytest.raises(LinkError, match="expired"):
        lite.links.read(token, lite.clock.now())


async def test_each_link_is_minted_anew(lite: Stage) -> None:
    stored = await lite.opened()
    assert lite.speaker.link(stored) != lite.speaker.link(stored)
