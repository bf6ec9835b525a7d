"""What the account may not do for a while is not asked for again, by any process over the same shelf."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.coordination import OwnShelf
from channels.port import ChannelError, Trouble
from channels.wechat.breakers import Breakers

SEND = "/cgi-bin/message/template/send"
NOON = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 9, 1, 16, 0, tzinfo=UTC)
"""In Shanghai, after that noon."""


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at


async def closed(breakers: Breakers, path: str = SEND, template: str = "t1") -> str:
    try:
        await breakers.check(path, template)
    except ChannelError as fault:
        return fault.code
    return ""


async def test_a_days_quota_rests_until_midnight_in_shanghai() -> None:
    clock, shelf = Clock(), OwnShelf()
    await Breakers("wx", shelf, clock.now).note(ChannelError(Trouble.QUOTA, "45009"), SEND, "t1")
    other = Breakers("wx", shelf, clock.now)
    with pytest.raises(ChannelError) as fault:
        await other.check(SEND, "t2")
    assert fault.value.kind is Trouble.QUOTA
    assert await closed(other, "/cgi-bin/message/custom/send") == ""
    clock.at = MIDNIGHT - timedelta(seconds=1)
    assert await closed(other) == "45009"
    clock.at = MIDNIGHT
    assert await closed(other) == ""


async def test_in_shanghai_s_small_hours_midnight_is_still_a_day_away() -> None:
    """It is yesterday in UTC then."""
    clock = Clock()
    clock.at = MIDNIGHT + timedelta(hours=2)
    breakers = Breakers("wx", OwnShelf(), clock.now)
    await breakers.note(ChannelError(Trouble.QUOTA, "45009"), SEND, "t1")
    clock.at = MIDNIGHT + timedelta(hours=24, seconds=-1)
    assert await closed(breakers) == "45009"
    clock.at = MIDNIGHT + timedelta(hours=24)
    assert await closed(breakers) == ""


async def test_a_breach_rests_the_whole_account_and_a_blocked_text_only_its_template() -> None:
    clock = Clock()
    limited, blocked = (Breakers(name, OwnShelf(), clock.now) for name in ("a", "b"))
    await limited.note(ChannelError(Trouble.CONFIG, "50002"), SEND, "t1")
    assert await closed(limited, "/cgi-bin/message/custom/send", "") == "50002"
    await blocked.note(ChannelError(Trouble.CONFIG, "40249"), SEND, "t1")
    assert (await closed(blocked), await closed(blocked, SEND, "t2")) == ("40249", "")
    clock.at += timedelta(hours=24, seconds=1)
    assert (await closed(limited), await closed(blocked)) == ("", "")


async def test_other_refusals_close_nothing() -> None:
    breakers = Breakers("wx", OwnShelf(), Clock().now)
    await breakers.note(ChannelError(Trouble.UNREACHABLE, "43004"), SEND, "t1")
    assert await closed(breakers) == ""
