"""The bad days of Fadada: what may happen to a call, and to a callback on its way."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    BUSY = "busy"
    """HTTP 503, nothing was done."""
    THROTTLED = "throttled"
    """HTTP 403 with 100004, nothing was done."""
    STALE_ACCESS = "stale_access"
    """The access token is forgotten: HTTP 401 with 100002, nothing was done."""
    BROKEN_AFTER = "broken_after"
    """HTTP 500, although it was done."""
    RESET_AFTER = "reset_after"
    """The connection is cut after it was done."""
    SILENT_AFTER = "silent_after"
    """No answer ever, although it was done; ends when the caller hangs up or after a minute."""
    CUT_SHORT = "cut_short"
    """Done and answered, but half the JSON is missing."""
    UNLUCKY = "unlucky"
    """HTTP 200 with 200001, nothing was done."""


class Post(StrEnum):
    TWICE = "twice"
    LOST = "lost"
    LATE = "late"
    """Its first delivery comes an hour after the fact."""
    FORGED = "forged"
    """A stranger's copy with one byte of its signature changed arrives before the true one."""
