"""What the carriers' words in a receipt mean for a number; they differ by vendor and province, the unknown is soft."""

from __future__ import annotations

from channels.port import Trouble

HARD = frozenset({"MK:0001", "DB:0101", "CB:0001", "CB:0053", "MI:0073", "MI:0210"})
"""No such user, empty number (channels sheet 4). Confirm with the provider."""


def failure_of(word: str) -> str:
    """``bad_number`` (hard) or ``unreachable`` (soft), for a receipt that says it was not delivered."""
    return Trouble.BAD_NUMBER.value if word.strip().upper() in HARD else Trouble.UNREACHABLE.value
