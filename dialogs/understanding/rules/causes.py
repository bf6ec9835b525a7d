"""Why somebody leaves: the words that name each cause. The first cause a message names is the one that counts."""

from __future__ import annotations

import re
from typing import NamedTuple

_CITIES = (
    "北京|上海|深圳|广州|成都|武汉|南京|苏州|杭州|重庆|长沙|西安|天津|青岛|大连|厦门|合肥|郑州|济南|昆明|贵阳"
    "|南昌|福州|宁波|沈阳|哈尔滨|长春"
    "|海口|三亚|大理|丽江|珠海|东莞|佛山|无锡|温州|东北|四川|湖南|湖北|河南|河北|山东|山西|陕西|甘肃|安徽|江西"
    "|福建|云南|贵州|广西|新疆|西藏|内蒙|辽宁|吉林|黑龙江|海南|香港|澳门|台湾"
    "|美国|英国|日本|韩国|首尔|东京|澳洲|墨尔本|悉尼|加拿大|新加坡|德国|法国|欧洲|泰国|迪拜"
)
_KIN = (
    "爸妈|父母|爸|妈|婆婆|公婆|婆家|娘家|岳父|岳母|丈母娘|老丈人|奶奶|爷爷|外婆|外公|姥姥|姥爷|舅舅|姑姑|叔叔"
    "|阿姨|姨妈|男朋友|女朋友|男友|女友|对象|老公|老婆|爱人|先生|媳妇"
    "|亲戚|家里人|家里|家人|我姐|我哥|我妹|我弟|姐姐|哥哥|妹妹|弟弟|表姐|表哥|堂姐|儿子|女儿|孩子|小孩|宝宝|娃"
    "|二胎|三胎"
)


class Cause(NamedTuple):
    reason: str
    sounds: re.Pattern[str]


