"""Leaving, and why: a decision to go beats the grievance that explains it, and the grievance becomes the reason."""

from __future__ import annotations

import re
from typing import NamedTuple

from .rule import Rule, rule

_HYPOTHETICAL = (
    r"不是不想续|(?:不|没)(?:想|打算|准备)(?:要)?搬|不搬|(?:要是|如果|假如|万一|若|假设|到期)?.{0,6}(?:不续|退租"
    r"|退房|搬走|搬家?).{0,10}(?:怎么|多少|押金|吗|\?|几天|提前|什么|流程|违约|扣|会不会|能不能|需要|要不要|时候"
    r"|手续|多久|哪天)|(?:不|没有?|别)(?:降|便宜|少|优惠|让).{0,8}(?:就|我就|只能|只好)"
    r"|(?:再|要|敢|还)(?:涨|贵|不降|不修|不便宜).{0,6}(?:就|我就)|再.{0,8}(?:我?就)(?:搬|走|不续|退)|(?:便宜|降|减"
    r"|少|打).{0,8}(?:否则|不然|要不)|(?:否则|不然|要不).{0,5}(?:搬|走|不续|退)|签不签|续不续|搬不搬|纠结|犹豫"
    r"|考虑|想想|说不定|可能(?!.{0,2}不续)|才(?:不|续)|(?:中途|提前).{0,6}(?:退|搬|走)|不续.{0,4}(?:的话|会|呢)"
    r"|怕.{0,6}(?:走|搬)"
    r"|半路|提前走|if i (?:don'?t|leave|move)"
)

LEAVERS: tuple[Rule, ...] = (
    rule(
        "decline",
        r"不(?:想|打算|准备|愿意?|再|会|能|考虑|太想)?(?:再)?(?:续|租|住)(?:约|租|签|你|这|下去)?(?:了|啦|咯|的|$"
        r"|\W|谢|拜|,|因)|(?:不|勿|唔|没法|冇)(?:续|租)|住不下去|不(?:留|干|要)了.{0,4}(?:搬|走|退)|退(?:房|租"
        r"|掉)(?!.{0,4}(?:怎么|押金))|\s退$|(?:要|得|准备|打算|决定|会|去|想|快|就|该|月|号|底|期|只能|好)(?:要|去"
        r"|就)?(?:搬(?!.{0,2}东西)|走(?:了|人|$|\W))|搬(?:走|家|出去?|到|去|回|了|$|\W)"
        r"|(?:找|看|租|定|签)(?:到|好|了|中)(?:了)?.{0,8}(?:新房|别家|别的房|别处|其他房|便宜|房子|下家|公寓|宿舍"
        r"|一套|一间)|(?:买|购)(?:了|到|好|的|完)?.{0,5}(?:房子?|二手房|新房|楼|婚房)(?!租)(?!.{0,3}(?:电|补贴))"
        r"|(?:新房|自己的?房子?|房子).{0,4}(?:交房|下来|交付|装修好|到手|拿到钥匙)|(?:公司|单位|学校).{0,4}(?:有"
        r"|给|分|提供|安排).{0,3}宿舍|住(?:公司|学校|单位)?宿舍"
        r"|(?:回|去|到)(?:老家|家乡|国外|美国|英国|日本|北京|上海|深圳|广州|外地|外省|别的城市).{0,6}(?:发展|工作"
        r"|了|上班|定居|读书|生活)|回老家|(?:离开|离)(?:杭州|上海|北京|这个?城市|本市|这座城)|出国|move ?out"
        r"|moving out|not (?:going to )?renew|won'?t renew|don'?t (?:want to )?renew|leaving",
        "leaves",
        unless=_HYPOTHETICAL + r"|换(?:一)?(?:间|套|个房)",
    ),
)


class Cause(NamedTuple):
    reason: str
    sounds: re.Pattern[str]


CAUSES: tuple[Cause, ...] = tuple(
    Cause(reason, re.compile(sounds))
    for reason, sounds in (
        (
            "bought_home",
            r"(?:买|购)(?:了|到|好|的|完)?.{0,6}(?:房|楼|套)|(?:新房|自己的?房子?|自家|自己家).{0,6}(?:交房|下来"
            r"|交付|装修|到手|住|钥匙|好了)|交房了|bought|own (?:home|place|flat)",
        ),
        (
            "job",
            r"工作(?!日)|公司|单位|离职|辞职|裁员?|被裁|失业|跳槽|调(?:到|去|动|岗|走)|offer|上班地|倒闭|外派"
            r"|派(?:到|去)|入职|换(?:了)?工|职|\bjobs?\b|\bfired\b|laid off|transfer",
        ),
        (
            "family",
            r"结婚|婚|怀孕|二胎|生(?:孩子|娃|宝宝|小孩)|宝宝|孩子|小孩|娃|爸妈|父母|爸|妈|婆婆|公婆|岳|男朋友"
            r"|女朋友|对象|老公|老婆|亲戚|家里人|家人|姐姐|哥哥|照顾|同居|married|baby|boyfriend|girlfriend"
            r"|parents",
        ),
        (
            "leaving_city",
            r"回(?:老家|家乡|村)|老家|家乡|出国|国外|留学|离开(?:杭州|上海|北京|这|本|城)|外地|外省|移民"
            r"|回.{1,5}(?:发展|生活|定居|工作)|(?:去|到)(?:北京|上海|深圳|广州|成都|武汉|南京|苏州|美国|英国|日本"
            r"|澳洲|加拿大|新加坡)|换(?:个)?城市|back home|abroad|hometown|another city",
        ),
        ("price", r"贵|便宜|涨|价|租金高|房租高|负担|性价比|付不起|租不起|吃不消|cheap|expensive|rent"),
        ("roommate", r"室友|合租|舍友|roommate|flatmate"),
        ("location", r"远|通勤|地铁|上班不方便|路上|交通|位置|偏|不方便|配套|commut|far"),
        (
            "quality",
            r"潮|霉|漏|吵|噪|坏|修|墙|蟑螂|老鼠|脏|破|旧|隔音|服务|态度|管家|没人管|热水|设施|味|甲醛|卫生|采光|暗"
            r"|小|noise|noisy|mold|dirty|broken|damp",
        ),
        (
            "other",
            r"宿舍|猫|狗|宠物|考研|毕业|上学|读书|看(?:中|上)|别的房|别处|别家|另(?:一|外)|换(?:个)?环境|找(?:到"
            r"|好)了?(?!.{0,3}便宜)|身体|生病|dorm|\bpets?\b|another (?:flat|place|apartment)",
        ),
    )
)


def reason_of(words: str) -> str:
    """The first cause in the tenant's words ("new job, so too far" is ``job``), or ``unknown`` if none is named."""
    places = [
        (found.start(), rank, cause.reason)
        for rank, cause in enumerate(CAUSES)
        if (found := cause.sounds.search(words))
    ]
    return min(places)[2] if places else "unknown"
