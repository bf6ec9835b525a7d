"""One call of WeChat's API over aiohttp: bounded in time and size; a time-out is unknown, not failed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from channels.port import ChannelError, Trouble

TIMEOUT = aiohttp.ClientTimeout(total=8, connect=3)
ANSWER_MAX = 64 * 1024


class Answer(msgspec.Struct):
    """Every field an answer of ours may have (channels sheet 1.1); what it does not say is empty."""

    errcode: int = 0
    errmsg: str = ""
    msgid: int | str = ""
    access_token: str = ""
    expires_in: int = 0
    ticket: str = ""
    openid: str = ""
    is_snapshotuser: int = 0


class Calls:
    def __init__(self, base: str, session: aiohttp.ClientSession, timeout: aiohttp.ClientTimeout = TIMEOUT) -> None:
        self._base = base.rstrip("/")
        self._session = session
        self._timeout = timeout

    async def post(self, path: str, body: Mapping[str, Any], token: str | None) -> Answer:
        """Chinese stays Chinese in the body: ``\\uXXXX`` is refused with 40033. Raises ChannelError."""
        query = {} if token is None else {"access_token": token}
        return await self._ask("POST", path, query, json.dumps(body, ensure_ascii=False).encode())

    async def get(self, path: str, query: Mapping[str, str]) -> Answer:
        """Raises ChannelError."""
        return await self._ask("GET", path, query, None)

    async def _ask(self, method: str, path: str, query: Mapping[str, str], raw: bytes | None) -> Answer:
        try:
            async with self._session.request(
                method, self._base + path, params=query, data=raw, timeout=self._timeout, allow_redirects=False
            ) as answer:
                said, status = await _whole(answer), answer.status
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as fault:
            raise ChannelError(Trouble.TRANSIENT, "UNREACHABLE", type(fault).__name__) from None
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise ChannelError(Trouble.UNKNOWN, "NO_ANSWER", type(fault).__name__) from None
        if status != 200:
            raise ChannelError(Trouble.UNKNOWN, f"HTTP_{status}")
        try:
            return msgspec.json.decode(said, type=Answer, strict=False)
        except msgspec.DecodeError:
            raise ChannelError(Trouble.UNKNOWN, "UNREADABLE") from None


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    """All of the body, which one read need not give. Raises ChannelError when it is absurdly long."""
    said = bytearray()
    async for chunk in answer.content.iter_chunked(ANSWER_MAX):
        said += chunk
        if len(said) > ANSWER_MAX:
            raise ChannelError(Trouble.UNKNOWN, "TOO_LONG")
    return bytes(said)
