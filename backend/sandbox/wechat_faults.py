"""The bad days of WeChat: what may happen to a call of ours, and to a push on its way to us."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    BUSY = "busy"
    """errcode -1, nothing was done."""
    STALE_ACCESS = "stale_access"
    """The access token is forgotten: 40001, nothing was done."""
    RESET_AFTER = "reset_after"
    """The connection is cut after it was done."""
    SILENT_AFTER = "silent_after"
    """No answer ever, although it was done; ends when the caller hangs up or after a minute."""


class Receipt(StrEnum):
    """What may befall the report of a notice."""

    TWICE = "twice"
    """It comes again minutes later."""
    LATE = "late"
    """Hours after the fact, behind those of later notices."""
    LOST = "lost"


class Push(StrEnum):
    TWICE = "twice"
    """The same push arrives a second time, although it was answered."""
    DEAF = "deaf"
    """Our answer gets lost on its way: WeChat asks again with the same number."""
