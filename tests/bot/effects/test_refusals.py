"""A refusal closes the way it speaks of, and no other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.db.reach_port import Attempt
from bot.effects.refusals import note_refusal
from channels.port import ChannelError, Trouble
from tests.bot.stage import Stage


@pytest.mark.parametrize(
    ("rung", "kind", "code", "closed"),
    [
        ("template", Trouble.UNREACHABLE, "43004", "followed"),
        ("template", Trouble.UNREACHABLE, "40003", "followed"),
        ("template", Trouble.OPTED_OUT, "48002", "refuses_wechat"),
        ("template", Trouble.UNREACHABLE, "43019", "refuses_wechat"),
        ("subscribed", Trouble.UNREACHABLE, "43101", "consents"),
        ("sms", Trouble.OPTED_OUT, "BLACK", "refuses_sms"),
    ],
)
async def test_the_way_is_closed(lite: Stage, rung: str, kind: Trouble, code: str, closed: str) -> None:
    stored = await lite.opened()
    now = lite.clock.now()
    await lite.store.note_consent("o-tenant-1", "t1", 1, now)
    before = await lite.store.ways(stored.tenant, "t1", now)
    tried = Attempt("say:1:1", rung, stored.id, stored.tenant, "remind_warm", now, channel="wechat")
    await note_refusal(lite.store, ChannelError(kind, code), tried, before, "t1")
    after = await lite.store.ways(stored.tenant, "t1", now)
    changed = {
        name
        for name in after.contact.__struct_fields__
        if getattr(after.contact, name) != getattr(before.contact, name) and name != "sms_today"
    }
    assert changed == {closed}
    [kept] = await lite.store.attempts(stored.id)
    assert (kept.status, kept.failure, kept.code) == ("failed", kind.value, code)


async def test_a_number_dies_of_the_second_hard_refusal(lite: Stage) -> None:
    stored = await lite.opened()
    for key, day in (("say:1:1", 0), ("say:1:2", 1)):
        now = lite.clock.now() + timedelta(days=day)
        ways = await lite.store.ways(stored.tenant, "", now)
        tried = Attempt(key, "sms", stored.id, stored.tenant, "remind_warm", now, channel="sms")
        await note_refusal(lite.store, ChannelError(Trouble.BAD_NUMBER, "MK:0001"), tried, ways, "")
    assert (await lite.store.ways(stored.tenant, "", lite.clock.now())).contact.phone_dead
