"""One signed v3 call: send, check the answer's signature, and sort what went wrong into the port's reasons."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import aiohttp
import msgspec
from yarl import URL

from .answers import DOWNLOAD, TIMEOUT, Missing, Untrusted, bounded
from .port import PayError, Reason
from .wechatpay_shapes import MISSING, REASONS, Fault
from .wechatpay_wire import Merchant, authorization, verify

API = "https://api.mch.weixin.qq.com"
_T = TypeVar("_T")


class Calls:
    """Never sleeps and never retries: the outbox does the waiting."""

    def __init__(
        self,
        merchant: Merchant,
        session: aiohttp.ClientSession,
        now: Callable[[], datetime],
        *,
        api: str = API,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self.merchant = merchant
        self.now = now
        self._session = session
        self._api = api.rstrip("/")
        self._timeout = timeout

    async def get(self, target: str) -> bytes:
        """The verified body of ``GET target`` (path and query, already encoded). Raises PayError."""
        return await self._call("GET", target, b"")

    async def post(self, target: str, fields: dict[str, object]) -> bytes:
        """The verified body of ``POST target``; empty after a 204. Raises PayError."""
        return await self._call("POST", target, msgspec.json.encode(fields))

    async def download(self, url: str, limit: int) -> bytes:
        """A file at the provider, as it lies there: its answer carries no signature. Raises PayError."""
        where = URL(url)
        if str(where.origin()) != str(URL(self._api).origin()):
            raise PayError(Reason.UNKNOWN, "ELSEWHERE", "the provider names a file on another host")
        headers = self._headers("GET", where.raw_path_qs, b"")
        try:
            async with self._session.get(where, headers=headers, timeout=DOWNLOAD, allow_redirects=False) as answer:
                raw = await bounded(answer, limit)
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise PayError(Reason.TRANSIENT, "NO_ANSWER", type(fault).__name__) from None
        if answer.status != 200:
            raise _refusal(answer.status, raw)
        return raw

    async def _call(self, method: str, target: str, body: bytes) -> bytes:
        url = URL(self._api + target, encoded=True)
        headers = self._headers(method, url.raw_path_qs, body)
        request = self._session.request(
            method, url, data=body or None, headers=headers, timeout=self._timeout, allow_redirects=False
        )
        try:
            async with request as answer:
                raw = await bounded(answer)
        except aiohttp.ClientConnectorError as fault:
            raise PayError(Reason.TRANSIENT, "UNREACHABLE", type(fault).__name__) from None
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise PayError(Reason.UNKNOWN, "NO_ANSWER", type(fault).__name__) from None
        if answer.status not in (200, 204):
            raise _refusal(answer.status, raw)
        try:
            verify(self.merchant.platform, answer.headers, raw, self.now())
        except Untrusted as doubt:
            raise PayError(Reason.UNKNOWN, "UNVERIFIED", str(doubt)) from None
        return raw

    def _headers(self, method: str, target: str, body: bytes) -> dict[str, str]:
        headers = {
            "Authorization": authorization(self.merchant, (method, target, body), self.now(), secrets.token_hex(16)),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "xuzu",
        }
        if body:
            headers["Content-Type"] = "application/json"
        if self.merchant.answer_serial is not None:
            headers["Wechatpay-Serial"] = self.merchant.answer_serial
        return headers


def decode(raw: bytes, shape: type[_T]) -> _T:
    """A verified answer as ``shape``; one that cannot be read leaves the outcome unknown. Raises PayError(UNKNOWN)."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except (ValueError, RecursionError):
        raise PayError(Reason.UNKNOWN, "UNREADABLE", shape.__name__) from None


def _refusal(status: int, raw: bytes) -> PayError:
    """4xx answers carry no signature, so only a code we know decides anything; all others are a person's business."""
    if status >= 500 or status < 400:
        return PayError(Reason.UNKNOWN, f"HTTP_{status}")
    fault = decode(raw, Fault)
    if status == 404 and fault.code in MISSING:
        return Missing(fault.code)
    fallback = Reason.THROTTLE if status == 429 else Reason.CONFIG
    return PayError(REASONS.get(fault.code, fallback), fault.code)
