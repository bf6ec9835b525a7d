"""The three proposals of the label guide, as they lie before a tenant in the tests."""

from __future__ import annotations

import msgspec

from dialogs.money import yuan
from dialogs.understanding.port import Context, Lying

THREE = (
    Lying(1, "原价保留", (yuan(3200),), 12, (), rises=False),
    Lying(2, "小幅上调享礼包", (yuan(3300),), 12, ("礼包", "券", "保洁")),
    Lying(3, "阶梯锁三年", (yuan(3250), yuan(3350), yuan(3450)), 36),
)


def before(context: Context) -> tuple[Lying, ...]:
    """As in the guide: while confirming, the question is about the second."""
    if context is not Context.CONFIRMING:
        return THREE
    return tuple(msgspec.structs.replace(one, asked=one.number == 2) for one in THREE)
