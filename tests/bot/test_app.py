"""One process put together: every door answers, the workers work, and what must not start does not."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from backend.db.connect import connect
from backend.db.port import SchemaBehind, StoreDown
from backend.sandbox.wechat_seal import signature
from backend.sealing import Sealer
from bot.app import STORE, build, clock_of, links_of, open_store
from bot.clock import FileClock, SystemClock, set_clock
from bot.settings import Settings, SettingsError
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.stage import LINKS, NOW, OPENID, OPERATOR, StageClock, imported, opened, row

PATIENCE = 20
BARE = Settings("sqlite:///nowhere.db", "5e" * 32, "k" * 32, (OPERATOR,), desk_key="desk-key")


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(await build(settings))) as client:
        yield client


async def status(client: TestClient[Any, Any], path: str, **more: Any) -> int:
    async with client.get(path, allow_redirects=False, **more) as answer:
        return answer.status


def at(url: str, **more: Any) -> Settings:
    return msgspec.structs.replace(BARE, database_url=url, **more)


async def test_a_bare_process_serves_page_desk_and_health(sqlite_url: str) -> None:
    async with served(at(sqlite_url)) as client:
        assert await status(client, "/health") == 200
        assert await status(client, "/ready") == 200
        assert await status(client, "/r/v1.1.forged.token") == 404
        assert await status(client, "/desk") in (302, 303, 401)
        assert await status(client, "/desk/enter") == 200
        assert await status(client, "/desk/api/tasks") == 401
        assert await status(client, "/desk/api/tasks", headers={"Authorization": "Bearer desk-key"}) == 200
        for closed in ("/callbacks/wechat", "/callbacks/fadada", "/callbacks/wechatpay"):
            assert await status(client, closed) == 404


async def test_a_true_link_opens_the_page_of_its_renewal(sqlite_url: str, sealer: Sealer) -> None:
    store = await connect(sqlite_url, sealer)
    clock = StageClock()
    stored = await opened(store, clock)
    await store.close()
    moment = Path(sqlite_url.removeprefix("sqlite:///")).with_name("clock")
    set_clock(moment, NOW)
    async with served(at(sqlite_url, clock_file=str(moment), role="web", page_proof=False)) as client:
        path = f"/r/{LINKS.mint(stored.id, NOW.replace(year=2027))}"
        async with client.get(path) as answer:
            assert answer.status == 200
            assert "云栖公寓" in await answer.text()
        expired = LINKS.mint(stored.id, NOW.replace(year=2025))
        assert await status(client, f"/r/{expired}") == 410


async def test_the_callbacks_answer_once_they_are_configured(sqlite_url: str, across: Across) -> None:
    settings = msgspec.structs.replace(across.settings, database_url=sqlite_url, role="web")
    async with served(settings) as client:
        assert await status(client, "/callbacks/wechat") == 403
        async with client.post("/callbacks/fadada", data=b"bizContent=%7B%7D") as answer:
            assert answer.status == 403
        async with client.post("/callbacks/wechatpay", data=b"{}") as answer:
            assert answer.status == 401
        assert await status(client, "/desk") == 404, "no key, no desk"


async def test_wechats_address_check_is_answered(sqlite_url: str, across: Across, tmp_path: Path) -> None:
    set_clock(tmp_path / "clock", NOW)
    settings = msgspec.structs.replace(
        across.settings, database_url=sqlite_url, role="web", clock_file=str(tmp_path / "clock")
    )
    stamp = str(int(NOW.timestamp()))
    query = {"timestamp": stamp, "nonce": "n1", "echostr": "hello"}
    async with served(settings) as client:
        query["signature"] = signature("stage-token", stamp, "n1")
        async with client.get("/callbacks/wechat", params=query) as answer:
            assert (answer.status, await answer.text()) == (200, "hello")
        query["signature"] = signature("another-token", stamp, "n1")
        assert await status(client, "/callbacks/wechat", params=query) == 403


async def test_the_desk_s_binding_code_is_asked_of_wechat(sqlite_url: str, sealer: Sealer, across: Across) -> None:
    store = await connect(sqlite_url, sealer)
    stored = await opened(store, StageClock())
    await store.close()
    path, ours = f"/desk/renewals/{stored.id}/binding", {"Sec-Fetch-Site": "same-origin"}
    settings = at(sqlite_url, role="web", desk_key="", open_desk=True)
    async with served(settings) as client, client.post(path, headers=ours) as answer:
        assert (answer.status, "公众号还没有接好" in await answer.text()) == (503, True)
    connected = msgspec.structs.replace(settings, wechat=across.settings.wechat)
    async with served(connected) as client, client.post(path, headers=ours) as answer:
        html = await answer.text()
        assert "公众号还没有接好" not in html
        assert (answer.status, "?ticket=" in html) == (200, True)


async def test_the_open_desk_asks_for_no_key(sqlite_url: str) -> None:
    async with served(at(sqlite_url, desk_key="", open_desk=True)) as client:
        assert await status(client, "/desk") == 200


async def test_a_worker_has_no_doors_and_a_web_process_no_workers(sqlite_url: str, tmp_path: Path) -> None:
    async with served(at(sqlite_url, role="worker")) as client:
        assert await status(client, "/ready") == 200
        assert await status(client, "/desk/enter") == 404
        assert await status(client, "/r/x") == 404
    async with served(at(sqlite_url, role="web")) as client, client.get("/ready") as answer:
        assert (await answer.json())["in_hand"] == 0


async def test_the_whole_process_writes_to_a_tenant_by_itself(
    sqlite_url: str, sealer: Sealer, across: Across, tmp_path: Path
) -> None:
    """A lease in the ledger, and nobody pushes anything: window, offer, reminder."""
    store = await connect(sqlite_url, sealer)
    await imported(store, across.clock, row())
    await store.close()
    across.welcome(OPENID)
    set_clock(tmp_path / "clock", NOW)
    settings = msgspec.structs.replace(
        across.settings, database_url=sqlite_url, clock_file=str(tmp_path / "clock"), poll_seconds=0.01
    )
    async with served(settings) as client, asyncio.timeout(PATIENCE):
        while not across.wechat.inbox(OPENID):
            assert await status(client, "/ready") == 200
        for _ in range(2000):
            async with client.get("/ready") as answer:
                body = await answer.json()
            if not (body["due_effects"] or body["due_timers"] or body["in_hand"]):
                break
        assert client.app is not None
        [stored] = await client.app[STORE].renewals(OPERATOR)
        assert stored.renewal.state is State.REMINDED
    assert [one.kind for one in across.wechat.inbox(OPENID)] == ["template"]


async def test_half_a_process_ends_itself(sqlite_url: str, tmp_path: Path) -> None:
    """A background part breaks (here its clock is gone): a supervisor starts the whole again."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    set_clock(tmp_path / "clock", NOW)
    try:
        async with served(at(sqlite_url, clock_file=str(tmp_path / "clock"), poll_seconds=0.01)):
            (tmp_path / "clock").unlink()
            await asyncio.wait_for(ended.wait(), PATIENCE)
    finally:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)


