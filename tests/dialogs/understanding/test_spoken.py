"""Which words of a message name the time for later, copied as they were written."""

from __future__ import annotations

import pytest

from dialogs.understanding.spoken import spoken


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("下周三晚上再联系", "下周三晚上"),
        ("今天忙飞了 明晚自己手动交", "明晚"),
        ("我这周都在外地 下周一早上你提醒我一声", "下周一早上"),
        ("礼拜天有空再签", "礼拜天"),
        ("有事 稍后", "稍后"),
        ("消肿了再签", "消肿了"),
        ("开完会再说", "开完会"),
        ("冬至過後再回覆你", "冬至過後"),
        ("听日覆你", "听日"),
        ("等我出差回来再看", "等我出差回来"),
        ("Later 吧", "Later"),
        ("十分钟", "十分钟"),
        ("今晚再确认", "今晚"),
        ("9点以后找我", "9点以后"),
        ("元旦后再联系", "元旦后"),
        ("今天限号 周六弄完再签", "周六"),
        ("", ""),
    ],
)
def test_the_time_for_later(text: str, when: str) -> None:
    said = spoken(text)
    assert said == when or (when and (when in said or said in when) and said), said


def test_it_is_copied_from_the_message() -> None:
    text = "【忙】下個禮拜六再講，謝謝"
    assert spoken(text) in text
    assert spoken(text) == "下個禮拜六"
