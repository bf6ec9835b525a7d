"""Questions: about the offers, about the contract's terms, about how and where."""

from __future__ import annotations

from ..port import Context
from .rule import Rule, rule

_Q = (
    r"[?吗嘛么]|多少|怎么|咋|啥|什么|几|哪|如何|是不是|会不会|能不能|可不可以|要不要|有没有|有冇|行不行|谁|何时"
    r"|为何|能否|可否|不$|没$|没有$|no$|呢|多久|多长|对吧|how|what|when|which|where|who|can i|could|is it|do i"
    r"|does"
)

TERMS: tuple[Rule, ...] = (
    rule(
        "ask_terms",
        rf"^(?=.*(?:{_Q}))(?:.*(?:押金|押一|定金|保证金|deposit))",
        "asks about the deposit",
        unless=r"(?:减|免|少|降|不交)押|交到哪",
        topic="deposit",
    ),
    rule(
        "ask_terms", rf"^(?=.*(?:{_Q}))(?:.*(?:发票|开票|抬头|税|invoice))", "asks about the invoice", topic="invoice"
    ),
    rule(
        "ask_terms",
        rf"^(?=.*(?:{_Q}))(?:.*(?:违约|罚|滞纳|逾期|提前.{{0,4}}(?:走|退|搬|解|终止|结束)|中途|转租|分租|二房东"
        rf"|换人住|合租|宠物|养(?:猫|狗|只)|物业费?|水费|电费|水电|燃气费?|网费|宽带费|维修费|服务费|管理费|费用"
        rf"|谁出|谁付|谁承担|居住证|公积金|落户|提取|备案|租期|期限|到期日|哪天到期|几号到期|什么时候到期"
        rf"|合同.{{0,6}}(?:到|期|写|条款|规定|变|内容|约定)|条款|一次付|付几|季付|月付|半年付|年付|押几|几押"
        rf"|付款周期|房租多久|多久交|提前多(?:久|少)|通知|住几个?人|住人|带人|访客|装修|改造|钉|免租|cancel"
        rf"|terminate|sublet|penalt|\bpets?\b|\bfees?\b))",
        "asks about the contract's terms",
        unless=r"(?:合同|链接).{0,4}(?:发|在|寄).{0,2}(?:哪|什么)|翻倍|怎么回事|怎么(?:付|交|缴)",
        topic="terms",
    ),
)

PROCESS: tuple[Rule, ...] = (
    rule(
        "ask_process",
        rf"^(?=.*(?:{_Q}))(?:.*(?:密码|门锁|门卡|门禁|钥匙|开锁|锁会|lock|key))",
        "asks about the door",
        topic="lock",
    ),
    rule(
        "ask_process",
        rf"^(?=.*(?:{_Q}))(?:.*(?:怎么|咋|如何|在哪|哪里|去哪|到哪|发哪|什么时候|啥时候|几时|何时|要带|带什么"
        rf"|准备什么|谁(?:来)?签|本人|代签|必须|要不要.{{0,4}}(?:来|去|到)|下一步|接下来|然后呢|后面.{{0,3}}(?:干"
        rf"|做)|流程|步骤|手续|哪个(?:账|帐|卡|页)|账号|帐号|对公|收款|转到|哪一?页|生效|办(?:理)?|线上|网上|电子"
        rf"|直接回|回(?:复)?(?:个)?数字|还要.{{0,4}}(?:签|去|做)|需要.{{0,6}}(?:去|来|到|签|做|吗)|多久(?:能|可以"
        rf"|才)|几天(?:能|到|内)|收到合同|电子版|纸质|盖章|how (?:do|to|can)|where|next step))",
        "asks how or where",
        unless=r"差在?哪|区别|怎么回事|(?:哪|几)个(?:方案|好|划算|便宜)|选哪|有哪些|什么方案|哪种|哪一?个|怎么选"
        r"|怎么样|价格?怎么",
        topic="process",
    ),
)

OFFERS: tuple[Rule, ...] = (
    rule(
        "ask_offer",
        rf"^(?=.*(?:{_Q}|再发|发一|介绍|讲讲|说说|解释|看看方案|帮我选|推荐))(?:.*(?:方案|选项|选择|套餐|礼包|券|赠"
        rf"|礼|多少钱|什么价|啥价|价格|租金|房租|一个?月多少|差在?哪|区别|不同|哪个(?:好|划算|便宜|合适|值|最)"
        rf"|哪种|推荐|划算|怎么选|选哪|还是|帮我选|再发|一共|总共|涨多少|涨不涨|会涨|每年涨"
        rf"|涨[一二两三四五六七八九十百\d]+|option|plan|offer|price|which))",
        "asks what the offers are",
    ),
    rule(
        "ask_offer",
        r"还是.{0,8}(?:好|划算|便宜|合适|值)|再发一?(?:遍|次|下)|(?:方案|选项).{0,4}(?:发|看看|给我看|有哪些|是啥"
        r"|是什么)|发(?:我|给我|来)?.{0,3}方案|(?:三|几)个方案.{0,6}(?:发|看|讲)|帮我选|你(?:帮|替)我(?:选|挑|定)"
        r"|^[123一二三abc](?:呢)?\?+$|^(?:方案|选项|第)[123一二三abc]个?(?:呢)?\?+$"
        r"|^(?:选)?(?:方案)?[123一二三]是(?:啥|什么|多少|哪个)",
        "asks what the offers are",
    ),
    rule(
        "ask_offer",
        r"(?:我|我们|想|要|愿意|打算|准备|肯定|会|可以|继续|接着|还)(?:要|想|是|再|继续|接着)*(?:续|住|租)(?:租|约"
        r"|签|下去|一年|的|了|吧|$|\W)|^续(?:租|约|签)?[吧了啊呀的]*$|(?:want|like) to renew|renew",
        "wants to renew; the next step is to show the offers",
        where=(Context.REMINDED,),
        unless=r"[?吗]$|不|没|怎么",
        alternatives=("other", "ask_process"),
    ),
)
