"""The deposit's entries: added and never changed, carried over as a pair, once."""

from __future__ import annotations

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from backend.db import deposit_tables, deposits
from backend.db.deposit_port import DepositEntry
from backend.db.port import Store
from dialogs.money import Fen
from tests.backend.db.town import NOW, OPERATOR, lease, opened


def sums(entries: list[DepositEntry]) -> int:
    return sum(one.amount for one in entries)


async def test_carried_over_as_a_linked_pair_and_once(store: Store) -> None:
    [stored] = await opened(store)
    old = stored.renewal.lease
    following = msgspec.structs.replace(old, no=f"{old.no}-2604", deposit_held=Fen(old.deposit_held + 5000))
    for _ in range(3):
        await store.record_renewal(stored.id, following, NOW)
    before = await store.deposit_entries(OPERATOR, old.no)
    after = await store.deposit_entries(OPERATOR, following.no)
    assert [(one.kind, one.amount, one.other_lease) for one in before] == [
        ("hold", old.deposit_held, ""), ("carry_out", -old.deposit_held, following.no),
    ]  # fmt: skip
    assert [(one.kind, one.amount, one.other_lease) for one in after] == [
        ("carry_in", old.deposit_held, old.no), ("top_up", 5000, ""),
    ]  # fmt: skip
    assert (sums(before), sums(after)) == (0, following.deposit_held)


async def test_what_the_cashier_books_is_the_difference_and_the_same_figure_adds_nothing(store: Store) -> None:
    [stored] = await opened(store)
    no, held = stored.renewal.lease.no, stored.renewal.lease.deposit_held
    for figure in (held, held + 700, held + 700, held + 200):
        await store.book_deposit(OPERATOR, no, figure, NOW)
    assert [(one.kind, one.amount) for one in await store.deposit_entries(OPERATOR, no)] == [
        ("hold", held), ("top_up", 700), ("release", -500),
    ]  # fmt: skip


async def test_of_a_lease_without_movement_there_is_nothing(store: Store) -> None:
    assert await store.deposit_entries(OPERATOR, "none") == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 1_000_000), max_size=6), st.integers(0, 1_000_000))
def test_no_fen_is_lost_on_the_way_to_the_next_term(figures: list[int], due: int) -> None:
    engine = create_engine("sqlite://")
    deposit_tables.deposits.create(engine)
    old = lease(1)
    following = msgspec.structs.replace(old, no="L1-2604")
    with engine.begin() as conn:
        for figure in figures:
            deposits.book(conn, OPERATOR, old, figure, NOW)
        held = figures[-1] if figures else int(old.deposit_held)
        following = msgspec.structs.replace(following, deposit_held=Fen(max(held, due)))
        for _ in range(2):
            deposits.carry(conn, OPERATOR, old, following, NOW)
        assert deposits.balance(conn, OPERATOR, old.no) == 0
        assert deposits.balance(conn, OPERATOR, following.no) == max(held, due)
    engine.dispose()


def test_an_entry_cannot_be_doubled() -> None:
    engine = create_engine("sqlite://")
    deposit_tables.deposits.create(engine)
    with engine.begin() as conn:
        for _ in range(2):
            deposits.open_with(conn, OPERATOR, lease(1), NOW)
        assert len(deposits.entries(conn, OPERATOR, "L1")) == 1
    engine.dispose()
