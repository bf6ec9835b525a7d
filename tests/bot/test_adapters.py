"""What is configured is wired, and nothing else; processes that share a Redis hear each other's hints."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable

import aiohttp
import msgspec
import pytest

from backend.esign.port import Notice as SignNotice
from backend.payments.port import Notice as PayNotice
from bot.adapters import Adapters, Ears, wire
from bot.settings import Settings
from channels.port import Inbound
from dialogs.effects import Lane
from tests.bot.across import Across
from tests.bot.stage import StageClock

GROUPS = ("wechat", "fadada", "pay", "alipay", "lock")
PARTS = {"wechat": "wechat", "fadada": "esign", "pay": "payments", "alipay": "payments", "lock": "locks"}
PATHS = {
    "wechat": {"/callbacks/wechat"},
    "fadada": {"/callbacks/fadada"},
    "pay": {"/callbacks/wechatpay"},
    "alipay": {"/callbacks/alipay"},
    "lock": set(),
}
PATIENCE = 10


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def hear(_: Inbound) -> str | None:
    return None


async def moved(_: SignNotice) -> None:
    return None


async def paid(_: PayNotice, provider: str) -> None:
    return None


def only(settings: Settings, *names: str) -> Settings:
    return msgspec.structs.replace(settings, **{name: None for name in (*GROUPS, "entrust") if name not in names})


def paths(adapters: Adapters) -> set[str]:
    return {route.path for route in adapters.routes(Ears(hear, hear), moved, paid)}


async def test_nothing_configured_is_nothing_wired(across: Across, session: aiohttp.ClientSession) -> None:
    adapters = await wire(only(across.settings), session, across.clock)
    assert not any(getattr(adapters, part) for part in PARTS.values())
    assert adapters.channels == {}
    assert paths(adapters) == set()
    assert adapters.together is None


@pytest.mark.parametrize("name", GROUPS)
async def test_each_alone_is_wired_alone(across: Across, session: aiohttp.ClientSession, name: str) -> None:
    adapters = await wire(only(across.settings, name), session, across.clock)
    assert {part for part in PARTS.values() if getattr(adapters, part)} == {PARTS[name]}
    assert paths(adapters) == PATHS[name]
    assert list(adapters.channels) == (["wechat"] if name == "wechat" else [])


async def test_a_deduction_plan_has_a_door_of_its_own(across: Across, session: aiohttp.ClientSession) -> None:
    adapters = await wire(only(across.settings, "pay", "entrust"), session, across.clock)
    assert list(adapters.deductions) == ["entrust"]
    assert paths(adapters) == {"/callbacks/wechatpay", "/callbacks/entrust"}


async def test_a_worker_is_known_by_machine_and_process(across: Across) -> None:
    assert across.adapters.worker.endswith(f":{os.getpid()}")


async def test_one_process_alone_has_nobody_to_tell(across: Across) -> None:
    """No Redis: publishing and listening are there, and do nothing."""
    rung: list[Lane] = []
    across.adapters.listen(rung.extend)
    across.adapters.publish({Lane.CHAT})
    assert rung == []


async def test_two_processes_hear_each_other_and_not_themselves(
    across: Across, session: aiohttp.ClientSession, redis_url: str, clock: StageClock
) -> None:
    settings = msgspec.structs.replace(only(across.settings), redis_url=redis_url)
    one, two = await wire(settings, session, clock), await wire(settings, session, clock)
    heard: dict[str, list[Lane]] = {"one": [], "two": []}
    rung = asyncio.Event()

    def ring(lanes: Iterable[Lane]) -> None:
        heard["two"] += lanes
        rung.set()

    one.listen(heard["one"].extend)
    two.listen(ring)
    async with asyncio.timeout(PATIENCE):
        while not rung.is_set():
            one.publish({Lane.PAY})
            await asyncio.wait([asyncio.ensure_future(rung.wait())], timeout=0.05)
    assert set(heard["two"]) == {Lane.PAY}
    assert heard["one"] == []
    await one.close()
    await two.close()
