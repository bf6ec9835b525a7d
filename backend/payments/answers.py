"""What every payer's answers have in common: how much of them we hold, how long we wait, whom we do not believe."""

from __future__ import annotations

import aiohttp

from .port import PayError, Reason

ANSWER_LIMIT = 64 * 1024
"""Bytes of an answer we are willing to hold; real ones are under two KiB."""
DOWNLOAD = aiohttp.ClientTimeout(total=120, connect=3)
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)


class Untrusted(Exception):
    """These bytes are not what the provider signed for us; the text says which check failed and quotes nothing."""


class Missing(PayError):
    """The provider has never accepted this number."""

    def __init__(self, code: str) -> None:
        super().__init__(Reason.FINAL, code, "the provider does not know this number")


async def bounded(answer: aiohttp.ClientResponse, limit: int = ANSWER_LIMIT) -> bytes:
    """The whole body. Raises aiohttp.ClientPayloadError when it is longer than we are willing to hold."""
    raw = bytearray()
    async for chunk in answer.content.iter_any():
        raw += chunk
        if len(raw) > limit:
            raise aiohttp.ClientPayloadError("answer too long")
    return bytes(raw)
