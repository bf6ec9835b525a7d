"""Rows for the bench: so many tenants with an open renewal whose offer lies before them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from backend.db.connect import connect
from backend.db.desk_side import DeskSide
from backend.db.migrate import upgrade
from backend.db.port import Person
from backend.sealing import Sealer, sealer_of
from bot.bench_load import openid
from dialogs.lease import Comps, Lease, Party, Role, Unit
from dialogs.money import yuan
from dialogs.policy import Policy
from dialogs.proposals import make_offer
from dialogs.renewal import FLOW, Renewal
from dialogs.states import State

OPERATOR = "bench"
SEAL_KEY = "5a" * 32
CHUNK = 5000

_STATEMENTS = (
    "INSERT INTO people (id, operator, sealed, phone_blind)"
    " SELECT u.*, '' FROM unnest($1::text[], $2::text[], $3::text[]) AS u (i, o, s)",
    "INSERT INTO bindings (channel, address, sealed, tenant, bound_at)"
    " SELECT 'wechat', a, s, t, now() FROM unnest($1::text[], $2::text[], $3::text[]) AS u (a, s, t)",
    "INSERT INTO leases (id, operator, no, tenant, community, building, layout, rent, start_date, end_date, facts)"
    " SELECT i, $2::text, no, t, '明月苑', '3', '一室', 320000, $5::text, $6::text, f::jsonb"
    " FROM unnest($1::bigint[], $3::text[], $4::text[], $7::text[]) AS u (i, no, t, f)",
    "INSERT INTO renewals (id, operator, lease_id, lease_no, tenant, end_date, state, flow, opened_at, opening, body)"
    " SELECT i, $2::text, i, no, t, $5::text, 'offered', $6::int, now(), b::jsonb, b::jsonb"
    " FROM unnest($1::bigint[], $3::text[], $4::text[], $7::text[]) AS u (i, no, t, b)",
)


class Resident(msgspec.Struct, frozen=True):
    number: int
    renewal: Renewal

    @property
    def body(self) -> str:
        return msgspec.json.encode(self.renewal).decode()


def lease(number: int, today: date) -> Lease:
    return Lease(
        no=f"BENCH-{number:07d}",
        operator=OPERATOR,
        unit=Unit("明月苑", "3", f"{number}", "一室"),
        parties=(Party(f"bench-{number:07d}", Role.TENANT),),
        start=today - timedelta(days=335),
        end=today + timedelta(days=30),
        rent=yuan(3200),
        deposit_due=yuan(3200),
        deposit_held=yuan(3200),
        housekeeper="hk1",
        lock=f"{number}",
        comps=Comps(12, yuan(3400), yuan(3000), yuan(3800)),
    )


def residents(count: int, now: datetime) -> Iterator[Resident]:
    """Each with the rule's own offer, shown."""
    today, policy = now.date(), Policy()
    for number in range(count):
        held = lease(number, today)
        offer = msgspec.structs.replace(make_offer(held, policy, 1, now), shown=True)
        renewal = Renewal(held, State.OFFERED, opened_on=today, offer=offer, next_offer=2, answered=True)
        yield Resident(number, renewal)


async def settle_town(url: str, count: int) -> None:
    """An empty database becomes the product's, with ``count`` open renewals."""
    await upgrade(url)
    sealer = sealer_of(SEAL_KEY)
    store = await connect(url, sealer)
    assert isinstance(store, DeskSide)
    part: list[Resident] = []
    for one in residents(count, datetime.now(UTC)):
        part.append(one)
        if len(part) == CHUNK:
            await _insert(store, sealer, part)
            part = []
    if part:
        await _insert(store, sealer, part)
    await store.close()


async def _insert(store: DeskSide, sealer: Sealer, part: Sequence[Resident]) -> None:
    held = [one.renewal.lease for one in part]
    ids, nos, tenants = [one.number + 1 for one in part], [one.no for one in held], [one.tenant.id for one in held]
    addresses = [openid(one.number) for one in part]
    first = held[0]
    people = [msgspec.json.encode(Person(one, "租客", "13800000000")).decode() for one in tenants]
    facts = [msgspec.json.encode(one).decode() for one in held]
    dates = (first.start.isoformat(), first.end.isoformat())
    values: tuple[tuple[Any, ...], ...] = (
        (tenants, [OPERATOR] * len(part), [sealer.seal(one) for one in people]),
        ([sealer.blind(one) for one in addresses], [sealer.seal(one) for one in addresses], tenants),
        (ids, OPERATOR, nos, tenants, *dates, facts),
        (ids, OPERATOR, nos, tenants, dates[1], FLOW, [one.body for one in part]),
    )
    for statement, of_it in zip(_STATEMENTS, values, strict=True):
        await put(store, statement, of_it)


async def put(store: DeskSide, statement: str, values: tuple[Any, ...] = ()) -> None:
    """One statement in a transaction of its own."""
    await store.write(lambda conn: conn.exec_driver_sql(statement, values))
