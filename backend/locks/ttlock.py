"""TTLock cloud v3: absolute dates, both of them, through the gateway, and read back (providers sheet, section 4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .port import Credential, CredentialKind, LockError
from .ttlock_calls import Calls
from .ttlock_shapes import EKeyPage, PasscodePage, millis

THROUGH_GATEWAY = 2
"""changeType: the default edits the cloud record only and leaves the lock as it is (trap 20)."""
PAGE_SIZE, PAGES_LIMIT = 100, 10
"""The vendor's own page of the lists says 100 at most; a lock holds 250 custom codes."""


@dataclass(frozen=True)
class Tenancy:
    """Which credentials of a door are taken for the occupants' own; all others are none of our business."""

    shortest: timedelta = timedelta(days=28)
    """Credentials issued for less than this belong to visitors, cleaners and viewings."""
    lapsed: timedelta = timedelta(days=30)
    """Credentials that ended longer ago than this belong to former tenants and stay ended."""


OCCUPANTS = Tenancy()


class TTLock:
    """The port's Locks over one app user. A lock is named by TTLock's ``lockId``, an integer as text.

    ``credentials`` knows passcodes and e-keys; ``extend`` takes cards and fingerprints too, but cannot read them back.
    """

    name = "ttlock"

    def __init__(self, calls: Calls, tenancy: Tenancy = OCCUPANTS) -> None:
        self._calls = calls
        self._tenancy = tenancy

    async def credentials(self, lock: str) -> tuple[Credential, ...]:
        """The occupants' passcodes and e-keys as the cloud records them. Raises LockError."""
        number = _number(lock, "lock")
        found = [*await self._passcodes(number), *await self._ekeys(number)]
        return tuple(one for one in found if self._is_tenants(one))

    async def extend(self, lock: str, credential: Credential, end: datetime) -> None:
        """``end``: aware instant. Does nothing where the credential already lasts as long. Raises LockError."""
        number = _number(lock, "lock")
        current = await self._current(number, credential)
        if _lasts(current, end):
            return
        await self._change(number, current, end)
        if credential.kind in _LISTED and not _lasts(await self._current(number, credential), end):
            raise LockError("read-back", f"{credential.kind} {credential.id} still ends too early", asleep=True)

    async def _change(self, lock: int, credential: Credential, end: datetime) -> None:
        """Both dates always: without a start the cloud says ok and changes nothing (trap 20)."""
        number = _number(credential.id, "credential")
        start = credential.start or self._calls.now()
        dates = {"startDate": millis(start), "endDate": millis(end)}
        if credential.kind is CredentialKind.EKEY:
            await self._calls.write("/v3/key/changePeriod", {"keyId": number, **dates})
            return
        path, name = _CHANGES[credential.kind]
        params = {"lockId": lock, name: number, **dates, "changeType": THROUGH_GATEWAY}
        await self._calls.write(path, params)

    async def _current(self, lock: int, credential: Credential) -> Credential:
        """What the cloud says now; of what it does not list, what the caller said. Raises LockError."""
        if credential.kind not in _LISTED:
            return credential
        is_passcode = credential.kind is CredentialKind.PASSCODE
        for one in await self._passcodes(lock) if is_passcode else await self._ekeys(lock):
            if one.id == credential.id:
                return one
        raise LockError("missing", f"{credential.kind} {credential.id} is not on the lock", asleep=False)

    async def _passcodes(self, lock: int) -> list[Credential]:
        pages = [await self._calls.read("/v3/lock/listKeyboardPwd", _page(lock, 1), PasscodePage)]
        for number in range(2, _bounded(pages[0].pages) + 1):
            pages.append(await self._calls.read("/v3/lock/listKeyboardPwd", _page(lock, number), PasscodePage))
        return [one.credential() for page in pages for one in page.items]

    async def _ekeys(self, lock: int) -> list[Credential]:
        pages = [await self._calls.read("/v3/lock/listKey", _page(lock, 1), EKeyPage)]
        for number in range(2, _bounded(pages[0].pages) + 1):
            pages.append(await self._calls.read("/v3/lock/listKey", _page(lock, number), EKeyPage))
        return [one.credential() for page in pages for one in page.items]

    def _is_tenants(self, credential: Credential) -> bool:
        if credential.end is None:
            return True
        brief = credential.start is not None and credential.end - credential.start < self._tenancy.shortest
        return not brief and credential.end >= self._calls.now() - self._tenancy.lapsed


_LISTED = (CredentialKind.PASSCODE, CredentialKind.EKEY)
_CHANGES = {
    CredentialKind.PASSCODE: ("/v3/keyboardPwd/change", "keyboardPwdId"),
    CredentialKind.CARD: ("/v3/identityCard/changePeriod", "cardId"),
    CredentialKind.FINGERPRINT: ("/v3/fingerprint/changePeriod", "fingerprintId"),
}


def _lasts(credential: Credential, end: datetime) -> bool:
    return credential.end is None or credential.end >= end


def _page(lock: int, number: int) -> dict[str, int]:
    return {"lockId": lock, "pageNo": number, "pageSize": PAGE_SIZE}


def _bounded(pages: int) -> int:
    if pages > PAGES_LIMIT:
        raise LockError("UNREADABLE", "more credentials than a lock can hold", asleep=False)
    return pages


def _number(text: str, what: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        raise LockError("PARAM", f"{what} id is not a TTLock number", asleep=False)
    return int(text)
