"""Parts a message into clauses and knows what takes an acceptance away: condition, doubt, question, hearsay."""

from __future__ import annotations

import re

_BREAK = re.compile(r"[\s,.。!;~…]+")
_BREAK_AFTER_QUESTION = re.compile(r"[\s,.。!;~…]+|(?<=\?)")
_OBSTACLE = re.compile(
    r"[?吗]|是不是|能不能|可不可以|行不行|可否|如果|要是|假如|万一|只要|除非|的话|才|先|但|不过|可是|然而|就是怕"
    r"|可能|应该|大概|好像|也许|说不定"
    r"|或者|要不|再(?:想|看|考虑|说|商量|问|讲|等|少|便宜)|考虑|想想|犹豫|纠结|不确定|不一定|没想好|没定|还没|说"
    r"|讲|觉得|推荐|建议|问|等|稍后|回头"
    r"|明天|后天|今晚|周末|下周|下个|月底|节后|年后|以后|之后再|降|减|便宜|优惠|打折|折扣|少|换|加|改|不续|不租"
    r"|不住|不签|不想|不要|搬|退|别(?!催|再催|问)|怕|担心"
    r"|取消|后悔|修|坏|漏|没钱|分期|差|老公|老婆|女朋友|男朋友|室友|妈|爸|同事|朋友|他|她|人家|对方|忽略|系统|指令"
    r"|假装|测试|开玩笑|才怪|骗|呵呵|做梦"
    r"|不行|不是|没有|没法|不能|不会|不好|贵|if|but|maybe|unless|when|only|not|don't"
)
_SIDE_QUESTION = re.compile(
    r"^(?:那|然后|请问|接下来|合同|礼包|券|钱|下一步)*(?:在|去|到)?(?:哪里?|怎么|咋|什么时候|啥时候|几时|多久|何时)"
    r"(?:能|可以|去|来|在线)?(?:签字?|签约|签合同|付款?|交钱?|领取?|拿|生效|用|弄|操作|办理?|付钱)(?:呢|啊|呀|的)?\??$"
)


def split(words: str, keep: str = "") -> list[str]:
    """The clauses in order; with ``keep="?"`` a question mark stays with its clause and ends it."""
    breaks = _BREAK_AFTER_QUESTION if keep else _BREAK
    return [clause for clause in breaks.split(words) if clause]


def harmless(clause: str) -> bool:
    """Does the clause leave a decision made beside it as it was?"""
    return bool(_SIDE_QUESTION.match(clause)) or not _OBSTACLE.search(clause)