CAUSES: tuple[Cause, ...] = tuple(
    Cause(reason, re.compile(sounds))
    for reason, sounds in (
        (
            "bought_home",
            r"(?:买|购|供)(?:了|到|好|的|完|下)?.{0,8}(?:房|楼|套|loft|公寓|别墅)|^买了|新房|自己(?:的|那"
            r"|有)?.{0,3}(?:房|窝|套)|自家|自住|首付|房贷|还贷"
            r"|月供|收房|交房了|房本|房产证|过户|二手房|现房|期房|法拍|共有产权|安置房|拆迁|回迁|摇(?:中|到)?号"
            r"|毛坯|硬装|上车|房奴|有房(?:了|一族)|有家了|装修好"
            r"|公积金贷款|bought|own (?:home|place|flat|apartment)|mortgage",
        ),
        (
            "job",
            r"工作(?!日|顺利)|公司|单位|离职|辞职|裁员?|被裁|失业|跳槽|调(?:到|去|动|岗|走|任)|转岗|offer|上班地"
            r"|倒闭|外派|派(?:到|去|驻)|入职|换(?:了)?工"
            r"|就职|求职|职场|转正|实习|项目组?|散伙饭|n\+1|优化|毕业季|考公|上岸|厂|店(?:关|倒|黄|不开)"
            r"|做不下去|找(?:不到|没)?.{0,3}活|返工|番禺|创业|生意|没单"
            r"|hr|部门|团队|合同到期没续签|劳动合同|last day|\bjobs?\b|\bfired\b|laid off|transfer|relocat",
        ),
        (
            "family",
            rf"结婚|领证|婚房|婚|怀孕|有喜|生(?:孩子|娃|宝宝|小孩|二胎)|月子|陪读|照顾|同居|分手|离婚|复合"
            rf"|一家三口|(?:{_KIN}).{{0,8}}(?:身体|住院|手术|生病|年纪|不放心|催|发话|要我|叫我|让我|家|那边|那儿"
            rf"|身边)"
            r"|married|baby|boyfriend|girlfriend|\bbf\b|\bgf\b|parents|family|wife|husband",
        ),
        (
            "leaving_city",
            rf"回(?:老家|家乡|村|乡下|县城|国|.{{0,3}}老家)|老家|家乡|返乡|鄉下|乡下|出国|国外|留学|签证|交换"
            rf"|移民|离(?:沪|杭|京|深|蓉|开(?:{_CITIES}|这|本|城))"
            rf"|逃离|外地|外省|不在(?:{_CITIES}|这个?城)|(?:去|到|回|飞|返|滚回|拉回|搬去|定居)(?:{_CITIES})"
            rf"|这个?城市|换(?:个|座)?城市|火车票|高铁票|机票|漂了"
            r"|back home|abroad|hometown|another city|leave (?:the )?(?:city|country)",
        ),
        (
            "roommate",
            r"室友|室有|合租|舍友|同屋|同住的|次卧|主卧那|隔壁间|闺蜜|哥几个|兄弟们|散伙|拆伙|同一屋檐"
            r"|跟姓.{1,2}的|一起租|搭子|roommate|flatmate",
        ),
        (
            "location",
            r"远|通勤|通琴|地铁|公交|班车|早高峰|晚高峰|上班不方便|路上|车程|来回|倒(?:两|三)?(?:次|趟)|换乘"
            r"|打车|迟到|交通|位置|偏|不方便|配套|啥都没有|离.{1,8}近"
            r"|近(?:一?点|的|些)|附近(?:没|找)|厂门口|公司(?:楼下|旁边|门口|附近)|校区|学区|市区|多睡|commut"
            r"|\bfar\b|subway|closer",
        ),
        (
            "price",
            r"贵|便宜|涨|价|租金|房租|房钿|负担|性价比|付不起|租不起|吃不消|扛不(?:住|下)|超预算|预算|更低"
            r"|少(?:了|个)?[一二三四五六七八九\d]+百?|辣手|白干|鸽子笼|上天"
            r"|(?<!\d)[12][0-9]{3}(?!\d)|两千[一二三四五六七八九]|划算|抠|省(?:钱|一笔)|cheap|expensive|afford"
            r"|\brent\b",
        ),
        (
            "quality",
            r"潮|霉|漏|吵|噪|坏|修|墙|蟑螂|老鼠|虫|脏|破|旧|隔音|服务|态度|管家|没人管|不管|热水|设施|味|甲醛"
            r"|卫生|采光|暗|臭|水压|停[电水]|回南天|湿疹|油烟|天花板"
            r"|下水|反水|滴水|渗|冷煞|热煞|太(?:冷|热|小|闷)|闷|网速|不安全|被盗|小偷|蹦迪|装修声|扰民|素质"
            r"|账单.{0,4}错|过敏|noise|noisy|mold|dirty|broken|damp|smell|bugs",
        ),
        (
            "other",
            r"宿舍|住校|学校|猫|狗|宠物|金毛|考研|考博|毕业|上学|读书|人才公寓|公租房|廉租房|保租房|青年公寓"
            r"|酒店式|民水民电|另租|别的房|别处|别家|另(?:一|外)|换(?:个)?环境"
            r"|身体|生病|手术|住院|当兵|参军|出家|流浪|旅居|房车|风水|大师|练琴|做饭|开火|阳台|院子|工作室"
            r"|大(?:一?点|些)的|两居|找(?:到|好)了?(?!.{0,3}便宜)|dorm|\bpets?\b"
            r"|another (?:flat|place|apartment)|bigger",
        ),
    )
)


_RELATIVES = re.compile(_KIN)
"""Whoever only names a relative leaves because of them if nothing else is named."""


def causes_in(words: str) -> list[str]:
    """The causes a message names, the first one first; of two that begin together the earlier of the table."""
    places = [
        (found.start(), rank, cause.reason)
        for rank, cause in enumerate(CAUSES)
        if (found := cause.sounds.search(words))
    ]
    named = [reason for _, _, reason in sorted(places)]
    return named or (["family"] if _RELATIVES.search(words) else [])
