"""How many SMS one text is, and what it costs: the signature in its brackets counts (channels sheet 3.3)."""

from __future__ import annotations

ONE, EACH, MOST = 70, 67, 500
"""One segment holds 70 characters; of several each holds 67; 500 are the limit."""


def segments(text: str) -> int:
    """Raises ValueError for a text no vendor takes."""
    if not 0 < len(text) <= MOST:
        raise ValueError(f"an SMS has 1 to {MOST} characters, not {len(text)}")
    return 1 if len(text) <= ONE else -(-len(text) // EACH)
