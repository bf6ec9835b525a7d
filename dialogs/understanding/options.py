"""Finds where a message points at a proposal: by number, letter, place in the list, term, rent, gift or name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from .numerals import amounts
from .port import Lying

STRONG, WEAK, BARE = 0xE000, 0xE100, 0xE200
"""Private-use characters stand in the text for the option found there; a weak one counts only beside a word of will.

A bare rent (``3250``, nothing after it) is as good a counter-offer as a choice: it counts least of all.
"""

_POINT = "(?:那一?[个款种档套项只样]|这一?[个款种档套项只样]|的?方案|的合同|那份|的|开始的?|起步?的?)"
_HEAD = r"(?:方案|选项|套餐|选择|option|plan|choice|no\.?|number)"
_MEASURE = "(?:[个种项款套条档只样份](?!人|月|字|问题|礼拜|星期|小时)|号(?=方案|选项))"
_COUNTED = {1: "1一a", 2: "2二两b", 3: "3三c", 4: "4四d", 5: "5五e"}
_ORDINAL = {1: "first|1st", 2: "second|2nd", 3: "third|3rd", 4: "fourth|4th", 5: "fifth|5th"}
_SPELT = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
_YEARS = {1: "1一", 2: "2两二", 3: "3三", 4: "4四", 5: "5五"}
_BEFORE = r"(?<![\d.:一二三四五十百千万第星期周拜月之a-z])"
_AFTER = (
    r"(?![\d.:%a-z一二三四五十百千万个点些下样直般起年月日号楼室栋层天次人间套共旦边周"
    r"会刻块元米平折倍份小批贯口趟辈生话时遍比家句直切手律味心言毫度流脸阵场张片只杯顿眼觉])"
)


_POINTED = re.compile(rf"(?:块|元)?(?:一个?月|每月|月租)?起?({_POINT}+)?")
_NO_ARTICLE = r"(?<!a(?=\s+[a-z\d]))"
"""``with a bot``: an article is no letter of the list."""
_LOWEST_RENT = 300


class Pattern(NamedTuple):
    """What a mention looks like and the characters that replace it."""

    looks: re.Pattern[str]
    marks: str


def mark(words: str, proposals: Sequence[Lying]) -> str:
    """The text with each mention of a proposal replaced by one private-use character (two for 前两个)."""
    words = _rents(words, proposals)
    any_at_all, patterns = _patterns(
        tuple((one.number, one.name, one.months, one.gifts, one.rises) for one in proposals)
    )
    if any_at_all.search(words) is None:
        return words
    for pattern in patterns:
        words = pattern.looks.sub(pattern.marks, words)
    return words


def number_of(sign: str) -> int:
    """The proposal a replaced mention points at."""
    return (ord(sign) - STRONG) % (WEAK - STRONG)


def _rents(words: str, proposals: Sequence[Lying]) -> str:
    """3300那个: a rent points where only one proposal ever asks for it."""
    for amount in reversed([one for one in amounts(words) if one.value >= _LOWEST_RENT]):
        owners = {one.number for one in proposals if amount.value * 100 in one.rents}
        pointed = _POINTED.match(words, amount.end)
        if len(owners) == 1 and pointed is not None:
            sign = chr((STRONG if pointed[1] else BARE) + min(owners))
            words = words[: amount.start] + sign + words[pointed.end() :]
    return words


@lru_cache(maxsize=256)
def _patterns(shapes: tuple[tuple[int, str, int, tuple[str, ...], bool], ...]) -> tuple[re.Pattern[str], list[Pattern]]:
    """One pattern for any mention at all, and each by itself, longer ways first: 最后一个 is not 一.

    Compiling costs 15 ms, so rents are no part of the key.
    """
    proposals = [Lying(number, name, (), months, gifts, rises) for number, name, months, gifts, rises in shapes]
    numbers = [one.number for one in proposals]
    found = [*_places(numbers), *_contents(proposals)] if proposals else []
    for number in numbers:
        found += _numbered(number)
    found += [
        Pattern(re.compile(f"{_BEFORE}[{_COUNTED[n]}]{_AFTER}{_NO_ARTICLE}"), chr(STRONG + n))
        for n in numbers
        if n in _COUNTED
    ]
    return re.compile("|".join(f"(?:{one.looks.pattern})" for one in found) or "(?!)"), found


def _places(numbers: list[int]) -> list[Pattern]:
    last = chr(STRONG + numbers[-1])
    found = [
        Pattern(re.compile("(?:倒数第[一1]|最后面?|末尾|最末|最下面|最底下|后面|后头)(?:那?一?[个款种项]|那)"), last),
        Pattern(re.compile("(?:最上面|最前面|头)(?:那?一?[个款种项])"), chr(STRONG + numbers[0])),
    ]
    if len(numbers) > 1:
        pairs = {"前面?": numbers[:2], "后面?": numbers[-2:]}
        for where, pair in pairs.items():
            signs = "".join(chr(STRONG + one) for one in pair)
            found.append(Pattern(re.compile(f"{where}那?[两二2][个款种项]"), signs))
        found.append(Pattern(re.compile("倒数第[二2][个款种项]?"), chr(STRONG + numbers[-2])))
    if len(numbers) == 3:
        found.append(
            Pattern(re.compile("(?:中间|当中)(?:那?一?[个款种项]|的|那)|中那?一?[个款种项]"), chr(STRONG + numbers[1]))
        )
    return found


def _numbered(number: int) -> list[Pattern]:
    signs = _COUNTED.get(number, str(number))
    sign, strong = f"[{signs}]", chr(STRONG + number)
    ordinal = _ORDINAL.get(number, f"{number}th")
    return [
        Pattern(re.compile(rf"{_HEAD}\s*[:是为]?\s*{sign}(?![\da-z]){_MEASURE}?"), strong),
        Pattern(re.compile(rf"第\s*{sign}(?!年|月|期|天|次|周|层|位)(?:{_MEASURE}(?:方案|选项)?)?"), strong),
        Pattern(re.compile(rf"{_BEFORE}{sign}\s*(?:号?方案|号?选项|号套餐|号那个)"), strong),
        Pattern(
            re.compile(
                rf"(?:(?<=[选要定就用拣择])|(?<=^)|(?<=[,\s])){sign}号(?=[吧了哈啊呀撒嘛噻哦呢的好]|[\s,.!。~]|$)"
            ),
            strong,
        ),
        Pattern(re.compile(rf"{_HEAD}\s*(?:{_SPELT.get(number, ordinal)})\b"), strong),
        Pattern(re.compile(rf"(?:the\s+)?\b(?:{ordinal})\b(?:\s+(?:one|option|plan))?"), strong),
    ]


def _contents(proposals: list[Lying]) -> list[Pattern]:
    """Only what fits one proposal alone: the one-year one of two one-year ones is no mention."""
    found: list[Pattern] = []
    for one in proposals:
        others = [other for other in proposals if other is not one]
        strong, weak = chr(STRONG + one.number), chr(WEAK + one.number)
        for words in _descriptions(one, others):
            found.append(Pattern(re.compile(f"{words}{_POINT}+"), strong))
        for words in _whole_names(one, others):
            found.append(Pattern(re.compile(words), weak))
        if one.months % 12 == 0 and one.months // 12 in _YEARS and all(other.months != one.months for other in others):
            years = _YEARS[one.months // 12]
            found.append(
                Pattern(re.compile(f"(?<![第前后过每前去])(?<![0-9十])[{years}]年(?!之后|以后|后|内|前)"), weak)
            )
    return sorted(found, key=lambda pattern: ord(pattern.marks[0]) >= WEAK)


def _descriptions(one: Lying, others: list[Lying]) -> list[str]:
    found: list[str] = []
    if all(other.months != one.months for other in others) and one.months // 12 in _YEARS:
        years = f"[{_YEARS[one.months // 12]}]年"
        found.append(
            f"(?:一次|一下子?|直接|能|可以)?(?:(?:锁|签|固定){years}|{years}(?:锁价|锁定|固定|期|约)?|锁价|锁定|长约)"
        )
    gifts = [gift for gift in one.gifts if not any(gift in other.gifts for other in others)]
    if gifts:
        found.append(f"(?:给|送|带|有|含|附)?大?(?:{'|'.join(map(re.escape, gifts))})+")
    if not one.rises and all(other.rises for other in others):
        found.append(
            "(?:(?:价格?|租金|房租)?[不没][涨加变升]价?|(?:维持|保持|按|照)?(?:原价|老价钱?|原租金|原来的?价格?"
            "|现在的?价格?)(?:保留|续租|续签|续)?)"
        )
    return [*found, *_names(one, others)]


def _whole_names(one: Lying, others: list[Lying]) -> list[str]:
    """What names a proposal by itself, without 那个: its name, or the lock on its years."""
    found = [re.escape(one.name)] if len(one.name) >= 4 else []
    if not one.rises and all(other.rises for other in others):
        found.append("(?:按|以)?原价(?:保留|续租|续签|续约|续)")
    if all(other.months != one.months for other in others) and one.months // 12 in _YEARS and one.months > 12:
        found.append(f"(?:阶梯)?(?:锁|签){{1,2}}[{_YEARS[one.months // 12]}]年(?:价|约)?")
    return found


def _names(one: Lying, others: list[Lying]) -> list[str]:
    short, half = one.name[:2], one.name[:4]
    if len(short) < 2 or any(other.name.startswith(short) for other in others):
        return []
    return [f"(?:{re.escape(one.name)}|{re.escape(half)}|{re.escape(short)})"]
