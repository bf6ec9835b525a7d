"""The rules give their reasons in plain English; housekeepers read them in Chinese."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

from jinja2 import Environment

_FILES = ("messages/phrases.toml", "console/words.toml")
_INNER = ("event", "state", "outcome", "rung", "tried")
"""Where the words inside a reason may be known, as in ``HumanAsked while offered``."""


class DeskWords:
    """``words`` by section: from ``templates/console/words.toml``, and the house's phrases for what stands inside."""

    def __init__(self, words: Mapping[str, Mapping[str, str]]) -> None:
        self._words = words
        self._patterns = [(_pattern(said), shown) for said, shown in words["reason"].items() if "{}" in said]

    def name(self, key: str, section: str, lang: str) -> str:
        """A short word for a channel or a status; English is the key itself, and an unknown key stays as it is."""
        return key.replace("_", " ") if lang == "en" else self._words[section].get(key, key)

    def reason(self, text: str, lang: str) -> str:
        """Why a person was called or nothing was said; a reason nobody translated is better read than hidden."""
        known = self._words["reason"].get(text)
        if lang == "en" or known is not None:
            return text if lang == "en" or known is None else known
        for pattern, shown in self._patterns:
            found = pattern.fullmatch(text)
            if found:
                return shown.format(*(self._inner(one) for one in found.groups()))
        return text

    def _inner(self, said: str) -> str:
        """One key, or several with commas between them."""
        return "、".join(self._known(key) for key in said.split(", "))

    def _known(self, key: str) -> str:
        return next((self._words[section][key] for section in _INNER if key in self._words[section]), key)


def desk_words(environment: Environment) -> DeskWords:
    """From the templates of an environment. Raises jinja2.TemplateNotFound."""
    assert environment.loader is not None
    words: dict[str, dict[str, str]] = {}
    for name in _FILES:
        read = tomllib.loads(environment.loader.get_source(environment, name)[0])
        for section, entries in read.items():
            words[section] = {key: said if isinstance(said, str) else said["zh"] for key, said in entries.items()}
    return DeskWords(words)


def _pattern(said: str) -> re.Pattern[str]:
    return re.compile("(.+)".join(map(re.escape, said.split("{}"))))
