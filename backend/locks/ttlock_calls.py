"""One TTLock call: access token, form or query, and what went wrong sorted into asleep and not."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import aiohttp
import msgspec

from .port import LockError
from .ttlock_shapes import STALE_ACCESS, Token, Verdict, millis, refusal

log = logging.getLogger("xuzu.locks")

API = "https://cnapi.ttlock.com"
TIMEOUT = aiohttp.ClientTimeout(total=30, connect=3)
"""A remote change waits for gateway and lock: longer than a plain cloud call."""
ANSWER_LIMIT = 1024 * 1024
SPARE = timedelta(days=1)

_T = TypeVar("_T")


@dataclass(frozen=True)
class Account:
    """Our application at TTLock, and the app user (not the developer) who owns the locks."""

    client_id: str
    client_secret: str = field(repr=False)
    username: str
    password: str = field(repr=False)


class Calls:
    """Never sleeps; repeats a call only when the provider said that its token had run out. ``now``: aware instants."""

    def __init__(
        self,
        account: Account,
        session: aiohttp.ClientSession,
        now: Callable[[], datetime],
        *,
        api: str = API,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self.now = now
        self._account = account
        self._session = session
        self._api = api.rstrip("/")
        self._timeout = timeout
        self._token: Token | None = None
        self._token_until = now()
        self._token_mutex = asyncio.Lock()

    async def read(self, path: str, params: dict[str, int], shape: type[_T]) -> _T:
        """One page of a list. Raises LockError."""
        return _decode(await self._business("GET", path, params), shape)

    async def write(self, path: str, params: dict[str, int]) -> None:
        """Raises LockError. Without one the cloud said yes, which is not yet proof that the lock did."""
        await self._business("POST", path, params)

    async def _business(self, method: str, path: str, params: dict[str, int]) -> bytes:
        token = await self._access_token()
        raw = await self._signed_in(method, path, params, token)
        errcode = _decode(raw, Verdict).errcode
        if errcode in STALE_ACCESS:
            raw = await self._signed_in(method, path, params, await self._access_token(stale=token))
            errcode = _decode(raw, Verdict).errcode
        if errcode != 0:
            log.info("ttlock %s: errcode %d", path, errcode)
            raise refusal(errcode)
        return raw

    async def _signed_in(self, method: str, path: str, params: dict[str, int], token: str) -> bytes:
        """No signature: the client id, the token and the time are all there is."""
        fields = {name: str(value) for name, value in params.items()}
        fields |= {"clientId": self._account.client_id, "accessToken": token, "date": str(millis(self.now()))}
        return await self._exchange(method, path, fields)

    async def _access_token(self, stale: str = "") -> str:
        async with self._token_mutex:
            now = self.now()
            held = self._token
            if held is not None and held.access_token != stale and now < self._token_until:
                return held.access_token
            self._token = None
            fresh = None if held is None else await self._refreshed(held.refresh_token)
            self._token = fresh or await self._logged_in()
            self._token_until = now + timedelta(seconds=self._token.expires_in) - SPARE
            return self._token.access_token

    async def _refreshed(self, refresh_token: str) -> Token | None:
        """None when the refresh token is no longer taken: then the password is asked for again."""
        raw = await self._exchange("POST", "/oauth2/token", self._grant(refresh_token=refresh_token))
        return None if _decode(raw, Verdict).errcode else _decode(raw, Token)

    async def _logged_in(self) -> Token:
        digest = hashlib.md5(self._account.password.encode(), usedforsecurity=False).hexdigest()
        raw = await self._exchange(
            "POST", "/oauth2/token", self._grant(username=self._account.username, password=digest)
        )
        errcode = _decode(raw, Verdict).errcode
        if errcode != 0:
            log.warning("ttlock: no access token, errcode %d", errcode)
            raise refusal(errcode)
        return _decode(raw, Token)

    def _grant(self, **more: str) -> dict[str, str]:
        fields = {"clientId": self._account.client_id, "clientSecret": self._account.client_secret, **more}
        return {**fields, "grant_type": "refresh_token"} if "refresh_token" in more else fields

    async def _exchange(self, method: str, path: str, fields: dict[str, str]) -> bytes:
        """Raises LockError(asleep) when there is no usable answer: every call here may be repeated."""
        request = self._session.request(
            method,
            self._api + path,
            params=fields if method == "GET" else None,
            data=None if method == "GET" else fields,
            timeout=self._timeout,
            allow_redirects=False,
        )
        try:
            async with request as answer:
                raw = await _bounded(answer)
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise LockError("NO_ANSWER", type(fault).__name__, asleep=True) from None
        if answer.status != 200:
            raise LockError(f"HTTP_{answer.status}", asleep=answer.status >= 500 or answer.status == 429)
        return raw


def _decode(raw: bytes, shape: type[_T]) -> _T:
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise LockError("UNREADABLE", shape.__name__, asleep=True) from None


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    raw = bytearray()
    async for chunk in answer.content.iter_any():
        raw += chunk
        if len(raw) > ANSWER_LIMIT:
            raise aiohttp.ClientPayloadError("answer too long")
    return bytes(raw)
