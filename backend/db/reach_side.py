"""The store's methods of reach, once for both databases."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Connection

from backend.sealing import Sealer

from . import doors, knowing, reaching, trying
from .port import Found
from .reach_port import Attempt, Focus, NumberWord, Passcode, Reached, Ways

T = TypeVar("T")


class ReachSide(ABC):
    """``read`` and ``write`` run a function on a connection; a write is one transaction."""

    sealer: Sealer

    @abstractmethod
    async def read(self, job: Callable[[Connection], T]) -> T: ...

    @abstractmethod
    async def write(self, job: Callable[[Connection], T]) -> T: ...

    async def ways(self, tenant: str, template: str, now: datetime) -> Ways:
        return await self.read(lambda conn: knowing.ways(conn, self.sealer, tenant, template, now))

    # --- attempts
    async def begin_attempt(self, attempt: Attempt) -> datetime:
        return await self.write(lambda conn: trying.begin(conn, attempt))

    async def note_attempt(self, attempt: Attempt) -> None:
        await self.write(lambda conn: trying.note(conn, attempt))

    async def receipt(self, channel: str, ref: str, failure: str, code: str, now: datetime) -> Attempt | None:
        return await self.write(lambda conn: trying.receipt(conn, (channel, ref), (failure, code), now))

    async def attempts(self, renewal_id: int) -> list[Attempt]:
        return await self.read(lambda conn: trying.of_renewal(conn, renewal_id))

    async def last_sms(self, tenant: str) -> tuple[int, datetime] | None:
        return await self.read(lambda conn: trying.last_sms(conn, tenant))

    # --- what is learnt
    async def note_follow(self, openid: str, follows: bool, now: datetime) -> None:
        address = self.sealer.blind(openid)
        await self.write(lambda conn: knowing.note_follow(conn, address, follows, now))

    async def suppress(self, tenant: str, channel: str, why: str, now: datetime) -> None:
        await self.write(lambda conn: knowing.suppress(conn, tenant, channel, why, now))

    async def note_number(self, phone: str, word: NumberWord, code: str, now: datetime) -> bool:
        blind = self.sealer.blind(phone)
        return await self.write(lambda conn: knowing.note_number(conn, blind, (word, code), now))

    async def note_consent(self, openid: str, template: str, change: int, now: datetime) -> None:
        address = self.sealer.blind(openid)
        await self.write(lambda conn: knowing.note_consent(conn, address, template, change, now))

    async def find_by_phone(self, phone: str, inbound_key: str, now: datetime) -> Found:
        return await self.read(lambda conn: knowing.find_by_phone(conn, self.sealer, phone, inbound_key, now))

    # --- doors
    async def make_scene(self, scene: str, tenant: str, until: datetime, now: datetime) -> None:
        blind = self.sealer.blind(scene)
        await self.write(lambda conn: doors.make_scene(conn, blind, tenant, until, now))

    async def use_scene(self, scene: str, openid: str, now: datetime) -> str | None:
        return await self.write(lambda conn: doors.use_scene(conn, self.sealer, scene, openid, now))

    async def short_code(self, renewal_id: int, fresh: str, until: datetime, now: datetime) -> str:
        return await self.write(lambda conn: doors.short_code(conn, self.sealer, renewal_id, (fresh, until), now))

    async def by_short_code(self, code: str, now: datetime) -> int | None:
        return await self.read(lambda conn: doors.by_short_code(conn, self.sealer, code, now))

    async def revoke_links(self, renewal_id: int, now: datetime) -> None:
        await self.write(lambda conn: doors.revoke(conn, renewal_id, now))

    async def links_dead_before(self, renewal_id: int) -> datetime | None:
        return await self.read(lambda conn: doors.dead_before(conn, renewal_id))

    async def put_passcode(self, renewal_id: int, code: str, until: datetime, now: datetime) -> bool:
        blind = self.sealer.blind(code)
        return await self.write(lambda conn: doors.put_passcode(conn, renewal_id, blind, until, now))

    async def try_passcode(self, renewal_id: int, code: str, now: datetime) -> Passcode:
        blind = self.sealer.blind(code)
        return await self.write(lambda conn: doors.try_passcode(conn, renewal_id, blind, now))

    async def focus(self, channel: str, address: str) -> Focus | None:
        blind = self.sealer.blind(address)
        return await self.read(lambda conn: doors.focus(conn, self.sealer, channel, blind))

    async def put_focus(self, channel: str, address: str, focus: Focus) -> None:
        blind = self.sealer.blind(address)
        await self.write(lambda conn: doors.put_focus(conn, self.sealer, (channel, blind), focus))

    # --- the report
    async def reach_report(self, operator: str, before_end: date) -> list[Reached]:
        return await self.read(lambda conn: reaching.reach_report(conn, operator, before_end))
