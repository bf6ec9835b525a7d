"""Opens the store that an address names, and refuses a schema that is not this version's."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from backend.sealing import Sealer

from .desk_side import DeskSide
from .migrate import behind
from .port import SchemaBehind, Store
from .postgres import open_postgres
from .sqlite import SqliteStore


async def connect(url: str, sealer: Sealer) -> Store:
    """``sqlite:///path`` or ``postgresql://…``. Raises StoreDown, SchemaBehind, ValueError for another address."""
    parsed = _parsed(url)
    store: Store
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        store = SqliteStore(Path(parsed.database), sealer)
    elif parsed.get_backend_name() == "postgresql":
        store = await open_postgres(url, sealer)
    else:
        raise ValueError(f"not a database we know: {parsed.get_backend_name()}; use sqlite:///… or postgresql://…")
    assert isinstance(store, DeskSide)
    if await store.read(behind):
        await store.close()
        raise SchemaBehind("the database has another schema than this version: run `xuzu migrate`")
    return store


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise ValueError("not an address: use sqlite:///… or postgresql://…") from None
