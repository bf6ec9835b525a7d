"""What WeChat really carried, by its own clock, for whoever holds it against what the product says of itself."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, timezone

from .sms_truth import SLEEPS, WAKES
from .wechat_book import Book, Sent

KINDS = ("template", "subscribe", "custom", "passive")
_CHINA = timezone(timedelta(hours=8))
_MARKS = frozenset({"R", "T", "TD", "退订", "拒收"})
"""By which messages are refused, as the whole text (channels sheet 3.3)."""
_PLEAS = re.compile("(别|不要|勿)再(给我)?(发|联系|打扰)")


def refuses(words: str) -> bool:
    """Did the tenant ask for silence?"""
    bare = "".join(re.findall(r"[^\W_]", unicodedata.normalize("NFKC", words))).upper()
    return bare in _MARKS or _PLEAS.search(bare) is not None


def truth(book: Book) -> dict[str, object]:
    """Counts of what was said and shown by kind, and three lists of rows, empty where every promise was kept.

    ``at_night``: sent in quiet hours, and no answer. ``after_refusal``: sent although the tenant's last words were a
    refusal. ``over_budget``: attempts refused since a window or the day's quota was used up (45015, 45047, 45009).
    Instants are ISO texts.
    """
    shown = [one.kind for follower in book.followers.values() for one in follower.shown]
    return {
        "said": book.counts["said"],
        **{f"shown_{kind}": shown.count(kind) for kind in KINDS},
        "at_night": [_row(one) for one in book.sends if not one.answers and _is_night(one.at)],
        "after_refusal": [_row(one) for one in book.sends if one.refused],
        "over_budget": [
            {"at": one.at.isoformat(), "openid": one.openid, "errcode": one.errcode} for one in book.overdrawn
        ],
    }


def _row(sent: Sent) -> dict[str, str]:
    return {"at": sent.at.isoformat(), "openid": sent.openid, "kind": sent.kind}


def _is_night(at: datetime) -> bool:
    return not WAKES <= at.astimezone(_CHINA).hour < SLEEPS
