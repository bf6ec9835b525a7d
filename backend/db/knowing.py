"""What is known of the ways to a tenant: who follows, who refuses, which number is dead, what is still allowed."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, case, delete, exists, func, literal, or_, select, update

from backend.sealing import Sealer
from dialogs.rungs import Contact

from .importing import upsert
from .port import Found
from .reach_port import NumberWord, Ways
from .reach_tables import attempts, consents, numbers, suppressions
from .rows import OPENS_MAX, found_of, person_of
from .tables import bindings, effects, inbound, people, renewals

SHANGHAI = ZoneInfo("Asia/Shanghai")
DEAD_AFTER = timedelta(hours=24)
"""Two hard words so far apart make a number dead (channels, section 4)."""
PHONE_DIGITS = 11


def ways(conn: Connection, sealer: Sealer, tenant: str, template: str, now: datetime) -> Ways:
    bound = conn.execute(
        select(bindings.c.address, bindings.c.sealed, bindings.c.follows)
        .where(bindings.c.channel == "wechat", bindings.c.tenant == tenant)
        .order_by(bindings.c.bound_at.desc())
        .limit(1)
    ).first()
    phone = _phone(conn, sealer, tenant)
    refused = set(conn.execute(select(suppressions.c.channel).where(suppressions.c.tenant == tenant)).scalars())
    contact = Contact(
        wechat=bound is not None,
        followed=bound is not None and bool(bound.follows),
        refuses_wechat="wechat" in refused,
        consents=_consents(conn, bound.address, template) if bound is not None and template else 0,
        phone=bool(phone),
        phone_dead=bool(phone) and _is_dead(conn, sealer.blind(phone)),
        refuses_sms="sms" in refused,
        sms_today=_sms_since(conn, tenant, _midnight(now)),
    )
    return Ways(contact, sealer.open(bound.sealed) if bound is not None else "", phone)


def _phone(conn: Connection, sealer: Sealer, tenant: str) -> str:
    """The ledger's number, where it is one: 11 digits."""
    sealed = conn.execute(select(people.c.sealed).where(people.c.id == tenant)).scalar()
    phone = person_of(sealed, sealer).phone if sealed else ""
    return phone if len(phone) == PHONE_DIGITS and phone.isascii() and phone.isdigit() else ""


def _consents(conn: Connection, address: str, template: str) -> int:
    found = select(consents.c.remaining).where(consents.c.address == address, consents.c.template == template)
    return int(conn.execute(found).scalar() or 0)


def _is_dead(conn: Connection, phone: str) -> bool:
    return conn.execute(select(numbers.c.dead_at).where(numbers.c.phone == phone)).scalar() is not None


def _sms_since(conn: Connection, tenant: str, since: datetime) -> int:
    mine = (attempts.c.tenant == tenant, attempts.c.rung == "sms", attempts.c.begun_at >= since)
    return int(conn.execute(select(func.count()).select_from(attempts).where(*mine)).scalar_one())


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(SHANGHAI).date(), time.min, SHANGHAI)


# --- what is learnt ---------------------------------------------------------------------------------------------------
def note_follow(conn: Connection, address: str, follows: bool, now: datetime) -> None:
    """Pushes come out of order: an older word than the last one says nothing. A new follow lifts a refusal."""
    mine = (bindings.c.channel == "wechat", bindings.c.address == address)
    newer = or_(bindings.c.follow_at.is_(None), bindings.c.follow_at <= now)
    changed = conn.execute(update(bindings).where(*mine, newer).values(follows=follows, follow_at=now)).rowcount
    if changed and follows:
        tenant = select(bindings.c.tenant).where(*mine).scalar_subquery()
        conn.execute(delete(suppressions).where(suppressions.c.tenant == tenant, suppressions.c.channel == "wechat"))


def suppress(conn: Connection, tenant: str, channel: str, why: str, now: datetime) -> None:
    statement = upsert(conn, suppressions).values(tenant=tenant, channel=channel, why=why[:64], at=now)
    conn.execute(statement.on_conflict_do_nothing())


def note_number(conn: Connection, phone: str, word: tuple[NumberWord, str], now: datetime) -> bool:
    """True when this word makes the number dead."""
    said, code = word
    statement = upsert(conn, numbers).values(
        phone=phone, hard_at=now if said is NumberWord.HARD else None, word=said.value, code=code[:64], at=now
    )
    conn.execute(statement.on_conflict_do_update(index_elements=["phone"], set_=_after(said, code, now)))
    if said is not NumberWord.HARD:
        return False
    dying = (numbers.c.phone == phone, numbers.c.dead_at.is_(None), numbers.c.hard_at <= now - DEAD_AFTER)
    return conn.execute(update(numbers).where(*dying).values(dead_at=now)).rowcount == 1


def _after(said: NumberWord, code: str, now: datetime) -> dict[str, Any]:
    """A good word clears the past; the first hard one is kept, so that the second can be far from it."""
    seen = {"word": said.value, "code": code[:64], "at": now}
    if said is NumberWord.GOOD:
        return {**seen, "hard_at": None, "dead_at": None}
    if said is NumberWord.HARD:
        first = case((numbers.c.hard_at.is_(None), literal(now, numbers.c.hard_at.type)), else_=numbers.c.hard_at)
        return {**seen, "hard_at": first}
    return seen


def note_consent(conn: Connection, address: str, template: str, change: int, now: datetime) -> None:
    """Never below none."""
    statement = upsert(conn, consents).values(address=address, template=template, remaining=max(0, change), at=now)
    after = consents.c.remaining + change
    remaining: Any = 0 if change == 0 else case((after > 0, after), else_=0)
    keys = ["address", "template"]
    conn.execute(statement.on_conflict_do_update(index_elements=keys, set_={"remaining": remaining, "at": now}))


# --- who texts --------------------------------------------------------------------------------------------------------
def find_by_phone(conn: Connection, sealer: Sealer, phone: str, key: str, now: datetime) -> Found:
    """Like the turn path's look-up, by the ledger's number instead of a binding."""
    waiting = (
        exists()
        .where(effects.c.renewal_id == renewals.c.id, effects.c.lane == "chat", effects.c.status == "open")
        .where(or_(effects.c.tried, effects.c.run_at <= now))
    )
    found = (
        select(
            people.c.id, literal(None), literal(None), renewals.c.id, renewals.c.operator, renewals.c.tenant,
            renewals.c.version, renewals.c.body, renewals.c.live, people.c.sealed, waiting,
        )
        .join_from(people, renewals, renewals.c.tenant == people.c.id, isouter=True)
        .where(people.c.phone_blind == sealer.blind(phone))
        .order_by(renewals.c.live.desc(), renewals.c.id.desc())
        .limit(OPENS_MAX)
    )  # fmt: skip
    seen = conn.execute(select(inbound.c.key, inbound.c.reply).where(inbound.c.key == key)).first()
    rows = [_with(row, seen) for row in conn.execute(found)] or [_with((None,) * 11, seen)]
    return found_of(rows, sealer)


def _with(row: Any, seen: Any) -> list[Any]:
    values = list(row)
    if seen is not None:
        values[1], values[2] = seen.key, seen.reply
    return values
