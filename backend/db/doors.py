"""The doors a tenant comes in by: binding scenes, short codes, passcodes, and links that were called back."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, or_, select, update

from backend.sealing import Sealer

from .importing import upsert
from .reach_port import Focus, Passcode
from .reach_tables import dead_links, focuses, passcodes, scenes, short_codes
from .tables import bindings

A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)
CODES_A_DAY = 5
TRIES = 5


def make_scene(conn: Connection, scene: str, tenant: str, until: datetime, now: datetime) -> None:
    conn.execute(upsert(conn, scenes).values(scene=scene, tenant=tenant, until=until, made_at=now))


def use_scene(conn: Connection, sealer: Sealer, scene: str, openid: str, now: datetime) -> str | None:
    """Only the first openid that comes in time has it; that one may come again."""
    address = sealer.blind(openid)
    free = or_(scenes.c.used_by.is_(None), scenes.c.used_by == address)
    mine = (scenes.c.scene == sealer.blind(scene), scenes.c.until > now, free)
    if not conn.execute(update(scenes).where(*mine).values(used_by=address)).rowcount:
        return None
    tenant: str = conn.execute(select(scenes.c.tenant).where(scenes.c.scene == sealer.blind(scene))).scalar_one()
    facts = {"sealed": sealer.seal(openid), "tenant": tenant, "bound_at": now, "follows": True, "follow_at": now}
    statement = upsert(conn, bindings).values(channel="wechat", address=address, **facts)
    conn.execute(statement.on_conflict_do_update(index_elements=["channel", "address"], set_=facts))
    return tenant


def short_code(conn: Connection, sealer: Sealer, renewal_id: int, fresh: tuple[str, datetime], now: datetime) -> str:
    """``fresh`` = (code, until). The live one again, so that every SMS of a renewal says the same."""
    code, until = fresh
    row = conn.execute(select(short_codes).where(short_codes.c.renewal_id == renewal_id)).first()
    if row is not None and row.until > now and not _called_back(conn, renewal_id, row.made_at):
        return sealer.open(row.sealed)
    conn.execute(delete(short_codes).where(short_codes.c.renewal_id == renewal_id))
    facts = {"renewal_id": renewal_id, "sealed": sealer.seal(code), "until": until, "made_at": now}
    conn.execute(upsert(conn, short_codes).values(code=sealer.blind(code), **facts).on_conflict_do_nothing())
    kept = conn.execute(select(short_codes.c.sealed).where(short_codes.c.renewal_id == renewal_id)).scalar_one()
    return sealer.open(kept)


def by_short_code(conn: Connection, sealer: Sealer, code: str, now: datetime) -> int | None:
    row = conn.execute(select(short_codes).where(short_codes.c.code == sealer.blind(code))).first()
    if row is None or row.until <= now or _called_back(conn, row.renewal_id, row.made_at):
        return None
    return int(row.renewal_id)


def _called_back(conn: Connection, renewal_id: int, made_at: datetime) -> bool:
    before = dead_before(conn, renewal_id)
    return before is not None and made_at < before


def revoke(conn: Connection, renewal_id: int, now: datetime) -> None:
    statement = upsert(conn, dead_links).values(renewal_id=renewal_id, before=now)
    conn.execute(statement.on_conflict_do_update(index_elements=["renewal_id"], set_={"before": now}))


def dead_before(conn: Connection, renewal_id: int) -> datetime | None:
    found: datetime | None = conn.execute(
        select(dead_links.c.before).where(dead_links.c.renewal_id == renewal_id)
    ).scalar()
    return found


def put_passcode(conn: Connection, renewal_id: int, code: str, until: datetime, now: datetime) -> bool:
    """``code`` is blinded. The newest one counts; a sixth within a day, or a second within a minute, is refused."""
    mine = passcodes.c.renewal_id == renewal_id
    made, last = conn.execute(
        select(func.count(), func.max(passcodes.c.made_at)).where(mine, passcodes.c.made_at > now - A_DAY)
    ).one()
    if made >= CODES_A_DAY or (last is not None and last > now - A_MINUTE):
        return False
    conn.execute(passcodes.insert().values(renewal_id=renewal_id, code=code, until=until, made_at=now))
    return True


def try_passcode(conn: Connection, renewal_id: int, code: str, now: datetime) -> Passcode:
    """Each try is counted before it is compared, so that many at once are no more than five."""
    newest = (
        select(passcodes)
        .where(passcodes.c.renewal_id == renewal_id)
        .order_by(passcodes.c.made_at.desc(), passcodes.c.id.desc())
        .limit(1)
    )
    row = conn.execute(newest).first()
    if row is None or row.until <= now or row.used_at is not None:
        return Passcode.WORN_OUT
    counted = update(passcodes).where(passcodes.c.id == row.id, passcodes.c.tries < TRIES)
    if not conn.execute(counted.values(tries=passcodes.c.tries + 1)).rowcount:
        return Passcode.WORN_OUT
    if not hmac.compare_digest(row.code, code):
        return Passcode.WRONG
    once = update(passcodes).where(passcodes.c.id == row.id, passcodes.c.used_at.is_(None))
    return Passcode.RIGHT if conn.execute(once.values(used_at=now)).rowcount else Passcode.WORN_OUT


# --- which of several leases -----------------------------------------------------------------------------------------
def focus(conn: Connection, sealer: Sealer, channel: str, address: str) -> Focus | None:
    mine = (focuses.c.channel == channel, focuses.c.address == address)
    row = conn.execute(select(focuses.c.renewal_id, focuses.c.at, focuses.c.asked).where(*mine)).first()
    return None if row is None else Focus(row.renewal_id, row.at, sealer.open(row.asked))


def put_focus(conn: Connection, sealer: Sealer, where: tuple[str, str], made: Focus) -> None:
    channel, address = where
    values = {"renewal_id": made.renewal_id, "at": made.at, "asked": sealer.seal(made.asked)}
    statement = upsert(conn, focuses).values(channel=channel, address=address, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["channel", "address"], set_=values))
