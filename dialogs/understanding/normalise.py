"""Brings the many ways of writing one thing to one: width, case, script, digits in circles, the commonest slips."""

from __future__ import annotations

import re
import unicodedata

from .script import simplified

LONGEST = 160
"""Characters that are read; a longer message is read at both ends, and no choice is ever taken from it."""
_HEAD, _TAIL = 100, 59

_NUMBERED = {"❶": "1", "❷": "2", "❸": "3", "➊": "1", "➋": "2", "➌": "3", "🅰": "a", "🅱": "b", "🆗": "ok", "Ⓑ": "b"}
_FORMAL = {"壹": "一", "贰": "二", "貳": "二", "貮": "二", "叁": "三", "弍": "二", "弎": "三"}
_ONE_FOR_ONE = str.maketrans(_NUMBERED | _FORMAL | {"，": ",", "；": ";"})
_FORMAL_NUMBER = re.compile(
    "[壹贰貳貮叁肆伍陆柒捌玖拾佰仟零一二三四五六七八九十百千]*[佰仟拾][壹贰叁肆伍陆柒捌玖拾佰仟零一二三四五六七八九十]*"
)
"""叁仟壹佰: a formal numeral, known by its units (伍 and 陆 by themselves are names)."""
_FORMAL_SIGNS = str.maketrans("壹贰貳貮叁肆伍陆柒捌玖拾佰仟", "一二二二三四五六七八九十百千")
_THANKS = re.compile("唔[該该][晒曬]?")
"""Thanks in Cantonese; read sign by sign it would become a no."""
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Sk"})
_FACES = {
    "[ok]": "👌", "[强]": "👍", "[好的]": "好的", "[赞]": "👍", "[玫瑰]": "🌹", "[合十]": "🙏", "[抱拳]": "🙏",
    "[握手]": "🙏",
    "[愉快]": "😊", "[呲牙]": "😄", "[憨笑]": "😄", "[偷笑]": "😄", "[爱心]": "❤", "[拥抱]": "😊", "[太阳]": "😊",
    "[可爱]": "😊",
}  # fmt: skip
"""WeChat writes its own pictures as words in brackets; those that say yes, thanks or nothing. Others stay words."""
_FACE = re.compile("|".join(re.escape(face) for face in _FACES))
_SLIPS = (
    (re.compile(r"(方案|选项|第)(?:而|儿|尔|饿)(?!子)"), r"\1二"),
    (re.compile(r"(方案|选项|第)(?:伞|散|山)"), r"\1三"),
    (re.compile(r"(方案|选项|第)(?:依|衣|医)"), r"\1一"),
    (re.compile(r"(?:防案|方按|方安|放案)(?=\s*[一二三123])"), "方案"),
    (re.compile(r"[宣旋喧轩炫玄悬](?=[一二三123第])"), "选"),
    (re.compile(r"(?<=选)[依衣医](?!然)"), "一"),
    (re.compile(r"(?<=选)[伞散]"), "三"),
    (re.compile(r"(?<=第[一二三])[鸽各格阁只](?!天|月|人)"), "个"),
    (re.compile(r"(?<![a-z])iii(?![a-z])"), "3"),
    (re.compile(r"(?<![a-z])ii(?![a-z])"), "2"),
    (re.compile(r"阔以|口以|苛以"), "可以"),
)
_PLAIN = re.compile(r"[一-龥0-9A-Za-z ,.?!。、:~]*")
"""Most messages hold nothing that could have to be dropped."""
_SUSPECT = re.compile("[而儿尔饿伞散山依衣医按安宣旋喧轩炫玄悬鸽各格阁只阔口苛]|防案|放案|ii")
"""Something that stands in a slip: looking for each of them costs eight times as much."""
_ALONE = frozenset({"queding", "keyi", "haode", "dui", "duide", "shide", "xing", "hao", "tuiding"})
"""Single syllables and words that mean something by themselves."""
_PINYIN = {
    "haode": "好的", "duide": "对的", "shide": "是的",
    "xuan": "选", "xuanze": "选择", "yi": "一", "er": "二", "san": "三", "di": "第", "ge": "个", "fangan": "方案",
    "fang": "方", "an": "案", "yao": "要", "jiu": "就", "wo": "我", "hao": "好", "de": "的", "queding": "确定",
    "que": "确", "ding": "定", "keyi": "可以", "ke": "可", "xing": "行", "dui": "对", "shi": "是", "bu": "不",
    "xu": "续", "zu": "租", "tui": "退", "tuiding": "退订", "nage": "那个", "na": "那", "zhe": "这", "zhege": "这个",
    "ba": "吧", "le": "了", "ma": "吗", "xiexie": "谢谢", "nihao": "你好", "ni": "你", "mei": "没", "cuo": "错",
    "qian": "签", "gui": "贵", "tai": "太", "zai": "再", "kankan": "看看", "kan": "看", "xiang": "想",
}  # fmt: skip


def normalise(text: str) -> str:
    """At most ``LONGEST`` characters of plain lower-case simplified text; every private-use character is gone."""
    return whole_or_ends(text)[0]


def whole_or_ends(text: str) -> tuple[str, bool]:
    """The normal form, and whether it is all that was written (else only its ends)."""
    words, whole = _ends(text)
    words = unicodedata.normalize("NFKC", _THANKS.sub("谢谢", words).translate(_ONE_FOR_ONE))
    words, fits = _ends(words)
    if _PLAIN.fullmatch(words) is None:
        words = "".join([c for c in map(_spaced, words) if unicodedata.category(c) not in _DROPPED])
    words = _from_pinyin(simplified(words.lower()).translate(_ONE_FOR_ONE))
    if "[" in words:
        words = _FACE.sub(lambda found: _FACES[found[0]], words)
    words = _FORMAL_NUMBER.sub(lambda found: found[0].translate(_FORMAL_SIGNS), words)
    if _SUSPECT.search(words):
        for slip, right in _SLIPS:
            words = slip.sub(right, words)
    return " ".join(words.split()), whole and fits


def _ends(words: str) -> tuple[str, bool]:
    if len(words) <= LONGEST:
        return words, True
    return f"{words[:_HEAD]} {words[-_TAIL:]}"[:LONGEST], False


def _spaced(sign: str) -> str:
    return " " if sign.isspace() else sign


def _from_pinyin(words: str) -> str:
    """Chinese for a message that is nothing but syllables we know: ``xuan san``; any other is left alone."""
    syllables = re.findall(r"[a-z]+", words)
    if len(syllables) < 2 and words.strip(" .!~,") not in _ALONE:
        return words
    if any(one not in _PINYIN for one in syllables):
        return words
    return re.sub(r"[a-z]+\s*", lambda found: _PINYIN[found.group().strip()], words)
