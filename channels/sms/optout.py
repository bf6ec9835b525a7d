"""The marks by which SMS are refused: the whole text, or it is no refusal (channels sheet 3.3)."""

from __future__ import annotations

import re
import unicodedata

MARKS = frozenset({"R", "T", "TD", "退订", "拒收"})
"""Not N, 取消, 不要: here they may mean "no renewal", and go to whoever understands words."""
_NOISE = re.compile(r"[\W_]+")


def is_opt_out(text: str) -> bool:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).upper() in MARKS
