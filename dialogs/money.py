"""Money is integer fen (分); yuan appear only where people read or write them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NewType

Fen = NewType("Fen", int)

ZERO = Fen(0)


def yuan(amount: int | str | Decimal) -> Fen:
    """Fen of an amount in yuan: ``yuan("3200.50") == 320050``.

    Raises ValueError when the amount is not a number or finer than a fen.
    """
    try:
        fen = Decimal(str(amount)) * 100
    except InvalidOperation:
        raise ValueError(f"not an amount in yuan: {amount!r}") from None
    if not fen.is_finite() or fen != fen.to_integral_value():
        raise ValueError(f"finer than a fen, or not finite: {amount!r}")
    return Fen(int(fen))


def show(fen: Fen) -> str:
    """The amount as people read it: ``3200``, ``3200.50`` (yuan, without a currency sign)."""
    sign, whole = ("-", -fen) if fen < 0 else ("", fen)
    text = f"{sign}{whole // 100}"
    return f"{text}.{whole % 100:02d}" if whole % 100 else text


def share(fen: Fen, percent: Decimal) -> Fen:
    """``percent`` of an amount, rounded half up to the fen."""
    return Fen(int((Decimal(fen) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP)))
