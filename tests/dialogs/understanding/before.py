"""The three proposals of the label guide, as they lie before a tenant in the tests."""

from __future__ import annotations

from bot.understanding import GUIDE as THREE
from bot.understanding import Line
from bot.understanding import before as before_line
from dialogs.understanding.port import Context, Lying

__all__ = ["THREE", "before"]


def before(context: Context) -> tuple[Lying, ...]:
    """As in the guide: while confirming, the question is about the second."""
    return before_line(Line("", context, ""))
