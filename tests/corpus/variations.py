"""Says a training row again in other words that keep its label: the generator described in this folder's README."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from dialogs.understanding.port import Context

from .rows import Row

EACH = 3
"""Variations tried of one row; those that change nothing fall away."""
_ALIKE = (
    ("房租", "租金", "月租", "租费"),
    ("老公", "老婆", "我妈", "我爸", "室友", "女朋友", "男朋友", "对象", "家里人", "我姐"),
    ("合同", "协议", "合约"),
    ("空调", "洗衣机", "热水器", "冰箱", "马桶", "油烟机", "水龙头", "燃气灶"),
    ("厨房", "卫生间", "阳台", "客厅", "卧室", "浴室"),
    ("链接", "连接", "网页", "页面"),
    ("杭州", "上海", "成都", "深圳", "广州", "武汉", "南京", "苏州"),
    ("管家", "客服", "经理", "店长"),
    ("便宜", "优惠"),
    ("续租", "续约", "续签", "续"),
    ("搬走", "搬家", "搬出去", "退租"),
    ("周一", "周二", "周三", "周四", "周五", "周六", "周日", "星期三", "礼拜五"),
    ("明天", "后天", "大后天"),
    ("上午", "下午", "晚上", "中午"),
    ("考虑", "想想", "琢磨"),
    ("发票", "专票", "普票"),
    ("微信", "支付宝", "银行卡"),
    ("没有", "没", "木有"),
    ("什么时候", "啥时候", "几时", "何时"),
    ("怎么", "咋", "如何"),
    ("什么", "啥"),
    ("现在", "目前", "这会儿"),
)
_SLIPS = (
    ("的", "得"), ("在", "再"), ("再", "在"), ("账", "帐"), ("交", "缴"), ("那", "哪"), ("吗", "嘛"), ("做", "作"),
    ("以", "已"), ("租", "组"), ("签", "鉴"), ("锁", "所"), ("修", "休"), ("续", "序"),
)  # fmt: skip
_OPENERS = ("你好 ", "嗯 ", "那个 ", "管家 ", "hi ", "对了 ", "我说 ", "诶 ", "亲 ", "老师 ", "不好意思 ")
_CLOSERS = ("哈", "呀", "啊", " 🙏", "~", "。", "!", "哦", "呢", "[捂脸]", "[微笑]", "😂", "...")
_BARE = frozenset({"greet", "thanks", "other", "opt_out", "choose", "confirm"})
"""A word more can turn these into something else."""
_PAUSES = re.compile(r"[\s,，.。!！、~…]+")


def of(row: Row) -> list[Row]:
    """Variations of a row; the same row always gives the same."""
    chance = random.Random(row.id)
    found: dict[str, Row] = {}
    for number in range(EACH):
        text = row.text
        for change in chance.sample(_CHANGES, k=2):
            text = change(text, row, chance)
        if text.strip() and text != row.text and row.slots.get("when", "") in text:
            found.setdefault(text, row._replace(id=f"{row.id}~{number}", text=text))
    return list(found.values())


def _synonym(text: str, row: Row, chance: random.Random) -> str:
    """One word for another of its kind; the words that name a time stay."""
    when = str(row.slots.get("when", ""))
    fitting = [(word, group) for group in _ALIKE for word in group if word in text and word not in when]
    if not fitting:
        return text
    word, group = chance.choice(fitting)
    return text.replace(word, chance.choice([other for other in group if other != word]), 1)


def _slip(text: str, row: Row, chance: random.Random) -> str:
    """One sign for another that sounds alike."""
    when = str(row.slots.get("when", ""))
    fitting = [(right, wrong) for right, wrong in _SLIPS if right in text and right not in when]
    if not fitting or row.intent in _BARE:
        return text
    right, wrong = chance.choice(fitting)
    return text.replace(right, wrong, 1)


def _unpaused(text: str, row: Row, _: random.Random) -> str:
    """Voice input and haste leave the pauses out."""
    return text if row.intent in _BARE else _PAUSES.sub("", text)


def _opened(text: str, row: Row, chance: random.Random) -> str:
    return text if row.intent in _BARE or row.context is Context.CONFIRMING else chance.choice(_OPENERS) + text


def _closed(text: str, row: Row, chance: random.Random) -> str:
    ends = text.endswith(("?", "？", "吗", "么", "不", "没"))
    return text if row.intent in _BARE or ends else text + chance.choice(_CLOSERS)


_CHANGES: tuple[Callable[[str, Row, random.Random], str], ...] = (
    _synonym,
    _synonym,
    _slip,
    _unpaused,
    _opened,
    _closed,
)
