"""Looser ways to speak of a proposal than :mod:`.options` marks: what it gives, what it costs more, that it lasts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ..money import Fen
from .choice import TWO_WAYS
from .lexicon import any_of
from .numerals import amounts
from .options import BARE, STRONG, mark, number_of
from .port import Lying

_MENTION = re.compile(f"[{chr(STRONG + 1)}-{chr(BARE + 99)}]")
_STRUCK = r"(?:不(?:想|再|能|肯)?(?:要|选|考虑|签|用|住|看)?|别|排除|pass掉?|划掉|除了|拒绝|没说|哪是|不是|讨厌|舍不得)"
_STRUCK_AFTER = (
    r"(?:那?两?个?|的|就|都|也|太|真|是|全|一律|统统)*(?:不(?:想|太)?(?:要|选|考虑|喜欢|行|合适|看|用|划算|需要)"
    r"|pass掉?|算了|免谈|免了|贵了?|划掉|没用|没意思|折腾|再见|不作数|取消|拉倒|没兴趣|吓人|离谱)"
)
_MANY = f"(?:{_MENTION.pattern}[和跟与、及,\\s的]*)+"
_AWAY = re.compile(f"{_STRUCK}\\s*{_MANY}|{_MANY}{_STRUCK_AFTER}")
_THE_REST = re.compile("(?:剩下?|余下|还剩|另外)(?:来|哪|那|的)*(?:那)?一?(?:个|款|种|份|的)?")
_LEAST_SUM = 10
_MORE = "(?:贵|涨|加|多|添|多付|多出|多花|加价|涨价)(?:个|了|一?点)?(?:{amount})(?:块|元|大洋)?"
_CHINESE = {50: "50|五十", 80: "80|八十", 100: "100|一百|百", 150: "150|一百五", 200: "200|两百|二百"}


def meant(words: str, proposals: Sequence[Lying]) -> int | None:
    """The number of the one proposal that a message can be about, or None.

    Two that are named in one message are too many, unless all but one are plainly turned down.
    """
    marked = _hinted(mark(words, proposals), proposals)
    if TWO_WAYS.search(marked) or _other_sum(marked):
        return None
    away = {number_of(sign) for found in _AWAY.findall(marked) for sign in _MENTION.findall(found)}
    rest = _AWAY.sub(" ", marked)
    left = {number_of(sign) for sign in _MENTION.findall(rest)}
    if not left and away and _THE_REST.search(rest):
        left = {one.number for one in proposals} - away
    return _pointed_at(left.pop(), words, proposals) if len(left) == 1 and not left & away else None


def _pointed_at(number: int, words: str, proposals: Sequence[Lying]) -> int | None:
    """A hint may say what is not meant; what is meant has to be pointed at, or be all that is left."""
    marked = mark(words, proposals)
    return number if chr(STRONG + number) in marked or _THE_REST.search(marked) else None


def hinted(words: str, proposals: Sequence[Lying]) -> set[int]:
    """The numbers of all proposals a message may speak of, by name or by hint."""
    return {number_of(sign) for sign in _MENTION.findall(_hinted(mark(words, proposals), proposals))}


def _other_sum(marked: str) -> bool:
    """A sum that is no proposal's is another wish."""
    return any(amount.value >= _LEAST_SUM for amount in amounts(marked))


def _hinted(marked: str, proposals: Sequence[Lying]) -> str:
    for number, pattern in _patterns(
        tuple((one.number, one.rents, one.months, one.gifts, one.rises) for one in proposals)
    ):
        marked = pattern.sub(chr(STRONG + number), marked)
    return marked


@lru_cache(maxsize=256)
def _patterns(
    shapes: tuple[tuple[int, tuple[Fen, ...], int, tuple[str, ...], bool], ...],
) -> list[tuple[int, re.Pattern[str]]]:
    """Only what fits one proposal alone; compiled once for each set of terms."""
    proposals = [Lying(number, "", rents, months, gifts, rises) for number, rents, months, gifts, rises in shapes]
    found: list[tuple[int, re.Pattern[str]]] = []
    for one in proposals:
        others = [other for other in proposals if other is not one]
        found += [(one.number, re.compile(words)) for words in _hints(one, others)]
    return found


def _hints(one: Lying, others: Sequence[Lying]) -> list[str]:
    hints: list[str] = []
    if gifts := [gift for gift in one.gifts if not any(gift in other.gifts for other in others)]:
        hints.append(f"(?:有|带|送|给|含|附|换)?(?:人|阿姨|人家)?(?:来|帮我|帮忙)?.?(?:{any_of(gifts)})+")
    steady = [other for other in (one, *others) if not other.rises]
    if steady == [one]:
        hints.append(
            "(?:房租|租金|价格?|钱)?(?:一分|一毛|一点)?(?:钱)?(?:[不没别唔无]|不用"
            "|不给?我?)(?:用)?(?:再)?(?:[涨加变升动]|让我加)(?:价|钱|租)?|原价|老价钱?|原来(?:的|那个)?价?|照旧"
            "|跟(?:以前|现在|去年)一样|维持现状"
        )
    elif len(steady) == 1 and len(one.rents) == 1:
        more = (one.rents[0] - steady[0].rents[0]) // 100
        if more in _CHINESE and all(other.rents[0] != one.rents[0] for other in others):
            hints.append(_MORE.format(amount=_CHINESE[more]))
    if len(one.rents) > 1 and all(len(other.rents) == 1 for other in others):
        hints.append(r"\s*(?:→|->|-|~|到|、|,|/|\s)+\s*".join(str(rent // 100) for rent in one.rents))
    if one.months > 12 and all(other.months < one.months for other in others):
        hints.append(
            f"{one.months}个?月|最长|时间长|长的|长期|锁(?:死|住|定|价)?|一步到位|(?:后年|三年)(?:房租|价格)?|阶梯"
        )
    return hints
