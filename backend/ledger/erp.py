"""What is owed, asked of the operator's own system over one signed address (providers sheet, section 6).

``POST <url>`` with JSON ``{"lease","as_of","purpose":"renewal","request"}``; ``as_of`` is a Shanghai date, sums fen.
Signed in ``X-Xuzu-Signature: t=<seconds>,v1=<hex>``: HMAC-SHA256 of ``<seconds>.<body>`` with the shared secret. The
answer: ``{"verdict":"clear|owing|disputed|pending","items":[{"no","due","fen"}],"deposit_fen"?,"evidence",
"valid_until"?}``. Anything else, and any silence, is UNAVAILABLE: never CLEAR.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable
from datetime import date, datetime

import aiohttp
import msgspec

log = logging.getLogger("xuzu.erp")

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)
ANSWER_LIMIT = 256 * 1024
VERDICTS = frozenset({"clear", "owing", "disputed", "pending"})
UNAVAILABLE = "unavailable"


class Item(msgspec.Struct, frozen=True):
    """One open receivable; ``fen`` above zero."""

    no: str
    due: date
    fen: int


class Checked(msgspec.Struct, frozen=True):
    """``verdict`` is one of VERDICTS or UNAVAILABLE; ``evidence`` names the check in their system."""

    verdict: str
    items: tuple[Item, ...] = ()
    deposit_fen: int | None = None
    evidence: str = ""
    valid_until: datetime | None = None


class Erp:
    """Never raises: who cannot be asked is UNAVAILABLE, and why stands in the log."""

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

    async def verify(self, lease: str, as_of: date, request: str) -> Checked:
        """``request`` is the same for a repeated question."""
        wish = {"lease": lease, "as_of": as_of.isoformat(), "purpose": "renewal", "request": request}
        body = msgspec.json.encode(wish)
        try:
            raw = await self._ask(body)
            found = msgspec.json.decode(raw, type=Checked)
        except (aiohttp.ClientError, TimeoutError, ValueError, RecursionError) as fault:
            return _unavailable(type(fault).__name__)
        return self._believed(found)

    async def _ask(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "X-Xuzu-Signature": self._signature(body)}
        request = self._session.post(
            self._url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
        )
        async with request as answer:
            raw = await answer.content.read(ANSWER_LIMIT + 1)
        if answer.status != 200 or len(raw) > ANSWER_LIMIT:
            raise ValueError(f"HTTP {answer.status}")
        return raw

    def _believed(self, found: Checked) -> Checked:
        """An answer that contradicts itself, or is over, decides nothing."""
        if found.verdict not in VERDICTS or not found.evidence:
            return _unavailable("no verdict, or no evidence of it")
        if any(one.fen < 1 for one in found.items) or (found.deposit_fen is not None and found.deposit_fen < 0):
            return _unavailable("an amount that is none")
        if (found.verdict == "clear" and found.items) or (found.verdict == "owing" and not found.items):
            return _unavailable("a verdict that its items contradict")
        if found.valid_until is not None and (found.valid_until.tzinfo is None or found.valid_until <= self._now()):
            return _unavailable("an answer that is over already")
        return found

    def _signature(self, body: bytes) -> str:
        seconds = str(int(self._now().timestamp()))
        mark = hmac.new(self._secret, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
        return f"t={seconds},v1={mark}"


def _unavailable(why: str) -> Checked:
    log.warning("the receivables could not be checked: %s", why)
    return Checked(UNAVAILABLE)
