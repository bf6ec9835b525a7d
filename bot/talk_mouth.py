"""Puts what is said to a played tenant into the words, cards and short messages that they would see."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from backend.db.port import Stored
from bot.speaker import Speaker
from bot.talk_notes import Note, Sort
from channels.page.links import Links
from channels.port import Outbound
from channels.sms.wording import Texts
from dialogs.effects import Say

TEMPLATES = Path(__file__).parent.parent / "templates"
PAGE, SIGN = "https://xuzu.example", "续租"
CODE = "7K3M9QXD"
_TOKEN = re.compile(rf"{re.escape(PAGE)}/r/[\w.-]+")


class HandClock:
    """A clock that stands until somebody moves it; never backwards."""

    def __init__(self, start: datetime) -> None:
        """``start``: aware UTC."""
        self._now = start

    def now(self) -> datetime:
        return self._now

    def move(self, to: datetime) -> None:
        self._now = max(self._now, to)


class Mouth:
    def __init__(self, clock: HandClock) -> None:
        self._speaker = Speaker(TEMPLATES, Links({"talk": bytes(32)}, "talk"), PAGE, clock)
        self._texts = Texts(TEMPLATES / "messages" / "sms.toml", SIGN, PAGE, "path_var")

    def chat(self, stored: Stored, say: Say) -> Note:
        """A text in the chat, and what may be tapped under it."""
        message = self._speaker.outbound(stored, say)
        taps = "".join(f"\n[{one.label}]" for one in message.choices)
        return Note(Sort.WECHAT, f"({say.message})\n{_short(message)}{taps}")

    def notice(self, stored: Stored, say: Say) -> Note:
        """A template notice: title and fields; the words behind it stand on the page."""
        message = self._speaker.outbound(stored, say)
        fields = [message.values[name] for name in ("unit", "no", "time", "amount") if name in message.values]
        return Note(Sort.NOTICE, f"({say.message}) {'｜'.join((message.title, *fields))}")

    def sms(self, stored: Stored, say: Say) -> Note:
        """The approved short text that stands for the message."""
        message = self._speaker.outbound(stored, say, CODE)
        return Note(Sort.SMS, f"({say.message})\n{self._texts.shown(message.sms, message.sms_values)}")


def _short(message: Outbound) -> str:
    """No two signed links are alike; here they are shown short."""
    return _TOKEN.sub(f"{PAGE}/r/…", message.text)
