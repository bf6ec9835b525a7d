"""Amounts and lengths a tenant asks for: a rent, something off it, a percentage, a number of months."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..money import Fen
from .numerals import NUMBER, Amount, amounts, value
from .port import Lying

_FOLD = re.compile(r"(?<![0-9])([0-9](?:\.[0-9])?|[0-9]{2}|[一二三四五六七八九]{1,2})折")
_PERCENT = re.compile(
    rf"(?:降|减|少|便宜|优惠|off|让|下调|抹|砍)\D{{0,4}}?({NUMBER})\s*(?:%|个点|个百分点)"
    rf"|({NUMBER})\s*%\s*(?:off|discount|优惠)|(?:降|减|少|便宜|优惠|让|下调)\D{{0,3}}百分之({NUMBER})"
)
_OFF = re.compile(
    rf"(?:少|减|降|便宜|优惠|让|抹|砍|省|掉|平)(?:个|了|我|掉|点|一点|价|租|下|收|算|返|多"
    rf"|我)*({NUMBER})(?!\s*(?:%|个点|折"
    rf"|个?月|年|天|到|至|号|次|左右的房))(?:块|元|吧|不|$|\W|.)?"
    rf"|({NUMBER})\s*(?:块|元)?\s*off"
)
_TO = re.compile(rf"(?:降|减|少|便宜|调|压|做|优惠|改|谈|砍)(?:价|租金)?(?:到|成|至|为)\D{{0,2}}({NUMBER})")
_OTHERS = re.compile(
    r"(?:隔壁|邻居|别人|别家|对面|楼[上下]|人家|中介|网上|小区|朋友|同事|附近|旁边|周边|自如|贝壳|市场|新租|挂"
    r"|他们|你们对|外面|才租|之前|原来|以前|去年|现在).{0,10}$"
)
_REFUSED_AFTER = re.compile(
    r"^\s*(?:块|元|一?个?月)*(?:也|都|还是|实在|有点)?(?:太|是|真|好|确实)?(?:贵|高|不值|吃不消|受不|不划算|不合理)"
)
_NOT_MONTHLY = re.compile(
    r"(?:首月|头一?个月|第一个月|一年|每年|全年|押金|(?:隔壁|对面|邻居|同事|朋友|自如|别家).{0,10})\D{0,8}$"
)
"""What is said of another time, another thing or another flat is no wish for this rent."""
_LONG_AGO = re.compile(r"(?:去年|上次|之前|当初|以前|续的时候).{0,8}$")
_RANGE_BEFORE = re.compile(r"(?:大概|高于)$")
_RANGE_AFTER = re.compile(r"^\s*(?:块|元)?(?:出头|以下|左右|上下|多(?!少|一|了)|没问题|里|都|也)")
_LENGTH = re.compile(r"([0-9一二两三四五六七八九十]{1,3})\s*(个?月|年)(半)?|(半)年|一年(半)")
_FREE = re.compile(r"免.{0,4}$|送.{0,3}$|便宜$|第$|头$|前$")


def price_wish(words: str, proposals: Sequence[Lying]) -> dict[str, int | str]:
    """At most one of ``target_rent``, ``discount`` (yuan a month), ``discount_pct``; or empty."""
    percent = _percent(words)
    if percent:
        return {"discount_pct": percent}
    rent = _target(words, proposals)
    if rent:
        return {"target_rent": rent}
    off = _off(words)
    return {"discount": off} if off else {}


def rent_wished(wish: dict[str, int | str], against: Lying | None) -> Fen | None:
    """Fen a month: the target itself, or what is left of the first rent of ``against``; None where that is a guess."""
    if isinstance(target := wish.get("target_rent"), int):
        return Fen(target * 100)
    if against is None or not against.rents:
        return None
    first = against.rents[0]
    if isinstance(off := wish.get("discount"), int):
        return Fen(first - off * 100) if 0 < off * 100 < first else None
    if isinstance(percent := wish.get("discount_pct"), int):
        return Fen(first * (100 - percent) // 100)
    return None


def months_wished(words: str) -> int | None:
    """The wished length, or None where the text gives no plain one, or two of them."""
    found = []
    for match in _LENGTH.finditer(words):
        if _FREE.search(words[: match.start()]):
            continue
        if match[4]:
            found.append(6)
            continue
        count = value(match[1] or "一")
        if count:
            found.append(int(count * (12 if match[2] == "年" else 1)) + (6 if match[3] or match[5] else 0))
    plain = {months for months in found if 1 <= months <= 60}
    return plain.pop() if len(plain) == 1 else None


def instalments_wished(words: str) -> int | None:
    """In how many parts, 2 to 12, where the text says so."""
    found = re.search(r"([0-9一二两三四五六七八九十]{1,2})\s*(?:笔|次|期|回)", words)
    count = value(found[1]) if found else None
    return int(count) if count and 2 <= count <= 12 else None


def _percent(words: str) -> int | None:
    fold = _FOLD.search(words)
    if fold and not _NOT_MONTHLY.search(words[: fold.start()]):
        kept = value(fold[1])
        if kept is None or kept <= 0:
            return None
        share = kept * 10 if kept < 10 else kept
        return round(100 - share) if 0 < share < 100 else None
    plain = _PERCENT.search(words)
    number = value(plain[1] or plain[2] or plain[3]) if plain else None
    return int(number) if number and 0 < number < 50 else None


def _off(words: str) -> int | None:
    for match in _OFF.finditer(words):
        before = words[: match.start()]
        if _NOT_MONTHLY.search(before) or (_LONG_AGO.search(before) and "了" in match[0]):
            continue
        number = value(match[1] or match[2])
        if number and 10 <= number < 1500:
            return int(number)
    return None


def _target(words: str, proposals: Sequence[Lying]) -> int | None:
    """A rent the tenant proposes: not a neighbour's, not one called too dear, and within reach of what is offered."""
    said = _TO.search(words)
    if said and (number := value(said[1])) and number >= 500:
        return int(number)
    if not proposals:
        reach = (1000.0, 30000.0)
    else:
        rents = [rent / 100 for one in proposals for rent in one.rents]
        reach = (min(rents) * 0.5, max(rents) * 1.05)
    dear = _dear(proposals)
    found = [
        one
        for one in amounts(words)
        if reach[0] <= one.value <= reach[1] and one.value not in dear and _proposed(words, one)
    ]
    return int(found[-1].value) if found else None


def _dear(proposals: Sequence[Lying]) -> set[float]:
    """Rents that lie there and that nobody would haggle for: all but the two lowest."""
    rents = sorted({rent / 100 for one in proposals for rent in one.rents})
    return set(rents[2:])


def _proposed(words: str, amount: Amount) -> bool:
    before, after = words[: amount.start], words[amount.end :]
    if _RANGE_BEFORE.search(before) or _RANGE_AFTER.match(after):
        return False
    return not _OTHERS.search(before) and not _REFUSED_AFTER.match(after)
