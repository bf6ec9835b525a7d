"""The bad days of TTLock's cloud; those of a gateway or a lock are errcodes, ordered lock by lock."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    BUSY = "busy"
    """HTTP 503, nothing was done."""
    OVERLOADED = "overloaded"
    """errcode 90000, nothing was done."""
    RESET_AFTER = "reset_after"
    """The connection is cut after it was done."""
    SILENT_AFTER = "silent_after"
    """No answer ever, although it was done; ends when the caller hangs up or after a minute."""
    CUT_SHORT = "cut_short"
    """Done and answered, but half the JSON is missing."""
