"""Personal data is nowhere in the clear on disk: not in a row, not in the log, not in what a page left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.db.connect import connect
from backend.db.port import Inbound, Store, Words
from backend.db.rows import sealed_words
from backend.sealing import Sealer
from tests import servers
from tests.backend.db.town import NOW, again, opened, phone, row, say, turn

WORDS = "我女儿叫小满，住在翠苑三幢"
REPLY = "王女士您好，已为您登记"


async def live_a_little(store: Store) -> list[str]:
    """Everything personal that was said or imported."""
    (stored,) = await opened(store)
    await store.bind("sms", phone(1), stored.tenant, NOW)
    await store.commit([turn(stored, say("S1"), key="m1", reply=REPLY, words=(Words("w", "tenant", "sms", WORDS),))])
    await store.remember(Inbound("m2", REPLY), NOW, Words("w2", "tenant", "sms", WORDS))
    (person,) = row(1).people
    assert (await store.thread(stored.id))[0][1].text == WORDS
    assert (await again(store, stored)).name == person.name
    return [person.name, person.phone, person.id_number, WORDS, REPLY]


def found_in(folder: Path, secrets: list[str]) -> dict[str, str]:
    """File → secret, for every secret that stands there."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(b"L1" in path.read_bytes() for path in files), "what is not secret should be there"
    return {path.name: one for path in files for one in secrets if one.encode() in path.read_bytes()}


async def test_sqlite_keeps_it_sealed(sqlite_url: str, sealer: Sealer, tmp_path: Path) -> None:
    store = await connect(sqlite_url, sealer)
    secrets = await live_a_little(store)
    assert found_in(tmp_path, secrets) == {}
    await store.close()
    assert found_in(tmp_path, secrets) == {}


async def test_postgres_keeps_it_sealed(pg_url: str, pg_server: servers.Postgres, sealer: Sealer) -> None:
    store = await connect(pg_url, sealer)
    secrets = await live_a_little(store)
    await store.close()
    pg_server.stop("fast")
    try:
        assert found_in(pg_server.folder / "cluster", secrets) == {}
    finally:
        pg_server.start()


@pytest.mark.parametrize("text", [WORDS, ""])
def test_words_leave_the_process_sealed(sealer: Sealer, text: str) -> None:
    ((*facts, sealed),) = sealed_words([Words("w", "bot", "sms", text, "offers")], sealer)
    assert facts == ["w", "bot", "sms", "offers"]
    assert sealer.open(sealed) == text
    assert not text or text not in sealed
