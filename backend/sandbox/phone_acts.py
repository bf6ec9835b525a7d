"""What a thumb does on the phone, read from a form and handed to the emulators: one row of a table for each act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, time, timedelta

from .phone_desk import NotNowError, Person, PhoneDesk
from .phone_words import SHANGHAI

WORDS_MAX = 600
"""Characters of one message; a longer one is not taken, rather than cut."""
MORNING = time(9, 30)
"""When most of a day's first messages go out (Asia/Shanghai)."""
Fields = Mapping[str, str]
Act = Callable[[PhoneDesk, Person, Fields], Awaitable[None]]


def next_morning(now: datetime) -> datetime:
    """The next half past nine in Shanghai, later than ``now``."""
    here = now.astimezone(SHANGHAI)
    today = datetime.combine(here.date(), MORNING, SHANGHAI)
    return today if today > here else today + timedelta(days=1)


async def move_clock(desk: PhoneDesk, fields: Fields) -> None:
    """``to`` = ``hour | morning | event``. Raises NotNowError for anything else, or when nothing is due."""
    now, wish = desk.now(), fields.get("to", "")
    if wish == "hour":
        await desk.advance(now + timedelta(hours=1))
    elif wish == "morning":
        await desk.advance(next_morning(now))
    elif wish == "event":
        following = await desk.next_event()
        if following is None:
            raise NotNowError("眼下没有等着发生的事")
        await desk.advance(max(following, now + timedelta(seconds=1)))
    else:
        raise NotNowError("时钟只会走到：一小时后、下一个 9:30、下一件事")


async def _say(desk: PhoneDesk, person: Person, fields: Fields) -> None:
    _need_follow(person)
    await desk.say(person.key, _words(fields, "text"))


async def _tap(desk: PhoneDesk, person: Person, fields: Fields) -> None:
    _need_follow(person)
    item, label = fields.get("item", ""), _words(fields, "label")
    await (desk.tap(person.key, item, label) if item else desk.say(person.key, label))


async def _text_sms(desk: PhoneDesk, person: Person, fields: Fields) -> None:
    if not person.phone:
        raise NotNowError("这位租客没有手机号")
    await desk.text_sms(person.key, _words(fields, "text"))


async def _follow(desk: PhoneDesk, person: Person, fields: Fields) -> None:
    await desk.follow(person.key)


async def _unfollow(desk: PhoneDesk, person: Person, fields: Fields) -> None:
    _need_follow(person)
    await desk.unfollow(person.key)


async def _scan(desk: PhoneDesk, person: Person, fields: Fields) -> None:
    await desk.scan(person.key, _words(fields, "scene"))


async def _consent(desk: PhoneDesk, person: Person, fields: Fields) -> None:
    template, answer = fields.get("template", ""), fields.get("answer", "")
    if template not in dict(person.notices) or answer not in ("yes", "no"):
        raise NotNowError("没有这种通知可以订阅")
    await desk.consent(person.key, template, answer == "yes")


ACTS: Mapping[str, Act] = {
    "say": _say,
    "tap": _tap,
    "sms": _text_sms,
    "follow": _follow,
    "unfollow": _unfollow,
    "scan": _scan,
    "consent": _consent,
}


def _words(fields: Fields, name: str) -> str:
    words = fields.get(name, "").strip()
    if not words:
        raise NotNowError("先写点什么再发")
    if len(words) > WORDS_MAX:
        raise NotNowError(f"一条最多 {WORDS_MAX} 字")
    return words


def _need_follow(person: Person) -> None:
    """Who does not follow has no place to write: the real client shows no input line either."""
    if not person.follows:
        raise NotNowError("还没有关注公众号，先关注再说话")
