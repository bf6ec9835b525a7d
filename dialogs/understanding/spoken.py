"""Which stretch of a message names the time for later: a date, a vague word, or the thing that has to be over first."""

from __future__ import annotations

import re

from .moments import TIME
from .normalise import LONGEST
from .script import simplified

_VAGUE = (
    r"等?(?:晚|迟|晏)[一]?(?:点|些|的|歇点|歇)(?:时候)?|稍后|稍晚|等(?:一)?(?:会儿?|下|哈|歇)|待(?:一)?会儿?"
    r"|(?:一|过)会儿?|回头|改[天日]|过(?:两|几|些|个把)天"
    r"|[这再过缓隔]?(?:两|几|些)天(?:后|以后|之后)?|(?:我)?(?:得|有|等)?空(?:了|下来|闲)?(?:的时候)?|闲(?:了"
    r"|下来)|方便(?:了|的时候|时)"
    r"|忙完?(?:过)?(?:这|那)?(?:一)?(?:阵子?|段时间?|段|波|周|会儿?)(?:了)?|忙完了?|下[回次]|下个?双休日?"
    r"|双休日?|赶明儿?|明儿个?|明[儿晚早晨]"
    r"|听[日晚朝]|夜到|夜里向|放工|收工|下[了]?班|下(?:了|完)?课|下(?:了)?(?:飞机|高铁|火车|夜班)"
    r"|(?:半个?|[一二两三四五六七八九十\d]+)个?(?:多)?(?:小时|钟头|分钟|h|min)(?:以|之)?后?|再过个?(?:把)?(?:天"
    r"|周|星期|礼拜|月)"
    r"|(?:正月|腊月|初)(?:初)?[一二三四五六七八九十\d]+|正月|腊月|年底|年初|开春|寒假|暑假|元宵|端午|清明|冬至"
    r"|圣诞|除夕|重阳|儿童节|六一"
    r"|(?:下|这|本)(?:周|星期|礼拜)[一二三四五六日天末]?|(?:下|这)个?(?:季度|学期)"
    r"|tomorrow|tonight|later|next (?:week|month|mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?|(?:on )?(?:mon"
    r"|tues|wednes|thurs|fri|satur|sun)day"
    r"|this (?:weekend|evening|afternoon)|in (?:a|an|\d+) (?:few )?(?:minutes?|hours?|days?|weeks?)"
    r"|after (?:work|lunch|dinner|class|the meeting)"
)
_NAMED = re.compile(f"(?:{TIME})(?:的?(?:{TIME}))*|{_VAGUE}")
_NOW = re.compile(
    r"^(?:今[天儿日]|今儿个?|这(?:周|个?星期|个?礼拜|两天|几天|会儿?|阵子?|个?月)|本周|本月|最近|现在|目前|上午"
    r"|早上|刚|前天|昨天|月底|年底|两天|几天|(?:我|得|有|等)*空)"
)
_PAUSE = re.compile(r"[\s,，。.!！?？;；~…、😂😭🙏]+")
_DOING = (
    r"(?:再|才|就|来|去|我|我们|咱|给|跟|和|找|您|你|大家|俺|帮|把|合同|方案|一起|可以|行|一定|统一|马上|自己"
    r"|手动|慢慢|静下心)*"
    r"(?:选|签|看|说|讲|聊|谈|弄|搞|办|付|交|缴|定|回|覆|复|答复|联系|联络|处理|操作|点|填|打|发|通知|提醒|确认"
    r"|琢磨|研究|决定|告诉|给|找|来|约|商量|沟通|续|话|转|扫|刷|call|reply|talk|sign|pay|do)"
)
_THEN = re.compile(_DOING)
_OVER = re.compile(
    r"((?:等|到|待|过)?[^\s,，。.!！?？;；~…]{1,12}?(?:以后|之后|过后|的时候|后|完了?|回来了?|回去|结束了?|好了"
    r"|到了|了|过年|到家|到.{1,4}))"
    rf"(?:再|就|才|我|咱|先)*{_DOING}"
)
_AGAIN = re.compile(rf"((?:等|待|到)?[^\s,，。.!！?？;；~…]{{1,12}}?)(?:再|才){_DOING}")
_WAIT = re.compile(r"(?:等|待|到|回)[^\s,，。.!！?？;；~…]{1,10}")
_ENDS = re.compile(r"[^\s,，。.!！?？;；~…]{1,8}(?:完|后|了|结束)(?=$|[\s,，。.!！?？;；~…])")


def spoken(text: str) -> str:
    """The stretch as the tenant wrote it, or empty; of several the one that something is to be done at."""
    if len(text) > 2 * LONGEST:
        return spoken(text[:LONGEST]) or spoken(text[-LONGEST:])
    plain = simplified(text.lower())
    found = _stretch(plain)
    if found is None:
        return ""
    start, end = found
    written = text if len(plain) == len(text) else plain
    return written[start:end].strip()


def _stretch(plain: str) -> tuple[int, int] | None:
    named = [found.span() for found in _NAMED.finditer(plain)]
    later = [span for span in named if not _NOW.match(plain[slice(*span)])]
    doing = [span for span in later if _then(plain, span)]
    if doing:
        return doing[-1]
    over = [found.span(1) for found in (*_OVER.finditer(plain), *_AGAIN.finditer(plain))]
    if over and not later:
        return over[-1]
    return _last(later) or _last(over) or _first(_WAIT, plain) or _first(_ENDS, plain) or _last(named)


def _then(plain: str, span: tuple[int, int]) -> bool:
    """Is something to be done then, in the same breath?"""
    breath = _PAUSE.split(plain[span[1] :], maxsplit=1)[0]
    return _THEN.match(breath) is not None or breath in ("吧", "哈", "咯", "啦", "哦", "呢")


def _last(spans: list[tuple[int, int]]) -> tuple[int, int] | None:
    return spans[-1] if spans else None


def _first(pattern: re.Pattern[str], plain: str) -> tuple[int, int] | None:
    found = pattern.search(plain)
    return found.span() if found else None
