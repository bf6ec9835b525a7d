"""A lock system of the operator's own, behind one signed address: the generic door for what we have no adapter for.

``POST <url>`` with JSON: ``{"op":"credentials","lock"}``, or ``{"op":"extend","lock","credential","kind","start","end",
"key"}``; instants are ISO 8601 with offset, null is permanent, a repeated ``key`` changes nothing. Signed in
``X-Xuzu-Signature: t=<seconds>,v1=<hex>``: HMAC-SHA256 of ``<seconds>.<body>`` with the shared secret. Answers: 200
with ``{"credentials":[{"id","kind","start","end"}]}`` or ``{}``; 409 ``{"code"}``: the door is asleep, try later; any
other 4xx ``{"code"}``: a person has to look.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime

import aiohttp
import msgspec

from .port import Credential, CredentialKind, LockError

TIMEOUT = aiohttp.ClientTimeout(total=20, connect=3)
ANSWER_LIMIT = 256 * 1024
ASLEEP = 409


class _Row(msgspec.Struct):
    id: str
    kind: CredentialKind
    start: datetime | None
    end: datetime | None


class _Rows(msgspec.Struct):
    credentials: list[_Row]


class _Fault(msgspec.Struct):
    code: str = ""


class WebhookLock:
    """The port's Locks over one address. ``secret`` signs every request; nothing else proves who asks."""

    name = "webhook"

    def __init__(
        self,
        url: str,
        secret: str,
        session: aiohttp.ClientSession,
        now: Callable[[], datetime],
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self._url = url
        self._secret = secret.encode()
        self._session = session
        self._now = now
        self._timeout = timeout

    async def credentials(self, lock: str) -> tuple[Credential, ...]:
        rows = await self._ask({"op": "credentials", "lock": lock})
        try:
            found = msgspec.json.decode(rows, type=_Rows).credentials
        except (ValueError, RecursionError):
            raise LockError("UNREADABLE", "not the answer it should be", asleep=True) from None
        if any(at is not None and at.tzinfo is None for one in found for at in (one.start, one.end)):
            raise LockError("UNREADABLE", "an instant without an offset", asleep=False)
        return tuple(Credential(one.id, one.kind, one.start, one.end) for one in found)

    async def extend(self, lock: str, credential: Credential, end: datetime) -> None:
        """Read first, read back after: an end never moves backwards, and a silent nothing is noticed."""
        current = await self._one(lock, credential.id)
        if _lasts(current, end):
            return
        wish = {
            "op": "extend", "lock": lock, "credential": current.id, "kind": current.kind.value,
            "start": None if current.start is None else current.start.isoformat(), "end": end.isoformat(),
            "key": f"{lock}:{current.id}:{end.isoformat()}",
        }  # fmt: skip
        await self._ask(wish)
        if not _lasts(await self._one(lock, credential.id), end):
            raise LockError("read-back", f"{credential.id} still ends too early", asleep=True)

    async def _one(self, lock: str, number: str) -> Credential:
        for one in await self.credentials(lock):
            if one.id == number:
                return one
        raise LockError("missing", f"the lock knows no credential {number}", asleep=False)

    async def _ask(self, wish: Mapping[str, object]) -> bytes:
        body = msgspec.json.encode(wish)
        headers = {"Content-Type": "application/json", "X-Xuzu-Signature": self._signature(body)}
        request = self._session.post(
            self._url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
        )
        try:
            async with request as answer:
                raw = await answer.content.read(ANSWER_LIMIT + 1)
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise LockError("NO_ANSWER", type(fault).__name__, asleep=True) from None
        if answer.status != 200 or len(raw) > ANSWER_LIMIT:
            raise LockError(_code(raw, answer.status), asleep=answer.status == ASLEEP or answer.status >= 500)
        return raw

    def _signature(self, body: bytes) -> str:
        seconds = str(int(self._now().timestamp()))
        mark = hmac.new(self._secret, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
        return f"t={seconds},v1={mark}"


def _lasts(credential: Credential, end: datetime) -> bool:
    return credential.end is None or credential.end >= end


def _code(raw: bytes, status: int) -> str:
    try:
        return msgspec.json.decode(raw, type=_Fault).code or f"HTTP_{status}"
    except (ValueError, RecursionError):
        return f"HTTP_{status}"
