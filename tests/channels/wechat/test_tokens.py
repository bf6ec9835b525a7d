"""One token for all, fetched by one; a dead one is swapped once, and force is kept for when it is allowed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from backend.coordination import OwnShelf, RedisShelf, Shelf
from channels.port import ChannelError, Trouble
from channels.wechat import tokens
from channels.wechat.tokens import EARLY, Held, Tokens, TokenShelf
from tests.channels.wechat.line import BEGAN, StillClock

LIVES = timedelta(hours=2)


class Mint:
    """Gives a new token each time it is asked, and remembers how it was asked."""

    def __init__(self, clock: StillClock, *, fails: bool = False) -> None:
        self._clock = clock
        self._fails = fails
        self.forced: list[bool] = []

    async def fetch(self, force: bool) -> Held:
        self.forced.append(force)
        await asyncio.sleep(0)
        if self._fails:
            raise ChannelError(Trouble.TRANSIENT, "NO_ANSWER")
        return Held(f"token-{len(self.forced)}", self._clock() + LIVES)


def keeper(mint: Mint, clock: StillClock, shelf: TokenShelf | None = None) -> Tokens:
    return Tokens("wx:test", shelf or OwnShelf(), mint.fetch, clock)


@pytest.fixture(params=["own", "redis"])
async def shelves(request: pytest.FixtureRequest) -> AsyncIterator[list[Shelf]]:
    """Twenty shelves: one and the same in one process, or one each in twenty that share a Redis."""
    if request.param == "own":
        yield [OwnShelf()] * 20
        return
    clients = [Redis.from_url(request.getfixturevalue("redis_url"), decode_responses=True) for _ in range(20)]
    await clients[0].flushdb()
    yield [RedisShelf(client) for client in clients]
    for client in clients:
        await client.aclose()


async def test_twenty_workers_fetch_one_token(shelves: list[Shelf]) -> None:
    clock = StillClock()
    mint = Mint(clock)
    workers = [keeper(mint, clock, shelf) for shelf in shelves]
    assert set(await asyncio.gather(*[worker.current() for worker in workers])) == {"token-1"}
    assert set(await asyncio.gather(*[worker.after("token-1") for worker in workers])) == {"token-2"}
    assert mint.forced == [False, True]


async def test_a_token_is_renewed_after_wechat_has_renewed_it() -> None:
    clock = StillClock()
    mint = Mint(clock)
    worker = keeper(mint, clock)
    assert await worker.current() == "token-1"
    clock.at = BEGAN + LIVES - EARLY - timedelta(seconds=1)
    assert await worker.current() == "token-1"
    clock.at = BEGAN + LIVES - EARLY
    assert await worker.current() == "token-2"
    assert timedelta(0) < EARLY < timedelta(minutes=5)


async def test_a_colleague_s_newer_token_is_taken_without_a_call() -> None:
    clock, shelf = StillClock(), OwnShelf()
    mint = Mint(clock)
    await shelf.put("wx:test", "theirs", clock() + LIVES)
    assert await keeper(mint, clock, shelf).after("dead") == "theirs"
    assert mint.forced == []


class JustDone(OwnShelf):
    """A colleague finishes between our look and our turn."""

    async def try_mutex(self, name: str, seconds: int) -> bool:
        await self.put("wx:test", "theirs", BEGAN + LIVES)
        return await super().try_mutex(name, seconds)


async def test_what_a_colleague_has_just_fetched_is_not_fetched_again() -> None:
    clock = StillClock()
    mint = Mint(clock)
    assert await keeper(mint, clock, JustDone()).current() == "theirs"
    assert await keeper(mint, clock, JustDone()).after("dead") == "theirs"
    assert mint.forced == []


async def test_force_is_not_used_up() -> None:
    """Twenty forced fetches a day are all there are: the next one waits its turn, and asks without force meanwhile."""
    clock = StillClock()
    mint = Mint(clock)
    worker = keeper(mint, clock)
    dead = await worker.current()
    for _ in range(30):
        dead = await worker.after(dead)
    assert mint.forced == [False, True, *[False] * 29]
    assert 86_400 / tokens.FORCED_APART <= 20


async def test_a_fetch_that_fails_leaves_the_way_free() -> None:
    clock, shelf = StillClock(), OwnShelf()
    failing, working = Mint(clock, fails=True), Mint(clock)
    with pytest.raises(ChannelError):
        await keeper(failing, clock, shelf).current()
    assert await keeper(working, clock, shelf).current() == "token-1"


async def test_who_waits_too_long_for_another_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "WAIT", 0)
    clock, shelf = StillClock(), OwnShelf()
    mint = Mint(clock)
    assert await shelf.try_mutex("wx:test", 3600)
    with pytest.raises(ChannelError) as tired:
        await keeper(mint, clock, shelf).current()
    assert (tired.value.kind, tired.value.code, mint.forced) == (Trouble.TRANSIENT, "NO_TOKEN", [])
