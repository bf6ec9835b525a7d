"""Group commit: nobody waits for company, who comes meanwhile goes together, and trouble is told to all it concerns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from backend.db.gathering import BATCH_MAX, IN_FLIGHT, Gatherer


class Press:
    """Writes when told, and remembers the batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Event()

    async def write(self, batch: Sequence[int]) -> list[int]:
        self.batches.append(list(batch))
        await self.go.wait()
        if 13 in batch:
            raise ConnectionError("no luck")
        return [item * 10 for item in batch]


async def quiet() -> None:
    """Lets every task run until it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_nobody_waits_for_company_and_latecomers_share() -> None:
    press = Press()
    gatherer = Gatherer(press.write)
    puts = []
    for item in range(IN_FLIGHT + 3):
        puts.append(asyncio.create_task(gatherer.put([item])))
        await quiet()
    assert press.batches == [[item] for item in range(IN_FLIGHT)]
    press.go.set()
    assert await asyncio.gather(*puts) == [[item * 10] for item in range(IN_FLIGHT + 3)]
    assert press.batches[IN_FLIGHT:] == [[IN_FLIGHT, IN_FLIGHT + 1, IN_FLIGHT + 2]]


async def test_a_batch_has_an_end_and_answers_keep_their_order() -> None:
    press = Press()
    press.go.set()
    items = list(range(100, 100 + BATCH_MAX + 5))
    assert await Gatherer(press.write).put(items) == [item * 10 for item in items]
    assert [len(batch) for batch in press.batches] == [BATCH_MAX, 5]
    assert await Gatherer(press.write).put([]) == []


async def test_trouble_is_told_to_everybody_in_the_batch_only() -> None:
    press = Press()
    press.go.set()
    gatherer = Gatherer(press.write)
    done = await asyncio.gather(gatherer.put([12, 13]), gatherer.put([14]), return_exceptions=True)
    assert isinstance(done[0], ConnectionError)
    assert done[1] == [140]
    assert await gatherer.put([15]) == [150]


async def test_a_caller_who_is_cancelled_takes_nothing_back() -> None:
    press = Press()
    gatherer = Gatherer(press.write)
    leaving = asyncio.create_task(gatherer.put([1]))
    failing = asyncio.create_task(gatherer.put([13]))
    await quiet()
    leaving.cancel()
    failing.cancel()
    await quiet()
    press.go.set()
    await gatherer.finish()
    assert press.batches == [[1], [13]]
    with pytest.raises(asyncio.CancelledError):
        await leaving
