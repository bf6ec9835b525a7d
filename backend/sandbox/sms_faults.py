"""The bad days of an SMS vendor: what may happen to a call, and to a receipt on its way to us."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    BUSY = "busy"
    """Refused for flow control: nothing was done."""
    BROKEN_AFTER = "broken_after"
    """502 from the gateway, although it was done."""
    RESET_AFTER = "reset_after"
    """The connection is cut after it was done."""
    SILENT_AFTER = "silent_after"
    """No answer ever, although it was done; ends when the caller hangs up or after a minute."""


class Post(StrEnum):
    TWICE = "twice"
    """The same receipt comes again minutes later, although it was acknowledged."""
    LATE = "late"
    """It comes hours after the fact, behind those of later messages."""
    LOST = "lost"
    """It never comes."""
