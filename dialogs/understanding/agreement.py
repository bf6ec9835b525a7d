"""Decides whether a message is a yes to the pending question: nothing but words of agreement, or it is none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .clauses import beside, split
from .lexicon import AGREED_AT_HOME, BESIDE_YES, BLOCKING, DECIDED, PAUSE, YES, any_of
from .options import BARE, STRONG, WEAK, mark
from .port import Context, Lying

_KNOWN = re.compile(f"(?:{PAUSE}|{any_of((*YES, *BESIDE_YES))})*+")
_YES = re.compile(any_of(YES))
_CLEAR = re.compile(
    "确定|确认|没错|没问题|没有问题|没意见|无误|同意|就这个|就它|就是它|定了|定下|是的|对的|必须|当然|接受|成交"
    "|confirm|yes|sure|correct|✅|✔"
)
"""Words that are no mere sound of listening."""
_FACES_OF_DOUBT = re.compile('[🤔🙄❓❔🤷😅😓😒「」『』“”"【】《》<>=/|]')
_SOUNDS_ALIKE = re.compile(
    r"好(?:麻烦|辛苦|办|弄|搞|整|选|签|续|直接|下|发|提交|登记|按|就好)|^[\s,]*(?:好了|行了|得了)|得了吧|对(?:了"
    r"|吧|照|面|方|比|付|你|我|于|账|接|着)"
    r"|(?:对|没错|没问题|没有问题|没意见|是|正确|对的|是的)吧\W*$|要(?:是|不|么|命|死|求)|可(?:是|能|惜|怕|怜|恶"
    r"|爱)|(?:确定|确认)一下|[嗯恩哦]\s*(?:…|\.{2,})\W*$|(?:^|[\s,])[是系](?:我"
    r"|你|您|管家|老师|亲|老板)"
)
"""Holds a word of agreement as a part of another word, as an intensifier, or as a tag that asks."""
_HEARD = (
    "知道了", "知道啦", "晓得了", "晓得", "收到", "收到了", "了解", "了解了", "明白", "明白了", "懂了", "清楚了",
    "看到了", "看到", "哦", "噢", "喔",
    "哦哦", "噢噢", "嗯嗯", "嗯", "恩", "好", "noted", "got it", "i see", "roger", "okok",
)  # fmt: skip
_NODS = re.compile(f"(?:{PAUSE}|{any_of((*_HEARD, *YES, *BESIDE_YES))})*+")
_NOD = re.compile(any_of((*_HEARD, *YES)))
_MA = re.compile("(?<=要得)嘛|(?<=好)嘛$")
"""Sichuan's 嘛 asks nothing."""
_GREETED = re.compile(
    "(?:你|您|大家|老板|管家|老师|亲|姐|哥|阿姨|美女|帅哥|早上?|上午|中午|下午|晚上?|各位)好(?!的|了|呀?[,!。 ]*$)"
    "|^(?:你|您)好"
)
"""老板好 holds no yes."""
_GREETING = re.compile("你好|您好|hello|哈[喽啰]|hi\\b|在吗")
_THANKS = re.compile("谢|感恩|辛苦|thank|thx")
_IRONY = re.compile("好好好|行行行|对对对对|是是是|好了好了|^(?:哦|噢)+好?吧?$")
"""Said thrice it is a sigh."""


def agreed(words: str, context: Context, proposals: Sequence[Lying] = ()) -> str | None:
    """Why it is a yes, or None. Only while a question is pending (label guide, *confirm*)."""
    if context is not Context.CONFIRMING:
        return None
    words = _MA.sub("", words)
    plain = _GREETED.sub(" ", DECIDED.sub(" ", AGREED_AT_HOME.sub(" ", words)))
    told = _asked_again(plain, proposals)
    if _is_yes(told) or _is_yes(plain):
        return "nothing but words of agreement"
    clauses = split(told, keep="?")
    sure = [clause for clause in clauses if _is_yes(clause)]
    if not sure or len(clauses) < 2 or _IRONY.search(told) or _FACES_OF_DOUBT.search(words):
        return None
    others = [clause for clause in clauses if clause not in sure]
    if _is_yes(clauses[0]) and all(beside(clause) for clause in others):
        return "agreement, and beside it what takes nothing away"
    if any(_CLEAR.search(clause) for clause in sure) and all(beside(clause) for clause in others):
        return "a clear word of agreement; nothing else takes it away"
    return None


def _asked_again(words: str, proposals: Sequence[Lying]) -> str:
    """The same with 它 for the proposal that was asked about, by its number, rent or length; others stay named."""
    asked = [one for one in proposals if one.asked]
    if len(asked) != 1:
        return words
    marked = mark(words, proposals)
    for sign in (STRONG, WEAK, BARE):
        marked = marked.replace(chr(sign + asked[0].number), "它")
    years = {12: "|[一1]年", 24: "|[两二2]年", 36: "|[三3]年"}.get(asked[0].months, "")
    return re.sub(rf"(?<![\d一二三四五六七八九十])(?:{asked[0].months}个月|十二个月{years})(?:的|期)?", "它", marked)


def nodded(words: str) -> bool:
    """Does it only say that something was heard? Where no question waits, 好的 is no more than that, too."""
    if BLOCKING.search(words) or _THANKS.search(words) or _GREETING.search(words):
        return False
    return bool(_NODS.fullmatch(words)) and bool(_NOD.search(words))


def _is_yes(words: str) -> bool:
    if BLOCKING.search(words) or _IRONY.search(words) or _SOUNDS_ALIKE.search(words):
        return False
    return bool(_YES.search(words)) and bool(_KNOWN.fullmatch(words))
