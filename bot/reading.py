"""Who reads a tenant's words: our own rules and weights, and, where it is set up, a language model behind them."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp

from bot.assistant import Assistant
from bot.settings import AssistantSettings
from dialogs.understanding.port import Context, Lying, Reader, Understood
from dialogs.understanding.recognise import RULED, understand, understood_as

UNSURE = "asked"
"""What begins the explanation of an answer that the language model gave."""


class Offline:
    """Rules and weights alone; a few hundred microseconds, nothing leaves the process."""

    async def read(
        self, text: str, context: Context, proposals: Sequence[Lying], private: Sequence[str] = ()
    ) -> Understood:
        return understand(text, context, proposals)


class Assisted:
    """Asks the assistant about what we are unsure of; its word never chooses, confirms or stops anything."""

    def __init__(self, assistant: Assistant, below: float) -> None:
        self._assistant = assistant
        self._below = below

    async def read(
        self, text: str, context: Context, proposals: Sequence[Lying], private: Sequence[str] = ()
    ) -> Understood:
        own = understand(text, context, proposals)
        if own.intent in RULED or own.confidence >= self._below:
            return own
        intent = await self._assistant.intent_of(text, context, private)
        if intent is None or intent in RULED or intent == own.intent:
            return own
        other = understood_as(intent, text, proposals)
        return _explained(other, own)


def reader_of(settings: AssistantSettings | None, session: aiohttp.ClientSession) -> Reader:
    """The reader that the settings ask for."""
    if settings is None:
        return Offline()
    return Assisted(Assistant(settings, session), settings.below)


def _explained(other: Understood, own: Understood) -> Understood:
    why = f"{UNSURE} the assistant: {other.intent}; our own guess was {own.intent} ({own.confidence:.0%})"
    return Understood(
        other.intent, other.slots, own.confidence, (own.intent,), why, other.topic, other.rent, other.instalments
    )
