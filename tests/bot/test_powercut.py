"""Kill the process after any answer it waits for, start it again: the tenant and the partners see no difference."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.sealing import Sealer
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.powercut import Fuse, Outcome, Passage

SHARDS = 4
MINUTE = timedelta(seconds=61)
PARTNERS = ("WeChat.", "Fadada.", "WeChatPay.", "TTLock.")


async def played(
    across: Across, url: str, sealer: Sealer, number: int, fuse: Fuse, away: timedelta = MINUTE
) -> Outcome:
    passage = Passage(across, url, sealer, number, fuse, away)
    await passage.begin()
    try:
        await passage.play()
        assert await passage.replays()
        assert passage.restarts == int(fuse.blown)
        return await passage.outcome()
    finally:
        await passage.end()


async def calm_day(across: Across, url: str, sealer: Sealer) -> tuple[Outcome, list[str]]:
    """What it comes to when nobody dies, and the answers that were waited for on the way."""
    whole = Fuse()
    calm = await played(across, url, sealer, 1, whole)
    assert (calm.state, calm.charges, calm.envelopes, calm.refunds, calm.stuck) == (State.RENEWED, 1, 1, 0, [])
    assert calm.bill_paid
    assert len(calm.notices) >= 4
    assert calm.chat.total() >= 3
    return calm, whole.names


def differences(calm: Outcome, found: Outcome) -> list[str]:
    """An unsure custom message may be missing, one at most; nothing is ever doubled."""
    names = [name for name in Outcome.__struct_fields__ if name not in ("chat", "notices")]
    wrong = [f"{name}: {getattr(found, name)}" for name in names if getattr(found, name) != getattr(calm, name)]
    for one, other in ((calm.chat, found.chat), (calm.notices, found.notices)):
        wrong += [f"doubled: {text}" for text in other - one]
    missing = calm.chat - found.chat
    return wrong + ([f"missing: {list(missing)}"] if missing.total() > 1 else [])


@pytest.mark.parametrize("shard", range(SHARDS))
async def test_a_death_after_any_answer_changes_nothing_anybody_sees(
    across: Across, sqlite_url: str, sealer: Sealer, shard: int
) -> None:
    calm, names = await calm_day(across, sqlite_url, sealer)
    assert len(names) > 60
    for at in range(1 + shard, len(names) + 1, SHARDS):
        fuse = Fuse(at)
        found = await played(across, sqlite_url, sealer, 1 + at, fuse)
        assert fuse.names == names[:at], "the same way until then"
        assert differences(calm, found) == [], f"killed after answer {at}: {names[at - 1]}"
        assert found.notices == calm.notices, f"a notice is lost after answer {at}: {names[at - 1]}"


async def test_hours_of_darkness_after_a_partners_answer_double_nothing(
    across: Across, sqlite_url: str, sealer: Sealer
) -> None:
    """Longer than any partner remembers our key: a notice may be missing then, as a custom message may."""
    calm, names = await calm_day(across, sqlite_url, sealer)
    calls = [at for at, name in enumerate(names, 1) if name.startswith(PARTNERS)]
    assert len(calls) >= 8
    for at in calls:
        found = await played(across, sqlite_url, sealer, 1 + at, Fuse(at), away=timedelta(hours=3))
        assert differences(calm, found) == [], f"killed after answer {at}: {names[at - 1]}"
        assert (calm.notices - found.notices).total() <= 1
