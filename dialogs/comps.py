"""Comparable rents: what leases like this one were signed for lately, and how far a thin sample is believed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate

import msgspec

from .lease import Comps
from .money import Fen

WINDOW_DAYS = 180
PRIOR_WEIGHT = 8
"""A city level counts as much as eight signed leases (requirements 5.1)."""


class Signed(msgspec.Struct, frozen=True):
    """One signed lease of the same community and layout; rent in fen a month, the Shanghai day it was signed."""

    rent: Fen
    on: date


def gather(signed: Iterable[Signed], today: date) -> Comps:
    """Recency-weighted median (a lease half the window old counts half), count and range of the last 180 days."""
    recent = sorted((one.rent, _weight(one, today)) for one in signed if 0 <= (today - one.on).days <= WINDOW_DAYS)
    if not recent:
        return Comps()
    half = sum(weight for _, weight in recent)
    passed = accumulate(weight for _, weight in recent)
    median = next(rent for (rent, _), so_far in zip(recent, passed, strict=True) if so_far * 2 >= half)
    return Comps(len(recent), median, recent[0][0], recent[-1][0])


def level(comps: Comps, public: Fen | None) -> Fen | None:
    """The market's rent: the median, drawn to the city's public level with weight n/(n+8); None without any."""
    if comps.median is None or comps.count == 0:
        return public
    if public is None:
        return comps.median
    mixed = Decimal(comps.median * comps.count + public * PRIOR_WEIGHT) / (comps.count + PRIOR_WEIGHT)
    return Fen(int(mixed.quantize(Decimal(1), ROUND_HALF_UP)))


def _weight(one: Signed, today: date) -> int:
    return WINDOW_DAYS + 1 - (today - one.on).days
