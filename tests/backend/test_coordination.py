"""What processes share through Redis, and that losing it slows and never stops."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from backend import coordination
from backend.coordination import HINTS, OwnShelf, RedisShelf, Shelf, Together
from tests.servers import free_port

UNTIL = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
SECONDS = 10.0
"""How long a hint may take before the test gives up."""


class Bell:
    """Collects hints; ``rung`` is set by each."""

    def __init__(self) -> None:
        self.hints: list[list[str]] = []
        self.rung = asyncio.Event()

    def ring(self, names: Sequence[str]) -> None:
        if "unheard-of" in names:
            raise ValueError("no such lane")
        self.hints.append(list(names))
        self.rung.set()


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    client: Redis = Redis.from_url(redis_url, decode_responses=True)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture(params=["own", "redis", "away"])
async def shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
    """A shelf of each kind: a process's own, Redis, and a Redis that nobody answers for."""
    if request.param == "own":
        yield OwnShelf()
        return
    url = f"redis://127.0.0.1:{free_port()}/0" if request.param == "away" else request.getfixturevalue("redis_url")
    client: Redis = Redis.from_url(url, decode_responses=True)
    if request.param == "redis":
        await client.flushdb()
    yield RedisShelf(client)
    await client.aclose()


async def heard_by(client: Redis, listeners: int) -> None:
    """Until so many have subscribed."""
    async with asyncio.timeout(SECONDS):
        while await client.pubsub_numsub(HINTS) != [(HINTS, listeners)]:
            pass


async def test_a_shelf_keeps_a_token_and_its_end(shelf: Shelf) -> None:
    assert await shelf.get("token") is None
    await shelf.put("token", "one", UNTIL)
    await shelf.put("other", "two", UNTIL + timedelta(hours=1))
    assert await shelf.get("token") == ("one", UNTIL)


async def test_a_mutex_has_one_owner_at_a_time(shelf: Shelf) -> None:
    taken = await asyncio.gather(*[shelf.try_mutex("token", 10) for _ in range(10)])
    assert sorted(taken) == [False] * 9 + [True]
    assert await shelf.try_mutex("other", 10)
    await shelf.release("token")
    assert await shelf.try_mutex("token", 10)


async def test_a_mutex_of_no_duration_is_over_at_once() -> None:
    shelf = OwnShelf()
    assert await shelf.try_mutex("token", 0)
    assert await shelf.try_mutex("token", 10)
    assert not await shelf.try_mutex("token", 10)


async def test_two_processes_share_token_and_mutex(client: Redis) -> None:
    ours, theirs = RedisShelf(client), RedisShelf(client)
    await ours.put("token", "one", UNTIL)
    assert await theirs.get("token") == ("one", UNTIL)
    assert await ours.try_mutex("token", 10)
    assert not await theirs.try_mutex("token", 10)


async def test_only_the_owner_releases_a_mutex(client: Redis) -> None:
    ours, theirs = RedisShelf(client), RedisShelf(client)
    assert await ours.try_mutex("token", 10)
    await theirs.release("token")
    assert not await theirs.try_mutex("token", 10)
    await client.delete("xuzu:token:mutex")
    assert await theirs.try_mutex("token", 10)
    await ours.release("token")
    assert not await ours.try_mutex("token", 10)


async def test_a_mutex_and_a_token_end_by_themselves(client: Redis) -> None:
    shelf = RedisShelf(client)
    await shelf.put("token", "one", UNTIL)
    await shelf.try_mutex("token", 10)
    assert 0 < await client.pttl("xuzu:token:mutex") <= 10_000
    assert 86_000 < await client.ttl("xuzu:token") <= 86_400, "a rest of a day outlives a token"


@pytest.mark.parametrize("raw", ["", "no json", "[1]", '["a", "b"]', '["a", 1e300]', "{}"])
async def test_what_nobody_of_ours_has_written_is_nothing(client: Redis, raw: str) -> None:
    await client.set("xuzu:token", raw)
    assert await RedisShelf(client).get("token") is None


async def test_the_loss_of_redis_is_said_once_and_its_return_is_used(
    client: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    lost: Redis = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0", decode_responses=True)
    shelf = RedisShelf(lost)
    with caplog.at_level(logging.WARNING, "xuzu.coordination"):
        await shelf.put("token", "one", UNTIL)
        assert await shelf.get("token") == ("one", UNTIL)
        assert await shelf.try_mutex("token", 10)
        await shelf.release("token")
    assert [record.getMessage() for record in caplog.records] == [
        "redis does not answer (ConnectionError): going on without it"
    ]
    lost.connection_pool = client.connection_pool
    assert await shelf.get("token") is None
    assert await shelf.try_mutex("token", 10)
    assert await client.exists("xuzu:token:mutex")


async def test_a_redis_that_takes_calls_and_never_answers_is_an_absent_one(caplog: pytest.LogCaptureFixture) -> None:
    over = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    mute: Redis = Redis.from_url(f"redis://127.0.0.1:{port}/0", socket_timeout=0.05, decode_responses=True)
    shelf = RedisShelf(mute)
    await shelf.put("token", "one", UNTIL)
    assert await shelf.get("token") == ("one", UNTIL)
    assert await shelf.try_mutex("token", 10)
    assert not await shelf.try_mutex("token", 10)
    assert len(caplog.records) == 1
    assert coordination.TIMEOUT <= 2
    over.set()
    await mute.aclose()
    server.close()
    await server.wait_closed()


async def test_a_hint_reaches_the_others_and_not_oneself(redis_url: str, client: Redis) -> None:
    ours, theirs = Together(redis_url), Together(redis_url)
    own, other = Bell(), Bell()
    ours.listen(own.ring)
    theirs.listen(other.ring)
    await heard_by(client, 2)
    ours.publish(["wechat", "sms"])
    async with asyncio.timeout(SECONDS):
        await other.rung.wait()
        theirs.publish(["lock"])
        await own.rung.wait()
    assert (own.hints, other.hints) == ([["lock"]], [["wechat", "sms"]])
    await ours.close()
    await theirs.close()


@pytest.mark.parametrize("hint", ["no json", "3", "{}", "[]", '["somebody", "unheard-of"]'])
async def test_a_hint_not_understood_does_not_end_the_listening(redis_url: str, client: Redis, hint: str) -> None:
    listener, bell = Together(redis_url), Bell()
    listener.listen(bell.ring)
    await heard_by(client, 1)
    await client.publish(HINTS, hint)
    await client.publish(HINTS, '["somebody", "wechat"]')
    async with asyncio.timeout(SECONDS):
        await bell.rung.wait()
    assert bell.hints == [["wechat"]]
    await listener.close()


async def test_listening_goes_on_after_the_connection_is_cut(
    redis_url: str, client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordination, "AGAIN", 0)
    listener, bell = Together(redis_url), Bell()
    listener.listen(bell.ring)
    await heard_by(client, 1)
    await client.client_kill_filter(_type="pubsub", skipme=True)
    async with asyncio.timeout(SECONDS):
        while not bell.hints:
            await client.publish(HINTS, '["somebody", "wechat"]')
    assert bell.hints[0] == ["wechat"]
    await listener.close()


async def test_without_redis_hints_are_lost_and_nothing_else() -> None:
    alone, bell = Together(f"redis://127.0.0.1:{free_port()}/0"), Bell()
    alone.listen(bell.ring)
    alone.publish(["wechat"])
    await alone.shelf.put("token", "one", UNTIL)
    assert await alone.shelf.get("token") == ("one", UNTIL)
    await alone.close()
    assert bell.hints == []
