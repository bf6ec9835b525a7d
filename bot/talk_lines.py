"""One line of a played conversation: words on a channel, or a command; the same for a keyboard and for a file."""

from __future__ import annotations

import re

from bot.talk import FOLLOWER, PHONE_ONLY, Conversation
from bot.talk_commands import COMMANDS, Misused, run
from bot.talk_notes import Note, Sort, moment

LINE_MAX = 20_000
"""Characters of a line that are read; a chat message is far shorter (WeChat: 2,048 bytes)."""
_SAID = re.compile(r"(微信|短信)[:：]\s*(.*)", re.DOTALL)
_VIA = {"微信": "wechat", "短信": "sms"}
_SHOWING = {"why": "what was understood, and why", "state": "where the renewal stands, and its timers"}


def begin(first: str = "") -> Conversation:
    """At the first reminder; whoever speaks first by SMS has only a phone number."""
    only_phone = first.startswith(("短信", "/sms"))
    talk = Conversation(PHONE_ONLY if only_phone else FOLLOWER)
    talk.via = "sms" if only_phone else "wechat"
    talk.advance(talk.now)
    return talk


def play(talk: Conversation, line: str) -> list[Note]:
    """What one line came to; an empty one is nothing. Raises Misused for a command that cannot be played."""
    line = line.strip()[:LINE_MAX]
    if not line:
        return []
    if line.startswith("/"):
        _command(talk, line)
    else:
        _words(talk, line)
    return talk.take()


def _words(talk: Conversation, line: str) -> None:
    said = _SAID.fullmatch(line)
    text = said[2] if said else line
    if said:
        talk.via = _VIA[said[1]]
        talk.contact = FOLLOWER if talk.via == "wechat" else talk.contact
    if text:
        talk.breathe()
        talk.hear(text, talk.via)


def _command(talk: Conversation, line: str) -> None:
    if line == "/help":
        talk.tell(Sort.ANSWER, _help())
    elif line == "/why":
        talk.tell(Sort.ANSWER, _why(talk))
    elif line == "/state":
        talk.tell(Sort.ANSWER, _state(talk))
    else:
        talk.breathe()
        run(talk, line)


def _help() -> str:
    shown = [(one.usage, one.what) for one in COMMANDS.values()]
    shown += [(f"/{name}", what) for name, what in _SHOWING.items()]
    shown += [("/help", "this list"), ("/quit", "stop")]
    width = max(len(usage) for usage, _ in shown)
    lines = [f"{usage:<{width}}  {what}" for usage, what in shown]
    return "\n".join(("anything else is what the tenant writes; 微信: or 短信: before it names the channel", *lines))


def _why(talk: Conversation) -> str:
    found = talk.understood
    if found is None:
        return "nothing was heard yet"
    lines = [f"{found.intent} {found.slots or ''}".rstrip(), f"confidence {found.confidence:.0%}", found.why]
    lines += [f"or: {', '.join(found.alternatives)}"] if found.alternatives else []
    return "\n".join(lines)


def _state(talk: Conversation) -> str:
    renewal = talk.renewal
    timers = sorted((at, f"{kind} {tag}".rstrip()) for (kind, tag), at in talk.timers.items())
    owner = "a person" if renewal.owner.person else "the machine"
    lines = [f"{renewal.state.value}, {moment(talk.now)}, the thread is with {owner}"]
    lines += [f"accepted: {renewal.accepted.id}, {renewal.accepted.months} months"] if renewal.accepted else []
    return "\n".join((*lines, *(f"{moment(at)}  {name}" for at, name in timers)))


__all__ = ["LINE_MAX", "Misused", "begin", "play"]
