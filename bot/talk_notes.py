"""How a played conversation is shown: what was heard, what the tenant sees, what people are asked, what changed."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from itertools import groupby

import msgspec

from bot.clock import SHANGHAI
from dialogs.effects import Ring
from dialogs.renewal import Decision, Renewal
from dialogs.understanding.port import Understood

INDENT = "    "
_QUOTED = 40
_DESKS = {"housekeeper": "管家", "finance": "财务", "legal": "法务"}
_LIKELIEST = re.compile(r" is likeliest .*", re.DOTALL)


class Sort(StrEnum):
    """What a note tells; its value stands before the text."""

    CLOCK = "时间"
    HEARD = "听到"
    WECHAT = "微信"
    NOTICE = "微信通知"
    SMS = "短信"
    TASK = "任务"
    SETTLED = "了结"
    STATE = "状态"
    SILENCE = "不回"
    UNSENT = "未发"
    LEDGER = "记账"
    ANSWER = "说明"
    REFUSED = "不成"


class Note(msgspec.Struct, frozen=True):
    sort: Sort
    text: str

    def lines(self) -> list[str]:
        """Indented, further lines twice; never a trailing blank."""
        head, *rest = self.text.split("\n")
        shown = [f"{INDENT}{self.sort.value}: {head}", *(f"{INDENT * 2}{line}" for line in rest)]
        return [line.rstrip() for line in shown]


def gathered(notes: list[Note]) -> list[Note]:
    """The same silence several times in a row as one, with its number."""
    runs = [list(run) for _, run in groupby(notes)]
    many = [run for run in runs if len(run) > 1 and run[0].sort is Sort.SILENCE]
    return [one for run in runs for one in ([_times(run[0], len(run))] if run in many else run)]


def _times(note: Note, count: int) -> Note:
    return Note(note.sort, f"{note.text}（{count}次）")


def heard(understood: Understood) -> Note:
    slots = " ".join(f"{name}={value}" for name, value in understood.slots.items())
    said = " ".join(part for part in (understood.intent, slots, understood.topic and f"({understood.topic})") if part)
    return Note(Sort.HEARD, f"{said} — {short(understood.why)}")


def short(why: str) -> str:
    """The rule that spoke; of the weights only that it was they: their figures change with each training."""
    return _LIKELIEST.sub(" is likeliest by the weights", why)


def task(ring: Ring, words: str) -> Note:
    due = "" if ring.due is None else f"，{moment(ring.due)}前"
    quoted = f"，原话「{_cut(words)}」" if words else ""
    return Note(Sort.TASK, f"{ring.task.value}（{_DESKS[ring.desk]}{due}）{ring.reason}{quoted}")


def moved(before: Renewal, after: Renewal) -> list[Note]:
    """State and owner, where they changed."""
    found = []
    if before.state is not after.state:
        found.append(Note(Sort.STATE, f"{before.state.value} → {after.state.value}"))
    if before.owner.person != after.owner.person:
        found.append(Note(Sort.STATE, "由真人接待" if after.owner.person else "由机器接待"))
    return found


def silences(decision: Decision) -> list[Note]:
    return [Note(Sort.SILENCE, one.reason) for one in decision.silences]


def moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _cut(words: str) -> str:
    return words if len(words) <= _QUOTED else f"{words[:_QUOTED]}…"
