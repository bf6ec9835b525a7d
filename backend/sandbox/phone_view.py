"""Draws the phone: five parts of one page, each with a stamp, so that a script fetches only what has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .phone_acts import WORDS_MAX, next_morning
from .phone_desk import Bubble, Person, PhoneDesk, SmsBubble
from .phone_words import SHANGHAI, TOGETHER, card_lines, day_ahead, day_words, pieces, safe_url, time_words

TEMPLATES = Path(__file__).parents[2] / "templates"
PARTS = ("people", "clock", "head", "thread", "foot")
TABS = {"wechat": "微信", "sms": "短信"}


@dataclass(frozen=True)
class Spot:
    """What is looked at: whose phone (empty: nobody's yet), and which thread on it."""

    person: str = ""
    tab: str = "wechat"


class PhoneView:
    """``account`` is the service account's name, as it stands above the thread."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES / "sandbox"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        for taught in (pieces, card_lines, safe_url, day_ahead, day_words):
            self._templates.filters[taught.__name__] = taught
        self._templates.filters["hour"] = lambda at: f"{at.astimezone(SHANGHAI):%H:%M}"
        self.files = {name: (TEMPLATES / "sandbox" / name).read_bytes() for name in ("phone.css", "phone.js")}

    async def parts(self, desk: PhoneDesk, spot: Spot) -> dict[str, str]:
        """HTML of each of ``PARTS``."""
        now, people = desk.now(), await desk.people()
        person = next((one for one in people if one.key == spot.person), None)
        facts = {
            "spot": spot,
            "person": person,
            "people": people,
            "now": now,
            "tabs": TABS,
            "account": self._account,
            "words_max": WORDS_MAX,
            "next_event": await desk.next_event(),
            "next_morning": next_morning(now),
            "rows": await _rows(desk, person, spot, now),
        }
        return {name: self._templates.get_template(f"parts/{name}.html").render(facts) for name in PARTS}

    async def page(self, desk: PhoneDesk, spot: Spot, trouble: str = "") -> str:
        """The whole page; ``trouble`` is what the last act could not do, in the person's words."""
        parts = await self.parts(desk, spot)
        return self._templates.get_template("phone.html").render(
            parts={name: Markup(html) for name, html in parts.items()},  # noqa: S704 - drawn by templates that escape
            stamps={name: stamp(html) for name, html in parts.items()},
            file_stamps={name: stamp(text.decode()) for name, text in self.files.items()},
            spot=spot,
            trouble=trouble,
        )


def stamp(html: str) -> str:
    """Changes with the text, and with nothing else."""
    return hashlib.sha256(html.encode()).hexdigest()[:12]


async def _rows(
    desk: PhoneDesk, person: Person | None, spot: Spot, now: datetime
) -> list[tuple[str, Bubble | SmsBubble]]:
    """(time to write above it, row); the time is empty where the row before is close."""
    if person is None:
        return []
    rows: Sequence[Bubble | SmsBubble] = await (desk.texts(person.key) if spot.tab == "sms" else desk.chat(person.key))
    timed: list[tuple[str, Bubble | SmsBubble]] = []
    above: datetime | None = None
    for row in rows:
        close = above is not None and row.at - above < TOGETHER
        timed.append(("" if close else time_words(row.at, now), row))
        above = row.at
    return timed
