"""``xuzu talk``: be the tenant, at a keyboard or through a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

from rich.console import Console
from rich.text import Text

from bot.talk import Conversation
from bot.talk_lines import Misused, begin, play
from bot.talk_notes import Note, Sort

_STYLES = {
    Sort.WECHAT: "green",
    Sort.NOTICE: "green",
    Sort.SMS: "cyan",
    Sort.HEARD: "dim",
    Sort.SILENCE: "dim",
    Sort.TASK: "magenta",
    Sort.STATE: "yellow",
}
_GREETING = "You are the tenant. Write as one would; /help lists the commands, /quit stops."
_PROMPTS = {"wechat": "微信> ", "sms": "短信> "}


def talk(source: TextIO = sys.stdin, out: TextIO = sys.stdout, *, by_sms: bool = False) -> int:
    """Until ``/quit`` or the end of the input. 1 when a line of a pipe could not be played, else 0."""
    screen = Console(file=out, highlight=False, soft_wrap=True, markup=False, emoji=False)
    conversation = begin("/sms" if by_sms else "")
    at_keyboard = source.isatty()
    if at_keyboard:
        screen.print(_GREETING)
    _show(screen, conversation.take())
    refused = 0
    for line in _typed(screen, conversation) if at_keyboard else source:
        if line.strip() == "/quit":
            break
        if not at_keyboard and line.strip():
            screen.print(line.rstrip("\r\n"))
        try:
            _show(screen, play(conversation, line))
        except Misused as wrong:
            refused += 1
            screen.print(Text(str(wrong), style="red"))
    return 1 if refused and not at_keyboard else 0


def _typed(screen: Console, conversation: Conversation) -> Iterator[str]:
    """Lines of the keyboard; its end, or Ctrl-C, is a plain end."""
    while True:
        try:
            yield screen.input(_PROMPTS[conversation.via])
        except (EOFError, KeyboardInterrupt):
            screen.print()
            return


def _show(screen: Console, notes: Iterable[Note]) -> None:
    for note in notes:
        for line in note.lines():
            screen.print(Text(line, style=_STYLES.get(note.sort, "")))
