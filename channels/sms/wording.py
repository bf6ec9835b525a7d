"""The four approved texts as a phone will show them: a signature, no name, no price, a link that never changes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from .config import TEXTS

VALUE_MAX = 35
"""Characters of a variable's value (channels sheet 3.3)."""
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_FORBIDDEN = (
    "优惠",
    "促销",
    "特价",
    "降价",
    "免费",
    "抽奖",
    "红包",
    "拒收请回复",
    "加微信",
    "催款",
    "逾期",
    "最后机会",
    "立即",
)


class Texts:
    """Read from ``messages/sms.toml``: for each link mode the four texts. Raises KeyError for a missing one."""

    def __init__(self, path: Path, sign: str, page_url: str, link_mode: str) -> None:
        found: dict[str, dict[str, str]] = tomllib.loads(path.read_text("utf-8"))
        url = page_url.rstrip("/")
        self._texts = {name: f"【{sign}】{found[name][link_mode].replace('{page}', url)}" for name in TEXTS}

    def shown(self, name: str, values: Mapping[str, str]) -> str:
        """The words on the phone. Raises ValueError for values that are not the text's own."""
        text = self._texts[name]
        if set(values) != set(_VARIABLE.findall(text)):
            raise ValueError(f"the SMS text {name} takes {sorted(set(_VARIABLE.findall(text)))}, not {sorted(values)}")
        if any(not 0 < len(value) <= VALUE_MAX for value in values.values()):
            raise ValueError(f"a value of the SMS text {name} has 1 to {VALUE_MAX} characters")
        return _VARIABLE.sub(lambda found: values[found.group(1)], text)

    def ordered(self, name: str, values: Mapping[str, str]) -> dict[str, str]:
        """The values in the order in which the text takes them."""
        return {one: values[one] for one in _VARIABLE.findall(self._texts[name])}

    def complaints(self) -> list[str]:
        """What a vendor's review would refuse, in words; empty when all is well."""
        found = []
        for name, text in self._texts.items():
            variables = _VARIABLE.findall(text)
            found += [f"{name}: holds {word}" for word in _FORBIDDEN if word in text]
            if len(set(variables)) < len(variables):
                found.append(f"{name}: a variable stands twice")
            if re.search(r"\}\$\{", text):
                found.append(f"{name}: two variables touch")
            found += [f"{name}: {one} may not be said by SMS" for one in variables if one not in ("code", "day")]
        return found
