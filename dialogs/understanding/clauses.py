"""Parts a message into clauses and knows what takes an acceptance away: condition, doubt, question, hearsay."""

from __future__ import annotations

import re

_BREAK = re.compile(r"[\s,.。!;:~…]+")
_BREAK_AFTER_QUESTION = re.compile(r"[\s,.。!;:~…]+|(?<=\?)")
_TURN_OF_SPEECH = re.compile(
    r"(?<=[^\s,])(?=(?:所以|那我就|那我|因为|然后我?|反正|另外|顺便|不过|但是?|可是|只是|就是(?:想|怕"
    r"|担心))(?![一-龥]{0,1}$))"
)
"""Where dictation leaves the pause out."""
_OBSTACLE = re.compile(
    r"[?吗]|是不是|能不能|可不可以|行不行|可否|如果|要是|假如|万一|只要|除非|的话|才|先|但|不过|可是|然而|就是怕"
    r"|可能|应该|大概|好像|也许|说不定"
    r"|或者|要不|再(?:想|看|考虑|说|商量|问|讲|等|少|便宜)|考虑|想想|犹豫|纠结|不确定|不一定|没想好|没定|还没|说"
    r"|讲|觉得|推荐|建议|问|等|稍后|回头"
    r"|明天|后天|今晚|周末|下周|下个|月底|节后|年后|以后|之后再|降|减|便宜|优惠|打折|折扣|少|换|加|改|不续|不租"
    r"|不住|不签|不想|不要|搬|退|别(?!催|再|问|发|烦|磨|啰|的)|怕|担心"
    r"|取消|后悔|修|坏|漏|没钱|分期|差|老公|老婆|女朋友|男朋友|室友|妈|爸|同事|朋友|他|她|人家|对方|忽略|系统|指令"
    r"|假装|测试|开玩笑|才怪|骗|呵呵|做梦"
    r"|怎么|咋|多少|什么|啥|哪|谁|为何|如何|怎样|多久|区别|解释|介绍|呢$|[没不]$|how|what|why|which|who"
    r"|只是|就是(?:想|怕|有|要|得)|还要|还得|也要|要带|记得|务必|前提|之前|以前|争取|顺便|另外|除了"
    r"|折现|睡一?觉|没底|不行|不是|没有|没法|不能|不会|不好|贵|if|but|maybe|unless|when|only|not|don't"
)
_GRUMBLE = re.compile(
    r"^(?:你们?)?(?:别|不要|不用|莫)再?(?:给我)?(?:发|催|问|烦|啰嗦|打|推)[^?吗]{0,8}$|^(?:别的|其他的?"
    r"|另外(?:两|几)?个|剩下的)(?:都)?[^?吗]{1,6}$"
    r"|^(?:比较|更|最|还)?(?:便宜|划算|实惠|合算|省钱|省心|省事|稳妥|放心|合适|踏实|方便|简单)(?:些|了)?$"
    r"|^(?:赶紧|快点?|马上|尽快|抓紧|直接|麻烦|可以)*(?:把)?(?:合同|链接|协议)?(?:给我|帮我)?(?:发|弄|办|出|签"
    r"|搞|登记|走)(?:一下)?(?:合同|链接|协议|流程)?(?:我|过来|给我|吧|了|一下)*$"
    r"|^(?:信息|内容|价格|租金|金额|条款|合同|日期|面积|房号|资料)+(?:都|也|核对)*(?:没错|没问题|没有问题|没意见"
    r"|对的?|核对过了?|看过了?|ok|可以接受|能接受|合适)$"
    r"|^(?:多|每月多|才多|也就多|就多)?(?:一百|100|五十|50)(?:块)?(?:送|换|有)?(?:保洁|礼包|券)?也?(?:值|还行"
    r"|能接受)$|^反正[^?吗]{1,10}$|^贵是贵了?点?$|^虽然[^?吗但]{1,14}$|^(?:省得|免得|怕)(?:以后|明年|后面|将来)?(?:再|又|还)?涨(?:价)?$|^(?:房租"
    r"|租金|价格|价钱)?(?:没问题|合适|可以接受|能接受)$"
)
"""Said beside an act and no less an act for it: a grumble, praise, haste."""
_SIDE_QUESTION = re.compile(
    r"^(?:顺便|对了|另外)(?:再|想)?问(?:一?下|个事?)?(?!.*(?:便宜|少|降|优惠|减|能不能(?:改|换)|可以(?:改|换)))[^不没]{2,16}$|"
    r"^(?:那|然后|请问|接下来|合同|礼包|券|保洁券?|家政|礼品|链接|押金|钱|下一步)*(?:在|去|到)?(?:哪里?|怎么|咋|什么时候|啥时候|几时|多久|何时)"
    r"(?:能|可以|去|来|在线)?(?:签字?|签约|签合同|付款?|交钱?|领取?|拿|生效|用|弄|操作|办理?|付钱|发合同"
    r"|发)(?:呢|啊|呀|的)?\??$"
    r"|^(?:那|合同)?(?:今天|现在|马上|晚上|明天|线上|网上|直接)*(?:能|可以|可不可以|能不能)(?:今天|现在|马上"
    r"|直接|线上)*(?:签|签约|签字|付款|办|领|用|搞定)(?:了)?(?:吗|么|不|嘛)\??$"
    r"|^(?:押金|定金)(?:不用|还|要不要|还要|用)?(?:再)?(?:交|补|退)?(?:了)?(?:吧|吗|么|不)\??$|^(?:还)?(?:要"
    r"|需要)(?:带|准备|交)(?:什么|啥|哪些)(?:材料|证件|东西)?\??$"
)


def paused(words: str) -> str:
    """The same words with a pause wherever somebody who dictates would have made one."""
    return _TURN_OF_SPEECH.sub(",", words)


def split(words: str, keep: str = "") -> list[str]:
    """The clauses in order; with ``keep="?"`` a question mark stays with its clause and ends it."""
    breaks = _BREAK_AFTER_QUESTION if keep else _BREAK
    return [clause for clause in breaks.split(words) if clause]


def harmless(clause: str) -> bool:
    """Does the clause leave a decision made beside it as it was?"""
    return bool(_SIDE_QUESTION.match(clause) or _GRUMBLE.match(clause)) or not _OBSTACLE.search(clause)


def beside(clause: str) -> bool:
    """Is it one of the things that are said beside an act: a side question, a grumble, haste?"""
    return bool(_SIDE_QUESTION.match(clause) or _GRUMBLE.match(clause))
