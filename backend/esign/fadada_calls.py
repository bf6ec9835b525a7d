"""One signed Fadada call: token, envelope, and what went wrong sorted into unknown, retry and final."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

import aiohttp
import msgspec

from .fadada_shapes import STALE_ACCESS, SUCCESS, Answer, Token, refusal
from .fadada_wire import Account, expiry, headers
from .port import ESignError

log = logging.getLogger("xuzu.esign")

API = "https://api.fadada.com/api/v5"
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
ANSWER_LIMIT = 1024 * 1024
"""Bytes of a JSON answer we are willing to hold; a full page of the task list is well under it."""
FILE_LIMIT = 50 * 1024 * 1024
"""The provider's own limit for one file."""
SPARE = timedelta(minutes=5)

_T = TypeVar("_T")


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
        self.account = account
        self._session = session
        self._now = now
        self._api = api.rstrip("/")
        self._timeout = timeout
        self._token: tuple[str, datetime] | None = None
        self._token_mutex = asyncio.Lock()

    async def ask(self, path: str, fields: dict[str, object], shape: type[_T]) -> _T:
        """The ``data`` of a successful call. Raises ESignError."""
        return _content(await self._business(path, fields), shape)

    async def tell(self, path: str, fields: dict[str, object]) -> None:
        """A call that answers with success and nothing else. Raises ESignError."""
        await self._business(path, fields)

    async def put(self, url: str, document: bytes) -> None:
        """To a pre-signed address: no X-FASC headers, HTTP 200 is the whole answer. Raises ESignError."""
        sent = {"Content-Type": "application/octet-stream"}
        status, _, _ = await self._exchange("PUT", url, document, sent, ANSWER_LIMIT)
        if status != 200:
            raise ESignError("upload", unknown=False, code=f"HTTP_{status}", retry=True)

    async def get(self, url: str) -> bytes:
        """From a pre-signed address. Raises ESignError."""
        status, raw, _ = await self._exchange("GET", url, None, {}, FILE_LIMIT)
        if status != 200 or not raw:
            raise ESignError("download", unknown=False, code=f"HTTP_{status}", retry=True)
        return raw

    async def _business(self, path: str, fields: dict[str, object]) -> Answer:
        biz = msgspec.json.encode(fields).decode()
        token = await self._access_token()
        answer = await self._post(path, biz, token)
        if answer.code == STALE_ACCESS:
            answer = await self._post(path, biz, await self._access_token(stale=token))
        if answer.code != SUCCESS:
            raise refusal(answer.code, answer.msg)
        return answer

    async def _access_token(self, stale: str = "") -> str:
        async with self._token_mutex:
            now = self._now()
            if self._token is not None and self._token[0] != stale and now < self._token[1]:
                return self._token[0]
            answer = await self._post("/service/get-access-token", None, None)
            if answer.code != SUCCESS:
                raise refusal(answer.code, answer.msg)
            token = _content(answer, Token)
            try:
                self._token = token.access_token, expiry(token.expires_in, now, SPARE)
            except ValueError:
                raise _unreadable(Token) from None
            return token.access_token

    async def _post(self, path: str, biz: str | None, token: str | None) -> Answer:
        sent = headers(self.account, self._now(), secrets.token_hex(16), biz, token)
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        body = b"" if biz is None else urlencode({"bizContent": biz}).encode()
        status, raw, request_id = await self._exchange("POST", self._api + path, body, sent, ANSWER_LIMIT)
        answer = _answer(status, raw)
        if answer.code != SUCCESS:
            log.info("fadada %s: HTTP %d, code %s, request %s", path, status, answer.code[:10], request_id[:64])
        return answer

    async def _exchange(
        self, method: str, url: str, body: bytes | None, sent: dict[str, str], limit: int
    ) -> tuple[int, bytes, str]:
        request = self._session.request(
            method, url, data=body, headers=sent, timeout=self._timeout, allow_redirects=False
        )
        try:
            async with request as answer:
                raw = await _bounded(answer, limit)
        except aiohttp.ClientConnectorError as fault:
            raise ESignError(type(fault).__name__, unknown=False, code="UNREACHABLE", retry=True) from None
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise ESignError(type(fault).__name__, unknown=True, code="NO_ANSWER") from None
        return answer.status, raw, answer.headers.get("X-FASC-Request-Id", "")


def _answer(status: int, raw: bytes) -> Answer:
    """Errors come as JSON under other statuses than 200 as well (401 with 100002, 403 with 100004)."""
    if status >= 500:
        raise ESignError("", unknown=True, code=f"HTTP_{status}")
    try:
        answer = msgspec.json.decode(raw, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        if status in (403, 429):
            raise ESignError("throttled", unknown=False, code=f"HTTP_{status}", retry=True) from None
        raise _unreadable(Answer) from None
    if answer.code == SUCCESS and status != 200:
        raise ESignError("success that is none", unknown=True, code=f"HTTP_{status}")
    return answer


def _content(answer: Answer, shape: type[_T]) -> _T:
    try:
        return msgspec.json.decode(answer.data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _unreadable(shape) from None


def _unreadable(shape: type[object]) -> ESignError:
    return ESignError(shape.__name__, unknown=True, code="UNREADABLE")


async def _bounded(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    raw = bytearray()
    async for chunk in answer.content.iter_any():
        raw += chunk
        if len(raw) > limit:
            raise aiohttp.ClientPayloadError("answer too long")
    return bytes(raw)
