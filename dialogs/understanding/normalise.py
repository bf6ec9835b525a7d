"""Brings the many ways of writing one thing to one: width, case, script, digits in circles, the commonest slips."""

from __future__ import annotations

import re
import unicodedata

from .script import SIMPLIFIED

LONGEST = 300
"""Characters that are read; a longer message is read at both ends, and no choice is ever taken from it."""
_HEAD, _TAIL = 200, 100

_NUMBERED = {"❶": "1", "❷": "2", "❸": "3", "➊": "1", "➋": "2", "➌": "3", "🅰": "a", "🅱": "b", "🆗": "ok", "Ⓑ": "b"}
_FORMAL = {"壹": "一", "贰": "二", "叁": "三", "弍": "二", "弎": "三"}
_ONE_FOR_ONE = str.maketrans(SIMPLIFIED | _NUMBERED | _FORMAL | {"，": ",", "；": ";"})
_THANKS = re.compile("唔[該该][晒曬]?")
"""Thanks in Cantonese; read sign by sign it would become a no."""
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Sk"})
_SLIPS = (
    (re.compile(r"(方案|选项|第)(?:而|儿|尔|饿)(?!子)"), r"\1二"),
    (re.compile(r"(方案|选项|第)(?:伞|散|山)"), r"\1三"),
    (re.compile(r"(方案|选项|第)(?:依|衣|医)"), r"\1一"),
    (re.compile(r"(?:防案|方按|方安|放案)(?=\s*[一二三123])"), "方案"),
    (re.compile(r"[宣旋喧轩](?=[一二三123第])"), "选"),
    (re.compile(r"(?<![a-z])iii(?![a-z])"), "3"),
    (re.compile(r"(?<![a-z])ii(?![a-z])"), "2"),
    (re.compile(r"阔以|口以|苛以"), "可以"),
)
_PLAIN = re.compile(r"[一-龥0-9A-Za-z ,.?!。、:~]*")
"""Most messages hold nothing that could have to be dropped."""
_SUSPECT = re.compile("[而儿尔饿伞散山依衣医按安宣旋喧轩阔口苛]|防案|放案|ii")
"""Something that stands in a slip: looking for each of them costs eight times as much."""
_PINYIN = {
    "xuan": "选", "xuanze": "选择", "yi": "一", "er": "二", "san": "三", "di": "第", "ge": "个", "fangan": "方案",
    "fang": "方", "an": "案", "yao": "要", "jiu": "就", "wo": "我", "hao": "好", "de": "的", "queding": "确定",
    "que": "确", "ding": "定", "keyi": "可以", "ke": "可", "xing": "行", "dui": "对", "shi": "是", "bu": "不",
    "xu": "续", "zu": "租", "tui": "退", "tuiding": "退订", "nage": "那个", "na": "那", "zhe": "这", "zhege": "这个",
    "ba": "吧", "le": "了", "ma": "吗", "xiexie": "谢谢", "nihao": "你好", "ni": "你", "mei": "没", "cuo": "错",
    "qian": "签", "gui": "贵", "tai": "太", "zai": "再", "kankan": "看看", "kan": "看", "xiang": "想",
}  # fmt: skip


def normalise(text: str) -> str:
    """At most ``LONGEST`` characters of plain lower-case simplified text; every private-use character is gone."""
    words = text if len(text) <= LONGEST else f"{text[:_HEAD]} {text[-_TAIL:]}"
    words = _THANKS.sub("谢谢", words)
    words = unicodedata.normalize("NFKC", words.translate(_ONE_FOR_ONE))[: 2 * LONGEST]
    if _PLAIN.fullmatch(words) is None:
        words = "".join([c for c in map(_spaced, words) if unicodedata.category(c) not in _DROPPED])
    words = _from_pinyin(words.lower().translate(_ONE_FOR_ONE))
    if _SUSPECT.search(words):
        for slip, right in _SLIPS:
            words = slip.sub(right, words)
    return " ".join(words.split())


def _spaced(sign: str) -> str:
    return " " if sign.isspace() else sign


def _from_pinyin(words: str) -> str:
    """Chinese for a message that is nothing but syllables we know: ``xuan san``; any other is left alone."""
    syllables = re.findall(r"[a-z]+", words)
    if len(syllables) < 2 or any(one not in _PINYIN for one in syllables):
        return words
    return re.sub(r"[a-z]+\s*", lambda found: _PINYIN[found.group().strip()], words)
