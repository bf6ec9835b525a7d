"""An act that no strict rule read: the weights find it likely, and nothing in the message speaks against it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .choice import Choice
from .hints import hinted, meant
from .lexicon import BLOCKING
from .port import Context, Lying

SHORT, LONGEST = 7, 60
"""Signs of a message in which an act may be found likely."""
CHOICE, YES = 0.8, 0.85
"""How likely an act has to be; set so that no row of the corpus is taken for an act it is not (out of fold)."""
_CONDITION = (
    "(?:送|修|给|减|免|换|装)[^,]{1,8}就(?:选|签|续|定|要)|如果|要是|假如|万一|只要|除非|的话|外加|加上|给装|但"
    "|可是|只是|不过|才(?:选|签|续|行)|if|but|unless"
)
_DOUBT = (
    "可能|大概|好像|也许|说不定|没准|或者|要不(?!然)|先不|不急|慎重|纠结死|难|还没|没想好|没定|没敢|不敢|不确定|犹豫"
    "|直觉|倾向|偏向|估计|应该会|保留意见|等等|等我|等下周|考虑一下|考虑考虑|想想(?!算了|还是|也)|后悔"
    "|周[一二三四五六日天]选|maybe"
    "|再(?:想|看|考虑|说|商量|问|讲|等|少|便宜|减|降)|商量(?!好|完|过|定)|问问|问下|汇报|说说|鬼才|随你|随便"
    "|[想喜](?:要|欢)(?:一|二|三|第|[123])|拿不了|主意|睡|投票|没底"
)
_HAGGLING = "折现|朝南|改押|送(?:一|两|三)次|便宜点|优惠|打折|折扣|太贵|百分之|[三3]千|太长|寂寞"
_OTHERS = "他们|人家|别人|大家都|说可以"
_AWAY = (
    "不续|不租|不住|不签|搬走|退租|算了吧|免谈|别(?:跟我)?提|不是(?:选|要|签)|别(?:选|签)|换(?:大|小|房|间|套)"
    "|合租|[两俩]年|not |don't"
    "|改成\\d月|还是(?:选|第|签)?[一二三123]\\W*$|一年的还是"
)
_QUESTION = (
    "[呢没][,\\s]|[呢没不]\\W*$|怎么|再来|总结|咋(?!都)|多少|多久|哪(?:个|种|里)(?!就)|什么时候|如何|区别|赔不赔"
    "|得唔得|提示|出错"
)
_NO_TALK = (
    "忽略|系统|指令|管理员|用户|身份|开玩笑|才怪|做梦|假装|测试|呵呵|家伙|个鬼|好烦|晓得|看到|已读|收到|感恩|单元|室$"
)
_AGAINST = re.compile("|".join((_CONDITION, _DOUBT, _HAGGLING, _OTHERS, _AWAY, _QUESTION, _NO_TALK)))
_NEVER_YES = re.compile(
    "不是|勿是|没了|不对|错了|好了没|好好好|撤回|取消|重新|老家|服了|(?<!没啥好)(?<!没什么要)(?<!不用)(?<!不)改"
    "|换|暂|\\d{3,}|方案"
    "|选[一二三四五1-5]|还是|不$|一年零|应该|半年|个月|[一二两三]年|车位|通个气|报备|先|谢谢.*不用"
)
_YES = re.compile(
    "确|定|好|行|对|是|可|嗯|恩|昂|中|得|要|没|木|莫|不|就|必|肯|当然|同意|认|成|妥|走|办|签|续|来|安排|系|👌|👍|✅"
    "|ok|y|sure|go|right|fine|deal|correct|works"
)
_SIGN = re.compile(r"\w")
_FACES = re.compile("[🤔🙄❓❔🤷😅😓😒😂]")


def likely_choice(words: str, context: Context, proposals: Sequence[Lying], likely: float) -> Choice | None:
    """The one proposal that is meant, where ``choose`` is that ``likely`` and the message names no second."""
    if context not in (Context.OFFERED, Context.CONFIRMING) or likely < CHOICE or _is_short(words) or _doubtful(words):
        return None
    number = meant(words, proposals)
    return None if number is None else Choice(number, f"a choice is likely ({likely:.0%}), and only {number} is meant")


def likely_yes(words: str, context: Context, proposals: Sequence[Lying], likely: float) -> bool:
    """Is it a yes to the pending question, where ``confirm`` is that ``likely``? It names no other proposal."""
    if context is not Context.CONFIRMING or likely < YES or _is_short(words):
        return False
    if _doubtful(words) or _NEVER_YES.search(words):
        return False
    asked = {one.number for one in proposals if one.asked}
    return hinted(words, proposals) <= asked and bool(_YES.search(words))


def _is_short(words: str) -> bool:
    """In a few signs one unknown word turns everything round (差点选2): the strict rules read those."""
    return len(_SIGN.findall(words)) < SHORT


def standing(words: str, context: Context, proposals: Sequence[Lying]) -> list[str]:
    """For the weights: whether just one proposal can be meant, and whether anything speaks against an act."""
    if context not in (Context.OFFERED, Context.CONFIRMING, Context.SIGNING) or len(words) > LONGEST:
        return []
    one = meant(words, proposals) is not None
    doubt = _doubtful(words)
    return [f"one meant: {one}, doubt: {doubt}", *(["may agree"] if not doubt and _YES.search(words) else [])]


def _doubtful(words: str) -> bool:
    return bool(BLOCKING.search(words) or _FACES.search(words) or _AGAINST.search(words))
