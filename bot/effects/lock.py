"""The lock lane: every credential of the door to the end of a day, read back; never shortened."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from backend.db.port import Store
from backend.locks.port import LockError, Locks
from bot.clock import SHANGHAI
from bot.dispatcher import Done, Hand, Job
from dialogs.effects import Effect, ExtendAccess
from dialogs.events import AccessDelayed, AccessExtended


def lock_hands(store: Store, locks: Locks) -> dict[type[Effect], Hand]:
    async def extend(job: Job) -> Done:
        wish = job.claim.effect
        assert isinstance(wish, ExtendAccess)
        lock = job.stored.renewal.lease.lock
        try:
            await extend_all(locks, lock, end_of_day(wish.until))
        except LockError as fault:
            return Done(AccessDelayed(str(fault)[:200]))
        await store.note_ref("lock", f"{lock}:{wish.until}", job.stored.id)
        return Done(AccessExtended(wish.until))

    return {ExtendAccess: extend}


def end_of_day(day: date) -> datetime:
    """The last second of a Shanghai day, as a UTC instant."""
    return (datetime.combine(day + timedelta(days=1), time.min, SHANGHAI) - timedelta(seconds=1)).astimezone(UTC)


async def extend_all(locks: Locks, lock: str, end: datetime) -> None:
    """Extend what ends earlier, then read back. Raises LockError: one still ends too early, or none is there."""
    for credential in await locks.credentials(lock):
        if credential.end is not None and credential.end < end:
            await locks.extend(lock, credential, end)
    after = await locks.credentials(lock)
    if not after:
        raise LockError("no-credentials", "the lock knows no credential of this tenant", asleep=False)
    short = [one.id for one in after if one.end is not None and one.end < end]
    if short:
        raise LockError("read-back", f"{len(short)} of {len(after)} credentials still end too early", asleep=True)
