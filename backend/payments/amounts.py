"""Money at the edge: the payers write yuan with two decimals, we keep fen."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from .port import PayError, Reason


def yuan(fen: int) -> str:
    """``320000`` is ``3200.00``."""
    return f"{fen // 100}.{fen % 100:02d}"


def fen(text: str) -> int:
    """Exactly: ``3200.00`` is 320000. Raises PayError(UNKNOWN): no amount, or a part of a fen."""
    try:
        whole = Decimal(text) * 100
    except InvalidOperation:
        raise PayError(Reason.UNKNOWN, "UNREADABLE", "an amount that is none") from None
    if not whole.is_finite() or whole != whole.to_integral_value():
        raise PayError(Reason.UNKNOWN, "UNREADABLE", "a part of a fen")
    return int(whole)