async def test_a_table_that_orphans_a_live_renewal_refuses_to_start(sqlite_url: str, sealer: Sealer) -> None:
    store = await connect(sqlite_url, sealer)
    await opened(store, StageClock())
    await store.close()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as raw:
        raw.execute("UPDATE renewals SET flow = 99")
    raw.close()
    with pytest.raises(ValueError, match="opened of flow 99"):
        await build(at(sqlite_url))


async def test_what_is_wrong_is_said_before_anything_is_served(tmp_path: Path) -> None:
    with pytest.raises(SchemaBehind, match="xuzu migrate"):
        await open_store(at(f"sqlite:///{tmp_path / 'new.db'}"))
    with pytest.raises(SettingsError, match="XUZU_SEAL_KEY"):
        await open_store(at("sqlite:///x.db", seal_key="short"))
    with pytest.raises(SettingsError, match="XUZU_DATABASE_URL: not a database we know: mysql"):
        await open_store(at("mysql://127.0.0.1/x"))
    with pytest.raises(SettingsError, match="XUZU_DATABASE_URL: not an address"):
        await open_store(at("over there"))
    with pytest.raises(StoreDown):
        await open_store(at("postgresql://nobody@127.0.0.1:1/none"))
    with pytest.raises(SettingsError, match="XUZU_LINK_KEY"):
        links_of(at("sqlite:///x.db", link_key="short"))


def test_the_clock_is_the_machines_unless_a_file_is_named(tmp_path: Path) -> None:
    assert isinstance(clock_of(BARE), SystemClock)
    assert isinstance(clock_of(at("x", clock_file=str(tmp_path / "clock"))), FileClock)
