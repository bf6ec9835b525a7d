"""What TTLock answers, and what its codes mean to us (providers sheet, section 4.1).

Permanent e-keys carry 0 for both dates (vendor's page of ``/v3/lock/listKey``).
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from .port import Credential, CredentialKind, LockError

_PERMANENT_PASSCODE = 2
STALE_ACCESS = frozenset({10003, 10004, 10011})
_ASLEEP = frozenset({1, -2012, -3002, -3003, -3035, -3036, -3037, 30006, 80000, 90000})
"""Gateway or lock away or busy, the hourly quota, a clock that is off: the same call may work later."""


class Token(msgspec.Struct):
    access_token: str
    refresh_token: str
    expires_in: int


class Verdict(msgspec.Struct):
    """A write's whole answer; a list answers without ``errcode`` on success."""

    errcode: int = 0
    errmsg: str = ""


class Passcode(msgspec.Struct, rename="camel"):
    """The code itself is deliberately not read."""

    keyboard_pwd_id: int
    keyboard_pwd_type: int
    start_date: int = 0
    end_date: int = 0

    def credential(self) -> Credential:
        permanent = self.keyboard_pwd_type == _PERMANENT_PASSCODE
        end = None if permanent else instant(self.end_date)
        return Credential(str(self.keyboard_pwd_id), CredentialKind.PASSCODE, instant(self.start_date), end)


class EKey(msgspec.Struct, rename="camel"):
    key_id: int
    start_date: int = 0
    end_date: int = 0

    def credential(self) -> Credential:
        return Credential(str(self.key_id), CredentialKind.EKEY, instant(self.start_date), instant(self.end_date))


class PasscodePage(msgspec.Struct):
    items: list[Passcode] = msgspec.field(name="list")
    pages: int = 1


class EKeyPage(msgspec.Struct):
    items: list[EKey] = msgspec.field(name="list")
    pages: int = 1


def instant(millis: int) -> datetime | None:
    """An aware UTC instant of TTLock's milliseconds; 0 = none."""
    return None if millis == 0 else datetime.fromtimestamp(millis / 1000, UTC)


def millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def refusal(errcode: int) -> LockError:
    """TTLock's own words are left out: they can name a lock or its owner."""
    return LockError(str(errcode), asleep=errcode in _ASLEEP)
