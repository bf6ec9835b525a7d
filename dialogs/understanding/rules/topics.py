"""What a question is about, so that its answer can be to the point: the first topic whose words it holds."""

from __future__ import annotations

import re
from typing import NamedTuple


class Topic(NamedTuple):
    name: str
    sounds: re.Pattern[str]


TOPICS: tuple[Topic, ...] = tuple(
    Topic(name, re.compile(sounds))
    for name, sounds in (
        ("deposit", "押金|定金|保证金|deposit"),
        ("invoice", "发票|开票|抬头|专票|普票|报销|invoice"),
        ("lock", "密码|门锁|门卡|门禁|钥匙|指纹|开门|开锁|锁会|lock|key"),
        ("papers", "居住证|公积金|落户|积分|备案|提取"),
        ("gift", "礼包|礼品|赠|券|保洁|gift|voucher"),
        ("leaving", "提前|违约|中途|退租|退房|不续|搬走|转租|罚|滞纳|逾期|通知期|penalt|terminate|leave early|break"),
        ("living", "宠物|养猫|养狗|猫|狗|合租|转租|分租|同住|住几|住人|访客|带人|装修|改造|钉|家具|pet|sublet|guest"),
        ("charges", "水费|电费|水电|燃气|物业|网费|宽带|取暖|暖气费|服务费|管理费|垃圾费|维修费|fees?|utilities"),
        (
            "cycle",
            "押一|押二|月付|季付|年付|半年付|付几|几个?月一付|一次付|多久付|多久交|付款周期|按月|按季|monthly|quarterly",
        ),
        ("dates", "到期|什么时候开始|哪天开始|几号开始|起租|租期|多久|期限|哪天到|几号到|生效|end date|expire"),
        ("paying", "付|交|缴|转账|账号|帐号|收款|卡号|微信|支付宝|扣款|代扣|账单|pay|bill|account"),
        ("signing", "签|盖章|合同|本人|代签|实名|刷脸|人脸|纸质|电子版|sign|contract"),
        ("price", "多少钱|租金|房租|价|涨|贵|便宜|一个?月|总共|合计|price|rent|much"),
    )
)
_ABOUT = {"ask_terms": "terms", "ask_process": "process", "ask_offer": ""}
_OF_OFFERS = frozenset({"gift", "price"})


def topic_of(words: str, intent: str) -> str:
    """One of ``TOPICS``, the intent's own (``terms``, ``process``), or empty for what is no question."""
    own = _ABOUT.get(intent)
    if own is None:
        return ""
    for topic in TOPICS:
        if topic.sounds.search(words) and (intent != "ask_offer" or topic.name in _OF_OFFERS):
            return topic.name
    return own
