"""Every text of the page can be read: WCAG AA contrast of each colour on what it stands on, out of the style itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.journeys.samples import TEMPLATES

CSS = re.sub(r"/\*.*?\*/", "", (TEMPLATES / "static" / "page.css").read_text("utf-8"), flags=re.DOTALL)
RULES = re.findall(r"([^{}]+)\{([^{}]*)\}", CSS)
AA = 4.5
PAGE, CARD = "#f5f6f4", "#fff"
"""What plain text stands on: the page itself, a card, a form field."""

ON_NOTES = ("#e3f0ed", "#fdf0dc")


def _said(body: str, name: str) -> str | None:
    found = re.search(rf"(?<![-\w]){name}:\s*(#[0-9a-f]{{3,6}})", body)
    return found[1] if found else None


def _light(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(sign * 2 for sign in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2: (lighter + 0.05) / (darker + 0.05)."""
    lighter, darker = sorted((_light(one), _light(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def pairs() -> Iterator[tuple[str, str, str]]:
    """(rule, text colour, ground): its own ground, or each on which such text can stand.

    A ground without a colour is a button under the finger: white text on a dark one, the accent on a light one.
    """
    for selector, body in RULES:
        colour, ground = _said(body, "color"), _said(body, "background")
        if colour:
            yield from ((selector.strip(), colour, on) for on in ((ground,) if ground else (PAGE, CARD)))
        elif ground and ground not in (PAGE, CARD):
            text = "#fff" if _light(ground) < 0.2 else "#0b6b5d"
            yield selector.strip(), text, ground


def test_the_formula_is_the_standards() -> None:
    assert contrast("#000", "#ffffff") == 21
    assert round(contrast("#777", "#fff"), 2) == 4.48


def test_every_text_colour_can_be_read_on_its_ground() -> None:
    found = list(pairs())
    assert len(found) > 20
    assert [(rule, text, ground) for rule, text, ground in found if contrast(text, ground) < AA] == []


def test_a_note_of_either_kind_says_its_own_colour() -> None:
    notes = {ground: _said(body, "color") for _, body in RULES if (ground := _said(body, "background")) in ON_NOTES}
    assert set(notes) == set(ON_NOTES)
    assert all(text and contrast(text, ground) >= AA for ground, text in notes.items())


def test_old_webviews_understand_the_style() -> None:
    assert not re.search(r"var\(|--[a-z]|display:\s*(-ms-)?grid|(?<![-\w])gap:|clamp\(|:is\(|:where\(|inset:", CSS)
