"""Leases, people and bills: plain functions on a connection of either database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from statistics import median_low

import msgspec
from sqlalchemy import Connection, delete, select, update

from backend.sealing import Sealer
from dialogs.events import EnvelopeSigned
from dialogs.lease import Comps, Lease, next_no
from dialogs.money import Fen

from . import deposits
from .importing import lease_columns, upsert
from .port import LedgerBill, Person, RenewedLease
from .rows import encode, event_of, lease_of, person_of, renewal_of
from .tables import bills, bindings, events, imports, leases, people, refs, renewals

COMPS_DAYS = 180
COMPS_MAX = 500


def imported_before(conn: Connection, operator: str, sha256: str) -> bool:
    found = select(imports.c.at).where(imports.c.operator == operator, imports.c.sha256 == sha256)
    return conn.execute(found).first() is not None


def lease(conn: Connection, operator: str, no: str) -> Lease | None:
    found = select(leases.c.facts).where(leases.c.operator == operator, leases.c.no == no)
    facts = conn.execute(found).scalar()
    return None if facts is None else lease_of(facts)


def book_deposit(conn: Connection, operator: str, no: str, held: int, now: datetime) -> None:
    before = lease(conn, operator, no)
    if before is not None:
        deposits.book(conn, operator, before, held, now)
        after = msgspec.structs.replace(before, deposit_held=Fen(held))
        mine = (leases.c.operator == operator, leases.c.no == no)
        conn.execute(update(leases).where(*mine).values(facts=encode(after)))


def comps(conn: Connection, operator: str, of: Lease, today: date) -> Comps:
    """Own signed leases of the same community and layout that began in the last 180 days; never this one itself."""
    since = (today - timedelta(days=COMPS_DAYS)).isoformat()
    found = (
        select(leases.c.rent)
        .where(leases.c.operator == operator, leases.c.community == of.unit.community)
        .where(leases.c.layout == of.unit.layout, leases.c.start_date.between(since, today.isoformat()))
        .where(leases.c.no != of.no)
        .order_by(leases.c.start_date.desc())
        .limit(COMPS_MAX)
    )
    rents = [int(row.rent) for row in conn.execute(found)]
    if not rents:
        return Comps()
    return Comps(len(rents), Fen(median_low(rents)), Fen(min(rents)), Fen(max(rents)))


def record_renewal(conn: Connection, renewal_id: int, following: Lease, now: datetime) -> None:
    """The old lease is done, the next term is a lease of its own, the deposit moves over; once."""
    wanted = select(renewals.c.lease_id, renewals.c.operator, leases.c.facts)
    mine = wanted.join(leases, leases.c.id == renewals.c.lease_id).where(renewals.c.id == renewal_id)
    old = conn.execute(mine).one()
    deposits.carry(conn, old.operator, lease_of(old.facts), following, now)
    conn.execute(update(leases).where(leases.c.id == old.lease_id).values(status="renewed"))
    statement = upsert(conn, leases).values(operator=old.operator, no=following.no, **lease_columns(following))
    conn.execute(statement.on_conflict_do_nothing())


def close_lease(conn: Connection, renewal_id: int, status: str) -> None:
    mine = select(renewals.c.lease_id).where(renewals.c.id == renewal_id).scalar_subquery()
    conn.execute(update(leases).where(leases.c.id == mine).values(status=status))


def renewed_leases(conn: Connection, operator: str) -> list[RenewedLease]:
    found = select(renewals.c.id, renewals.c.body).where(renewals.c.operator == operator, renewals.c.state == "renewed")
    result = []
    for row in conn.execute(found.order_by(renewals.c.id)):
        renewal = renewal_of(row.body)
        terms, old = renewal.accepted, renewal.lease
        if terms is None:
            continue
        result.append(
            RenewedLease(
                lease_no=old.no,
                next_lease_no=next_no(old.no, terms.start),
                operator=operator,
                community=old.unit.community,
                room=f"{old.unit.building}{old.unit.room}",
                start=terms.start,
                end=terms.end,
                rent=terms.first_rent,
                deposit=terms.deposit,
                signed_at=renewal.marks["signed"],
                contract_sha256=_contract(conn, int(row.id)),
                envelope=renewal.envelope or "",
            )
        )
    return result


def _contract(conn: Connection, renewal_id: int) -> str:
    for row in conn.execute(select(events.c.event).where(events.c.renewal_id == renewal_id)):
        event = event_of(row.event)
        if isinstance(event, EnvelopeSigned):
            return event.sha256
    return ""


def open_bills(conn: Connection, operator: str, lease_no: str) -> list[LedgerBill]:
    mine = select(bills).where(bills.c.operator == operator, bills.c.lease_no == lease_no)
    open_ones = mine.where(bills.c.paid.is_(False), bills.c.period.is_(None)).order_by(bills.c.due, bills.c.no)
    return [_bill(row) for row in conn.execute(open_ones)]


def create_bill(conn: Connection, operator: str, lease_no: str, period: date, terms: tuple[int, date]) -> LedgerBill:
    """Once per (lease, period); ``terms`` = (fen, due day). The first bill wins."""
    amount, due = terms
    no = f"B-{lease_no}-{period:%Y%m%d}"
    statement = upsert(conn, bills).values(
        operator=operator, no=no, lease_no=lease_no, period=period.isoformat(), due=due.isoformat(), amount=amount
    )
    conn.execute(statement.on_conflict_do_nothing())
    found = select(bills).where(bills.c.operator == operator, bills.c.no == no)
    return _bill(conn.execute(found).one())


def pay_bill(conn: Connection, operator: str, no: str, payment: str, now: datetime) -> bool:
    mine = update(bills).where(bills.c.operator == operator, bills.c.no == no, bills.c.paid.is_(False))
    return conn.execute(mine.values(paid=True, payment=payment, paid_at=now)).rowcount == 1


def _bill(row: object) -> LedgerBill:
    facts = row._mapping  # type: ignore[attr-defined]
    return LedgerBill(
        facts["no"],
        facts["lease_no"],
        date.fromisoformat(facts["due"]),
        facts["amount"],
        facts["paid"],
        facts["disputed"],
    )


def bind(conn: Connection, sealer: Sealer, at: tuple[str, str], whose: tuple[str, bool], now: datetime) -> None:
    """``at`` = (channel, address), ``whose`` = (tenant, follows); only the blind of an address stands in the clear."""
    channel, address = at
    tenant, follows = whose
    facts = {"sealed": sealer.seal(address), "tenant": tenant, "bound_at": now, "follows": follows}
    statement = upsert(conn, bindings).values(channel=channel, address=sealer.blind(address), **facts)
    conn.execute(statement.on_conflict_do_update(index_elements=["channel", "address"], set_=facts))


def unbind(conn: Connection, sealer: Sealer, channel: str, address: str) -> None:
    mine = (bindings.c.channel == channel, bindings.c.address == sealer.blind(address))
    conn.execute(delete(bindings).where(*mine))


def addresses(conn: Connection, sealer: Sealer, tenant: str) -> dict[str, str]:
    """Bound last wins."""
    found = select(bindings.c.channel, bindings.c.sealed).where(bindings.c.tenant == tenant)
    return {row.channel: sealer.open(row.sealed) for row in conn.execute(found.order_by(bindings.c.bound_at))}


def person(conn: Connection, sealer: Sealer, person_id: str) -> Person | None:
    sealed = conn.execute(select(people.c.sealed).where(people.c.id == person_id)).scalar()
    return None if sealed is None else person_of(sealed, sealer)


def person_by_phone(conn: Connection, sealer: Sealer, operator: str, phone: str) -> Person | None:
    mine = (people.c.operator == operator, people.c.phone_blind == sealer.blind(phone))
    sealed = conn.execute(select(people.c.sealed).where(*mine).order_by(people.c.id)).scalar()
    return None if sealed is None else person_of(sealed, sealer)


def locate(conn: Connection, kind: str, ref: str) -> int | None:
    found = conn.execute(select(refs.c.renewal_id).where(refs.c.kind == kind, refs.c.ref == ref)).scalar()
    return None if found is None else int(found)


def note_ref(conn: Connection, kind: str, ref: str, renewal_id: int) -> None:
    statement = upsert(conn, refs).values(kind=kind, ref=ref, renewal_id=renewal_id)
    conn.execute(statement.on_conflict_do_nothing())
