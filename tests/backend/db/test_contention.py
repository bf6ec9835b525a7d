"""Several processes tap one renewal at the same moment, five hundred times over: exactly one of them is heard."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections import Counter
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from backend.db.connect import connect
from backend.db.port import Written
from backend.sealing import Sealer, sealer_of
from tests.backend.db.town import again, opened, say, turn

ROUNDS = 500
PROCESSES = 5
TAPS_EACH = 2
PATIENCE = 120
KEY = "5e" * 32


def tapper(url: str, name: int, gate: Barrier, heard: Queue[list[tuple[int, str]]]) -> None:
    heard.put(asyncio.run(_tap(url, name, gate)))


async def _tap(url: str, name: int, gate: Barrier) -> list[tuple[int, str]]:
    store = await connect(url, sealer_of(KEY))
    stored = await store.load(1)
    assert stored is not None
    outcomes = []
    for number in range(ROUNDS):
        keys = [f"{number}-{name}-{tap}" for tap in range(TAPS_EACH)]
        at_version = type(stored)(stored.id, stored.operator, stored.tenant, number, stored.renewal)
        taps = [turn(at_version, say(f"S{key}"), key=key) for key in keys]
        gate.wait(PATIENCE)
        answers = await asyncio.gather(*(store.commit([tap]) for tap in taps))
        outcomes += [(number, written.value) for (written,) in answers]
    await store.close()
    return outcomes


async def test_of_ten_taps_at_once_exactly_one_is_heard(pg_url: str, sealer: Sealer) -> None:
    store = await connect(pg_url, sealer)
    (stored,) = await opened(store)
    assert stored.id == 1
    outcomes = await asyncio.to_thread(_race, pg_url)
    by_round = Counter(number for number, written in outcomes if written == Written.SAVED)
    assert by_round == Counter(range(ROUNDS))
    assert Counter(written for _, written in outcomes) == {
        "saved": ROUNDS,
        "stale": ROUNDS * (PROCESSES * TAPS_EACH - 1),
    }
    assert (await again(store, stored)).version == len(await store.log(1)) == len(await store.outbox(1)) == ROUNDS
    await store.close()


def _race(url: str) -> list[tuple[int, str]]:
    spawn = multiprocessing.get_context("spawn")
    gate, heard = spawn.Barrier(PROCESSES), spawn.Queue()
    crowd = [spawn.Process(target=tapper, args=(url, name, gate, heard)) for name in range(PROCESSES)]
    for one in crowd:
        one.start()
    outcomes = [outcome for _ in crowd for outcome in heard.get(timeout=PATIENCE)]
    for one in crowd:
        one.join(PATIENCE)
    heard.close()
    heard.join_thread()
    return outcomes
