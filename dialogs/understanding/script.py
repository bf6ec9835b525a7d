"""Traditional characters to simplified ones by OpenCC, and Cantonese words to the Mandarin ones of one character."""

from __future__ import annotations

from functools import cache

from opencc import OpenCC

_CANTONESE = str.maketrans({
    "啲": "的", "冇": "没", "咗": "了", "喺": "在", "嘅": "的", "佢": "他", "唔": "不", "喎": "哦", "咁": "这",
    "嘢": "事", "哋": "们", "嚟": "来", "睇": "看", "俾": "给", "畀": "给", "咩": "吗", "乜": "啥", "攞": "拿",
    "揾": "找", "搵": "找", "妳": "你",
})  # fmt: skip


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def simplified(words: str) -> str:
    """The same words in simplified characters; its length may change by a few."""
    return str(_converter().convert(words.translate(_CANTONESE)))
