"""What a vendor's phones really saw, for whoever holds it against what the product says of itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta, timezone

from .handsets import Handsets, Sms

_CHINA = timezone(timedelta(hours=8))
WAKES, SLEEPS = 9, 20
"""Hours of the day in Shanghai between which tenants may be written to (channels sheet 4)."""


@dataclass(frozen=True)
class SmsTruth:
    """``by_hour``: how many were taken in each hour of the day in Shanghai, from 0 to 23.

    ``after_refusal``: taken although the owner had refused; ``at_night``: taken in quiet hours. Answers are in neither.
    """

    sent: int
    delivered: int
    failed: int
    segments: int
    by_hour: tuple[int, ...]
    after_refusal: tuple[Sms, ...]
    at_night: tuple[Sms, ...]


def truth(handsets: Handsets, vendor: str, answers: Collection[str] = ()) -> SmsTruth:
    """``answers``: templates that only ever answer somebody who just wrote or asked for a code."""
    sent = [one for one in handsets.taken() if one.vendor == vendor]
    unasked = [one for one in sent if one.template not in answers]
    refused = set(handsets.after_refusal())
    delivered = sum(one.shown for one in sent)
    hours = [_hour(one) for one in sent]
    return SmsTruth(
        len(sent),
        delivered,
        len(sent) - delivered,
        sum(one.segments for one in sent),
        tuple(hours.count(hour) for hour in range(24)),
        tuple(one for one in unasked if one in refused),
        tuple(one for one in unasked if not WAKES <= _hour(one) < SLEEPS),
    )


def _hour(sms: Sms) -> int:
    return sms.at.astimezone(_CHINA).hour
