"""Drives headless Chromium over its DevTools socket: just enough to walk through a page as a tenant does."""

from __future__ import annotations

import asyncio
import base64
import itertools
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.journeys.chromium import binary

PATIENCE = 20.0
THUMB, POINTER = 44, 24
"""The smallest height in CSS pixels a thumb, or a mouse, can be asked to hit."""
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
)


class Tab:
    """One page at a phone's or a desk's size, with scripts or without."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, smallest: int) -> None:
        self._socket = socket
        self._smallest = smallest
        self._numbers = itertools.count(1)
        self._early: list[dict[str, Any]] = []

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await self._socket.receive_json()
                if message.get("id") == number:
                    assert "error" not in message, message
                    return dict(message["result"])
                self._early.append(message)

    async def until(self, method: str) -> dict[str, Any]:
        """The next event of this name, also one that came while something else was awaited."""
        for place, message in enumerate(self._early):
            if message.get("method") == method:
                return dict(self._early.pop(place)["params"])
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await self._socket.receive_json()
                if message.get("method") == method:
                    return dict(message["params"])

    async def goto(self, url: str) -> None:
        self._early.clear()
        await self.call("Page.navigate", url=url)
        await self.until("Page.loadEventFired")

    async def look(self, script: str) -> Any:
        """The value of an expression on the page (works with the page's own scripts switched off, too)."""
        answer = await self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def text(self) -> str:
        return str(await self.look("document.body.innerText"))

    async def fill(self, selector: str, text: str) -> None:
        """Typed with the keys of the phone into the first match."""
        await self.look(f"document.querySelector({selector!r}).focus()")
        await self.call("Input.insertText", text=text)

    async def small(self) -> list[str]:
        """What a thumb is asked to hit although it is too small."""
        touched = "a, button, summary, select, label.tick, input:not([type=hidden]):not([type=checkbox])"
        found = (
            f"[...document.querySelectorAll({touched!r})].filter(e => e.offsetParent !== null"
            f" && e.getBoundingClientRect().height < {self._smallest}).map(e => e.outerHTML.slice(0, 90))"
        )
        return list(await self.look(found))

    async def tap(self, selector: str) -> None:
        """A real tap in the middle of the first match, then the page that follows it."""
        place = await self.look(
            f"(() => {{ const e = document.querySelector({selector!r}); e.scrollIntoView({{block: 'center'}});"
            " const b = e.getBoundingClientRect(), x = b.x + b.width / 2, y = b.y + b.height / 2;"
            " let top = y, end = y;"
            " while (top > 0 && e.contains(document.elementFromPoint(x, top - 1))) top -= 1;"
            " while (end < innerHeight - 1 && e.contains(document.elementFromPoint(x, end + 1))) end += 1;"
            " return [x, y, end - top + 1]; })()"
        )
        assert place[2] >= self._smallest, f"{selector} takes a tap on {place[2]} px only: too small"
        self._early.clear()
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)
        await self.until("Page.loadEventFired")

    async def wide(self) -> list[str]:
        """What sticks out of the window sideways: nothing, if a thumb is to scroll one way only."""
        outside = (
            "[...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1"
            " && !e.closest('.scroll')).map(e => e.tagName + '.' + e.className)"
        )
        return list(await self.look(outside))

    async def picture(self) -> bytes:
        """The whole page as PNG."""
        size = await self.look("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        shot = await self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(shot["data"])


@asynccontextmanager
async def tab(width: int, height: int = 740, *, scripts: bool = True, agent: str = "") -> AsyncIterator[Tab]:
    """A fresh browser with an empty profile, one tab ``width`` CSS pixels wide; ``agent``: what it calls itself."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = await asyncio.create_subprocess_exec(
            binary(),
            *FLAGS,
            f"--user-data-dir={profile}",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            port = await _port(browser)
            async with aiohttp.ClientSession() as session:
                async with session.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer:
                    address = (await answer.json())["webSocketDebuggerUrl"]
                async with session.ws_connect(address, max_msg_size=0) as socket:
                    opened = Tab(socket, THUMB if width < 500 else POINTER)
                    await opened.call("Page.enable")
                    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
                    await opened.call("Emulation.setDeviceMetricsOverride", **size)
                    await opened.call("Emulation.setScriptExecutionDisabled", value=not scripts)
                    if agent:
                        await opened.call("Emulation.setUserAgentOverride", userAgent=agent)
                    if width < 500:
                        await opened.call("Emulation.setTouchEmulationEnabled", enabled=True)
                    yield opened
        finally:
            browser.kill()
            await browser.wait()


async def _port(browser: asyncio.subprocess.Process) -> str:
    assert browser.stderr is not None
    async with asyncio.timeout(PATIENCE):
        async for line in browser.stderr:
            if b"DevTools listening on" in line:
                return line.decode().split("127.0.0.1:")[1].split("/")[0]
    raise RuntimeError("Chromium ended before it listened")
