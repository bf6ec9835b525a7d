"""Who may look: one key, compared in constant time; a browser keeps a signed cookie instead of the key."""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from datetime import datetime, timedelta

from aiohttp import web

COOKIE = "xuzu_desk"
SESSION = timedelta(hours=12)
FAILURES_MAX = 10
FAILURE_WINDOW = timedelta(minutes=1)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Access:
    """``key`` None lets everybody in who calls the server by a loopback name (another name is a rebinding attack)."""

    def __init__(self, key: str | None) -> None:
        """Raises ValueError for an empty key: that would be an open door that looks shut."""
        if key is not None and not key.strip():
            raise ValueError("the desk's access key is empty")
        self._key = key
        self._session_key = hmac.digest((key or "").encode(), b"xuzu desk session", hashlib.sha256)
        self._failures: deque[datetime] = deque(maxlen=FAILURES_MAX)

    @property
    def open(self) -> bool:
        return self._key is None

    def may_look(self, request: web.Request, now: datetime) -> bool:
        if self._key is None:
            return _called_locally(request)
        return self._is_session(request.cookies.get(COOKIE, ""), now)

    def may_call(self, request: web.Request) -> bool:
        """The API takes the key itself, as ``Authorization: Bearer <key>``; a cookie counts for nothing there."""
        if self._key is None:
            return _called_locally(request)
        kind, _, said = request.headers.get("Authorization", "").partition(" ")
        return kind.lower() == "bearer" and self.is_key(said)

    def is_key(self, said: str) -> bool:
        return self._key is not None and _same(said, self._key)

    def throttled(self, now: datetime) -> bool:
        """Ten wrong keys within a minute: wait."""
        return len(self._failures) == FAILURES_MAX and now - self._failures[0] < FAILURE_WINDOW

    def note_failure(self, now: datetime) -> None:
        self._failures.append(now)

    def session(self, now: datetime) -> str:
        """A cookie value, good for twelve hours."""
        until = str(int((now + SESSION).timestamp()))
        return f"{until}.{self._sign(until)}"

    def _is_session(self, cookie: str, now: datetime) -> bool:
        until, _, signature = cookie.partition(".")
        genuine = _same(signature, self._sign(until))
        return genuine and int(until) > now.timestamp()

    def _sign(self, until: str) -> str:
        return hmac.new(self._session_key, until.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def from_our_page(request: web.Request) -> bool:
    """Was this form posted from a page of ours? Browsers say where a post comes from, and no page can change that.

    A foreign page can post to a desk without a key, and its cookie is no help there.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    _, _, host = request.headers.get("Origin", "").partition("://")
    return bool(host) and host == request.host


def _called_locally(request: web.Request) -> bool:
    return (request.host.rpartition(":")[0] or request.host) in _LOOPBACK


def _same(said: str, true: str) -> bool:
    """Digests, so that not even the length shows; headers may carry bytes that are no text."""
    heard = hashlib.sha256(said.encode("utf-8", "surrogateescape")).digest()
    return hmac.compare_digest(heard, hashlib.sha256(true.encode()).digest())
