"""Leases, people, bills and outside references: imported whole, written once, found again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy.exc import SQLAlchemyError

from backend.db import books, importing
from backend.db.port import Imported, LeaseRow, LedgerBill, Person, RenewedLease, Store, Write
from dialogs.events import EnvelopeSigned
from dialogs.lease import Comps
from dialogs.money import Fen, yuan
from dialogs.offer import Proposal, RentStep
from dialogs.renewal import Decision
from dialogs.states import State
from tests.backend.db.town import NOW, OPERATOR, TODAY, WINDOW, after, again, imported, lease, opened, phone, row


def bill(number: int, **changes: Any) -> LedgerBill:
    plain = LedgerBill(f"B{number}", "L1", date(2026, 2, number), yuan(number))
    return msgspec.structs.replace(plain, **changes)


async def test_the_same_file_twice_changes_nothing(store: Store) -> None:
    rows = [row(1), row(2)]
    assert await store.import_leases(OPERATOR, rows, "ab", NOW) == Imported(created=2)
    assert await store.import_leases(OPERATOR, rows, "ab", after(9)) == Imported(unchanged=2)
    assert await store.imported_before(OPERATOR, "ab")
    assert not await store.imported_before(OPERATOR, "cd")
    assert not await store.imported_before("other", "ab")


async def test_a_changed_lease_is_reported_where_a_renewal_is_open(store: Store) -> None:
    stored = (await opened(store, 2))[0]
    await imported(store, row(9, lease(9, end=date(2027, 1, 1))))
    rows = [row(1, lease(1, rent=yuan(3333))), row(2), row(9, lease(9, end=date(2027, 2, 1))), row(10)]
    result = await store.import_leases(OPERATOR, rows, "02", NOW)
    assert result == Imported(created=1, changed=2, unchanged=1, corrected=(stored.id,))
    assert await store.lease(OPERATOR, "L1") == lease(1, rent=yuan(3333))
    assert (await again(store, stored)).renewal.lease == lease(1)


async def test_nothing_is_half_imported(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "encode", encode_but("P2"))
    with pytest.raises(RuntimeError):
        await store.import_leases(OPERATOR, [row(1), row(2)], "ab", NOW)
    assert await store.lease(OPERATOR, "L1") is None
    assert await store.person("yuju-P1") is None
    assert not await store.imported_before(OPERATOR, "ab")


def encode_but(bad: str) -> Any:
    def encode(value: object) -> str:
        if isinstance(value, Person) and value.id.endswith(bad):
            raise RuntimeError("broken in the middle")
        return msgspec.json.encode(value).decode()

    return encode


async def test_people_are_found_by_id_and_by_phone(store: Store) -> None:
    await imported(store, row(1))
    person = await store.person("yuju-P1")
    assert person is not None
    assert person == row(1).people[0] == await store.person_by_phone(OPERATOR, phone(1))
    assert await store.person_by_phone("other", phone(1)) is None
    assert await store.person_by_phone(OPERATOR, phone(2)) is None
    moved = msgspec.structs.replace(person, phone="13911112222")
    await imported(store, LeaseRow(lease(1), (moved,)))
    assert await store.person_by_phone(OPERATOR, "13911112222") == moved
    assert await store.person_by_phone(OPERATOR, phone(1)) is None


async def test_bindings(store: Store) -> None:
    await store.bind("wechat", "a", "T1", NOW)
    await store.bind("wechat", "b", "T1", after(1))
    await store.bind("sms", phone(1), "T1", NOW)
    assert await store.addresses("T1") == {"wechat": "b", "sms": phone(1)}
    await store.bind("wechat", "b", "T2", after(2))
    assert (await store.addresses("T1"), await store.addresses("T2")) == (
        {"wechat": "a", "sms": phone(1)},
        {"wechat": "b"},
    )
    await store.unbind("wechat", "a")
    assert await store.addresses("T1") == {"sms": phone(1)}
    assert (await store.find("sms", phone(1), "m", NOW)).tenant == "T1"


async def test_comps_are_our_own_recent_leases_of_the_same_layout(store: Store) -> None:
    recent, old = TODAY - timedelta(days=10), TODAY - timedelta(days=181)
    rents = {1: 1000, 2: 3000, 3: 3100, 4: 3300, 5: 9000}
    leases = {
        number: msgspec.structs.replace(lease(number, rent=yuan(rent)), start=recent) for number, rent in rents.items()
    }
    leases[5] = msgspec.structs.replace(leases[5], start=old)
    elsewhere = msgspec.structs.replace(leases[1], no="L6", unit=msgspec.structs.replace(leases[1].unit, layout="两室"))
    await imported(store, *(row(n, one) for n, one in leases.items()), row(6, elsewhere))
    found = await store.comps(OPERATOR, leases[1], TODAY)
    assert found == Comps(3, yuan(3100), yuan(3000), yuan(3300))
    assert await store.comps("other", leases[1], TODAY) == Comps()
    assert books.COMPS_DAYS == 180


async def test_open_bills_follow_the_ledger(store: Store) -> None:
    disputed = bill(2, disputed=True)
    await imported(store, row(1, bills=(bill(3), disputed, bill(1, paid=True))), row(2))
    assert await store.open_bills(OPERATOR, "L1") == [disputed, bill(3)]
    assert await store.pay_bill(OPERATOR, "B3", "pay-1", NOW)
    assert not await store.pay_bill(OPERATOR, "B3", "pay-1", NOW)
    assert not await store.pay_bill("other", "B2", "pay-2", NOW)
    await imported(store, row(1, bills=(bill(3), disputed)))
    assert await store.open_bills(OPERATOR, "L1") == [disputed]
    await imported(store, row(2))
    assert await store.open_bills(OPERATOR, "L1") == [disputed]
    await imported(store, row(1))
    assert await store.open_bills(OPERATOR, "L1") == []


async def test_one_bill_for_one_period(store: Store) -> None:
    period = date(2026, 4, 2)
    first = await store.create_bill(OPERATOR, "L1", period, 320000, date(2026, 4, 1), NOW)
    assert first == await store.create_bill(OPERATOR, "L1", period, 999, date(2026, 5, 1), after(9))
    other = await store.create_bill("other", "L1", period, 5, date(2026, 4, 1), NOW)
    assert (first.amount, other.amount) == (320000, 5)
    assert await store.open_bills(OPERATOR, "L1") == []
    assert await store.pay_bill(OPERATOR, first.no, "pay", NOW)
    await imported(store, row(1))
    assert await store.create_bill(OPERATOR, "L1", period, 1, period, NOW) == msgspec.structs.replace(first, paid=True)


async def test_the_deposit_is_what_the_cashier_says(store: Store) -> None:
    await imported(store, row(1))
    await store.book_deposit(OPERATOR, "L1", 12345, NOW)
    await store.book_deposit(OPERATOR, "none", 1, NOW)
    held = await store.lease(OPERATOR, "L1")
    assert held == msgspec.structs.replace(lease(1), deposit_held=Fen(12345))


async def test_a_renewed_lease_is_closed_followed_and_exported(store: Store) -> None:
    (stored,) = await opened(store)
    terms = Proposal("keep", 1, (RentStep(12, yuan(3250)),), date(2026, 4, 2), date(2027, 4, 1), yuan(3250))
    renewal = msgspec.structs.replace(
        stored.renewal, state=State.RENEWED, accepted=terms, envelope="env-1", marks={"signed": NOW}
    )
    signed = EnvelopeSigned(ref="env-1", sha256="c0ffee")
    await store.commit([Write(stored.id, 0, signed, Decision(renewal), NOW)])
    following = msgspec.structs.replace(
        lease(1, rent=yuan(3250)), no=books.next_no("L1", terms.start), start=terms.start, end=terms.end
    )
    for _ in range(2):
        await store.record_renewal(stored.id, following, NOW)
    assert await store.lease(OPERATOR, "L1-2604") == following
    assert await store.open_window(OPERATOR, WINDOW, after(1)) == 0
    (line,) = await store.renewed_leases(OPERATOR)
    assert line == RenewedLease(
        "L1",
        "L1-2604",
        OPERATOR,
        "翠苑",
        "3幢101",
        terms.start,
        terms.end,
        yuan(3250),
        yuan(3250),
        NOW,
        "c0ffee",
        "env-1",
    )
    assert await store.renewed_leases("other") == []


async def test_a_closed_lease_opens_no_window(store: Store) -> None:
    stored = (await opened(store))[0]
    await store.close_lease(stored.id, False, NOW)
    later = msgspec.structs.replace(WINDOW, today=TODAY + timedelta(days=1))
    assert await store.open_window(OPERATOR, later, after(86400)) == 0


async def test_outside_references_keep_their_first_renewal(store: Store) -> None:
    await store.note_ref("envelope", "e1", 5)
    await store.note_ref("envelope", "e1", 6)
    assert await store.locate("envelope", "e1") == 5
    assert await store.locate("payment", "e1") is None


async def test_two_open_renewals_of_one_lease_cannot_be(store: Store) -> None:
    (stored,) = await opened(store)
    with pytest.raises(SQLAlchemyError, match=r"(?i)unique"):
        await second_renewal(store, stored.id)


async def second_renewal(store: Any, renewal_id: int) -> None:
    columns = "operator, lease_id, lease_no, tenant, flow, opened_at, opening, body"
    select = f"SELECT {columns}, '2027-01-01' FROM renewals WHERE id = {renewal_id}"
    statement = f"INSERT INTO renewals ({columns}, end_date) {select}"
    await store.write(lambda conn: conn.exec_driver_sql(statement))
