"""Not now, not yet, not this: deferring, hesitating, turning down, and the small talk around it."""

from __future__ import annotations

from ..moments import TIME
from ..port import Context
from .rule import Rule, rule

_THINKING = (
    r"想想|想一?下|想一想|再想|考虑|琢磨|斟酌|掂量|犹豫|纠结|商量|对比|比较|比一?比|货比|研究|算一?算|算算|盘算"
    r"|合计|没想好|没想清|没决定|没定|还没(?:想|定|考虑|选)|拿不定|不确定|不一定|难选|选不(?:出|好|定)|定不下|两难"
    r"|问问|问一?下.{0,4}(?:老公|老婆|妈|爸|家|室友|朋友|对象|女|男)|(?:听|等).{0,4}(?:老公|老婆|妈|爸|家里|室友"
    r"|朋友|对象|女友|男友|女朋友|男朋友|领导)|(?:老公|老婆|室友|女朋友|男朋友|我妈|我爸|家里人?|对象|朋友"
    r"|同事).{0,4}(?:说|觉得|想|建议|让|选|要|喜欢|推荐|都)"
    r"|可能|应该(?:是|会|选|就|可以|要)|大概|好像|也许|说不定|或许|估计|八成|多半|偏向|倾向|有点(?:想|心动)"
    r"|比较(?:想|喜欢)|怕|担心|不急|勿急|看看(?:再|吧|先|别)?|再看|看情况|再讲|再说|先放|先不(?:急|定)"
    r"|让我.{0,6}(?:想|看|考虑|算|琢磨)|看一?看|等等看|观望|摇摆|还在想|要是.{0,8}(?:就选|我就?选)|maybe"
    r"|think about|thinking|not sure|consider|let me|perhaps|probably|hmm"
)

THINKING: tuple[Rule, ...] = (
    rule(
        "hesitate",
        r"(?:等我|让我|容我|我先|我再|我得|还得|还要|先让我).{0,8}(?:想|对比|考虑|研究|商量|比较|看看|琢磨|问|算)"
        r"|对比完|不是不(?:想|愿意?)|(?:想|考虑)(?:个)?[0-9一两二三四几]天|^.{0,3}(?:再)?(?:考虑|想想|琢磨)",
        "asks for time to think",
        unless=r"提前|押金|多少|修|先把|才(?:签|续|定)",
        alternatives=("defer",),
    ),
)

HESITATING: tuple[Rule, ...] = (rule("hesitate", _THINKING, "needs time or asks others", alternatives=("defer",)),)

DEFERRING: tuple[Rule, ...] = (
    rule(
        "defer",
        rf"(?:{TIME}).{{0,6}}(?:再|说|联系|选|签|看|弄|确认|定|答复|回复?|找我|打给|办|搞|给你|有空|处理|聊|付|交"
        rf"|$|吧|\s|告诉|决定|来)|(?:再|等|到).{{0,3}}(?:{TIME})",
        "names a time for it",
        unless=r"[?吗]$|什么时候|多少|今天就|今天可以|今天能",
    ),
    rule(
        "defer",
        r"(?:在|正|正在|太|很|最近|现在|这会儿?|这两?天|有点|忙)(?:忙|开会|开车|出差|加班|上课|外地|飞机|住院"
        r"|高铁)|忙(?:死|疯|完|着|呢|不过来|翻)|出差|开会|没空|没时间|不方便|有空(?:再|了)|回头(?:再)?|晚点|稍后"
        r"|迟点|过(?:几|两)天|等(?:一?下|会儿?|我)|待会|later|busy|in a meeting|travel",
        "not now",
        unless=r"忙吗|[?吗]$|回头客|交通",
    ),
)

REFUSING: tuple[Rule, ...] = (
    rule(
        "deny",
        r"^\W*(?:不|no+|nope|不不+|否|唔系|不系|不对|不是|不要|不行|不可以|不同意|不确定|不确认|勿要|唔好|莫|错"
        r"|错了|取消|撤销|撤回|算了|先不|别)(?:的|了|啊|呀|啦|吧|哦|呢)*(?:\W|$)|(?:弄|点|选|按|发|打|搞|看|戳)错"
        r"|手滑|手抖|误(?:点|触|操作)|(?:没|没有|不是我)(?:点|选|按|同意|说要|说过|要选|确认|答应"
        r"|定)(?!.{0,2}(?:完|好|上))|谁(?:要|说要|说|选|同意|让|点|定)(?:签|选|了|的|我|要|定|续)?|(?:先)?(?:不要"
        r"|别|不用|先别|不能|勿)(?:再)?(?:提交|确认|确定|签|选|定|办|登记|动)|不(?:想)?要(?:这|那|它|方案|了)"
        r"|不(?:选|要|定|签)(?:这|那|它|了)|不是这个|我要的不是|cancel|wrong|never mind|mistake|i didn'?t",
        "a no to the pending question",
        where=(Context.CONFIRMING,),
        alternatives=("hesitate",),
    ),
    rule(
        "deny",
        r"(?:都|一个也|一个都|全|哪个都|三个|这些|全部)(?:都)?(?:不|没|pass|算了)|(?:不(?:想)?(?:要|选|考虑|喜欢"
        r"|合适|满意|接受|行|想签|中意)|pass|算了|没兴趣|看不上|排除)(?:了|啊|吧|谢谢|掉|的|啦)*(?:\W|$)|不(?:要"
        r"|选|考虑|接受)(?:方案|第|这|那|[123一二三]|涨)|none of|(?:not|don'?t) (?:want|like|interested)"
        r"|没有?(?:一个)?(?:合适|满意|喜欢|想要)",
        "turns offers down without leaving",
        where=(Context.OFFERED, Context.REMINDED, Context.SIGNING),
    ),
)

SMALL_TALK: tuple[Rule, ...] = (
    rule(
        "greet",
        r"^\W*(?:(?:你好|您好|哈[喽啰罗]|嗨|嘿|hi+|hello|hey|早|早啊|早上好|上午好|中午好|下午好|晚上好|晚安|在吗"
        r"|在么|在不在?|有人(?:吗|在吗|没|么)?|在忙吗|忙吗|忙不|喂|你在吗|您在吗|早安|新年好|雷猴|侬好"
        r"|good (?:morning|evening|afternoon)|anybody there|anyone)(?:啊|呀|哈|哦|吗|么|嘛|不|的|~|管家|亲|老师"
        r"|小姐姐|各位|there)*\W*)+$",
        "only a greeting",
    ),
    rule(
        "thanks",
        r"谢|感恩|辛苦|唔该|多亏|thank|thx|3q|麻烦(?:你|您)了|太好了.{0,4}(?:谢|你们)|(?:服务|态度|你们|管家"
        r"|你)(?:人)?.{0,4}(?:真好|很好|不错|棒|给力|贴心|周到|靠谱)|点赞|给力|真棒|贴心|🙏|🌹|❤",
        "thanks or praise",
        unless=r"[?吗]$",
    ),
)
