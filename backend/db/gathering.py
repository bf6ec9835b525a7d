"""Group commit: what comes while others are being written is written together, by one statement and one fsync."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

BATCH_MAX = 64
IN_FLIGHT = 2
"""One batch is on its way while the next is taken; more would only make them smaller."""


class Gatherer(Generic[T, R]):
    """``write`` takes a batch and answers in its order; what it raises, everybody in the batch is told.

    Nothing waits for company: while fewer than ``IN_FLIGHT`` batches are on their way, an item leaves at once, alone.
    """

    def __init__(self, write: Callable[[Sequence[T]], Awaitable[Sequence[R]]]) -> None:
        self._write = write
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._running: set[asyncio.Task[None]] = set()

    async def put(self, items: Sequence[T]) -> list[R]:
        """Answers in the order given. A caller who is cancelled takes nothing back."""
        loop = asyncio.get_running_loop()
        asked = [(item, loop.create_future()) for item in items]
        self._waiting += asked
        self._start()
        if len(asked) == 1:
            return [await asked[0][1]]
        return list(await asyncio.gather(*(future for _, future in asked)))

    async def finish(self) -> None:
        """Everything put before is written."""
        while self._running:
            await asyncio.wait(self._running)

    def _start(self) -> None:
        while self._waiting and len(self._running) < IN_FLIGHT:
            batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
            task = asyncio.create_task(self._flush(batch))
            self._running.add(task)
            task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._start()

    async def _flush(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            answers = await self._write([item for item, _ in batch])
        except Exception as fault:
            for _, future in batch:
                if not future.done():
                    future.set_exception(fault)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
