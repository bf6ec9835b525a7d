"""Which one proposal a looser sentence can be about; two are too many, and another sum is another wish."""

from __future__ import annotations

import pytest

from dialogs.understanding.hints import hinted, meant
from dialogs.understanding.likely import likely_choice, likely_yes, standing
from dialogs.understanding.normalise import normalise
from dialogs.understanding.port import Context

from .before import THREE


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("前两个都不要，要第三个", 3), ("除了一和三，剩下的那个", 2), ("我要不涨价的那个", 1),
        ("给我锁价的那个", 3),
        ("选一还是选二", None), ("1不要2", None), ("第一个，外加停车费500", None), ("随便", None), ("都可以", None),
    ],
)  # fmt: skip
def test_the_one_that_can_be_meant(text: str, number: int | None) -> None:
    assert meant(normalise(text), THREE) == number


def test_hints_name_what_they_may_be_about() -> None:
    assert hinted(normalise("不涨价的和送打扫的"), THREE) >= {1}


@pytest.mark.parametrize("context", [Context.REMINDED, Context.SIGNING, Context.PAYING, Context.HANDOFF])
def test_elsewhere_nothing_is_likely_enough(context: Context) -> None:
    assert likely_choice("我就要第三个那种长的", context, THREE, 0.99) is None
    assert not likely_yes("确定确定不会反悔的放心", context, THREE, 0.99)


def test_a_short_or_doubtful_message_is_left_to_the_rules() -> None:
    assert likely_choice("差点选2", Context.OFFERED, THREE, 0.99) is None
    assert likely_choice("如果便宜点我就选第二个", Context.OFFERED, THREE, 0.99) is None
    assert standing("长" * 61, Context.OFFERED, THREE) == []
