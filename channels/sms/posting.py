"""One POST to a vendor: bounded in time and size; no answer is unknown, no connection is not sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import aiohttp
import msgspec
from yarl import URL

from channels.port import ChannelError, Trouble

T = TypeVar("T")

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
ANSWER_MAX = 64 * 1024


async def post(session: aiohttp.ClientSession, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """``url`` is sent as it is: what was signed must not be quoted anew. Raises ChannelError."""
    try:
        async with session.post(
            URL(url, encoded=True), headers=headers, data=body, timeout=TIMEOUT, allow_redirects=False
        ) as answer:
            said = bytearray()
            async for chunk in answer.content.iter_chunked(ANSWER_MAX):
                said += chunk
                if len(said) > ANSWER_MAX:
                    raise ChannelError(Trouble.UNKNOWN, "TOO_LONG")
            if answer.status >= 500:
                raise ChannelError(Trouble.UNKNOWN, f"HTTP_{answer.status}")
            return bytes(said)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as fault:
        raise ChannelError(Trouble.TRANSIENT, "UNREACHABLE", type(fault).__name__) from None
    except (aiohttp.ClientError, TimeoutError) as fault:
        raise ChannelError(Trouble.UNKNOWN, "NO_ANSWER", type(fault).__name__) from None


def read(said: bytes, shape: type[T]) -> T:
    """Raises ChannelError: it may have been sent."""
    try:
        return msgspec.json.decode(said, type=shape, strict=False)
    except msgspec.DecodeError:
        raise ChannelError(Trouble.UNKNOWN, "UNREADABLE") from None
