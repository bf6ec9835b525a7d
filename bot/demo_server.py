"""The demo's server: the real one as a child process; a killed one is started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

TRIES = 500
"""Hundredths of a second in which a killed server is started again."""


class Server:
    """``xuzu serve`` with the demo's settings; its log goes to a file beside the database."""

    def __init__(self, environ: Mapping[str, str], log: Path) -> None:
        self._environ = {**os.environ, **environ}
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._stopping = False
        self.starts = 0

    async def run(self, *command: str) -> None:
        """One command of the product to its end. Raises RuntimeError with its last words when it fails."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *command, env=self._environ, stderr=asyncio.subprocess.PIPE
        )
        _, words = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"xuzu {' '.join(command)} failed: {words[-2000:].decode(errors='replace')}")

    async def start(self) -> None:
        await self._spawn()
        self._keeper = asyncio.create_task(self._keep())

    async def kill(self) -> None:
        """SIGKILL: what a power cut looks like. The keeper starts it again; one that is down is waited for first."""
        for _ in range(TRIES):
            process = self._process
            if process is not None and process.returncode is None:
                process.send_signal(signal.SIGKILL)
                await process.wait()
                return
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self._stopping = True
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
        if self._keeper is not None:
            await self._keeper

    async def wait(self) -> None:
        """Until the server is stopped; who waits may be cancelled without ending it."""
        if self._keeper is not None:
            await asyncio.shield(self._keeper)

    async def _spawn(self) -> None:
        """In a session of its own: Ctrl-C reaches the demo, which then ends the server in order."""
        self.starts += 1
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "serve", env=self._environ, stdout=log, stderr=log, start_new_session=True
            )

    async def _keep(self) -> None:
        while True:
            assert self._process is not None
            await self._process.wait()
            if self._stopping:
                return
            await asyncio.sleep(0.05)
            await self._spawn()
