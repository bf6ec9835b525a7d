"""Makes the README's pictures from the running product: a season stopped in its second week (``make pictures``)."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from rich.console import Console

from backend.db.connect import connect
from backend.db.port import Stored
from backend.sealing import sealer_of
from bot import demo
from bot.clock import SHANGHAI
from bot.demo_by_hand import hand_out
from dialogs.states import State
from tests.journeys.chromium import binary

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
STOP = datetime(2026, 9, 13, 9, 0, tzinfo=SHANGHAI).astimezone(UTC)
PORT = 8137


def shoot(url: str, name: str, width: int, height: int) -> None:
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                binary(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-quic",
                "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                f"--user-data-dir={profile}", f"--window-size={width},{height}",
                f"--screenshot={FOLDER / f'{name}.png'}", url,
            ],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip


class Open(demo.Season):
    """Its pages show themselves to a camera, which has no phone to prove itself with."""

    def environ(self) -> dict[str, str]:
        return super().environ() | {"XUZU_PAGE_PROOF": "0"}


async def shoot_all() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        season = Open(folder, PORT, 2026)
        console = Console()
        server = await demo.open_season(stack, season, console)
        store = await connect(season.database, sealer_of(season.seal_key))
        stack.push_async_callback(store.close)
        clockwork = await demo.play_season(stack, season, demo.Course(server, store, STOP), console)
        phones = await hand_out(stack, season, clockwork)
        found = await store.renewals(demo.OPERATOR, limit=1000)
        undecided, thinking = _first(found, State.REMINDED), _first(found, State.OFFERED)
        page = season.by_renewal[undecided.id].phone.link()
        assert page is not None
        await ask(phones, undecided.renewal.lease.no, "续租有哪些方案？")
        for picture in (
            (page, "page", 375, 2760),
            (f"{phones}?p={undecided.renewal.lease.no}", "phone", 1180, 1000),
            (f"{season.url}/desk/renewals/{thinking.id}", "renewal", 1280, 1180),
            (f"{season.url}/desk/report", "report", 1280, 620),
        ):
            await asyncio.to_thread(shoot, *picture)


async def ask(phones: str, person: str, words: str) -> None:
    """What somebody types on their phone."""
    spot, said = {"p": person, "tab": "wechat"}, {"text": words}
    async with aiohttp.ClientSession() as session, session.post(f"{phones}/say", params=spot, data=said) as answer:
        assert answer.status == 200


def _first(found: list[Stored], state: State) -> Stored:
    return next(one for one in found if one.renewal.state is state)


if __name__ == "__main__":
    asyncio.run(shoot_all())
