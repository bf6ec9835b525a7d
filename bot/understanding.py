"""``xuzu understand``: JSON lines in, what was understood out; contexts and proposals as in the label guide."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TextIO

import msgspec

from dialogs.money import Fen, yuan
from dialogs.understanding.port import Context, Lying, Understood
from dialogs.understanding.recognise import understand

GUIDE = (
    Lying(1, "原价保留", (yuan(3200),), 12, (), rises=False),
    Lying(2, "小幅上调享礼包", (yuan(3300),), 12, ("礼包", "礼品", "赠品", "券", "保洁", "家政", "打扫", "服务")),
    Lying(3, "阶梯锁三年", (yuan(3250), yuan(3350), yuan(3450)), 36),
)
"""The three proposals of the label guide: they lie before the tenant where a line names no others."""
GUIDE_ASKED = 2
"""In ``confirming`` the guide's bot has asked about the second."""


class Laid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One proposal of a line; ``rents`` is yuan a month for each year."""

    number: int
    rents: tuple[float, ...]
    months: int = 12
    name: str = ""
    gifts: tuple[str, ...] = ()
    rises: bool = True


class Line(msgspec.Struct, frozen=True):
    """One message; other fields of a line are left alone."""

    id: str | int
    context: Context
    text: str
    proposals: tuple[Laid, ...] | None = None
    asked: int = GUIDE_ASKED


def understand_lines(lines: Iterable[str], out: TextIO = sys.stdout, wrong: TextIO = sys.stderr) -> int:
    """Answers each line as it comes; a line that cannot be read is named, and the others go on. 1 if there was one."""
    unreadable = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            asked = msgspec.json.decode(line, type=Line)
        except msgspec.MsgspecError as error:
            unreadable += 1
            print(f"line {number} is no message: {error}", file=wrong)
            continue
        said = understand(asked.text, asked.context, before(asked))
        out.write(answer(asked.id, said) + "\n")
        out.flush()
    return 1 if unreadable else 0


def answer(name: str | int, said: Understood) -> str:
    """One line of JSON: ``{"id","intent","slots","confidence","why"}``."""
    line = {
        "id": name, "intent": said.intent, "slots": said.slots, "confidence": round(said.confidence, 3),
        "why": said.why,
    }  # fmt: skip
    return msgspec.json.encode(line).decode()


def before(line: Line) -> tuple[Lying, ...]:
    """What lies before the tenant of a line, with the pending question's proposal marked while confirming."""
    lying = GUIDE if line.proposals is None else tuple(_lying(one) for one in line.proposals)
    if line.context is not Context.CONFIRMING:
        return lying
    return tuple(msgspec.structs.replace(one, asked=one.number == line.asked) for one in lying)


def _lying(one: Laid) -> Lying:
    rents = tuple(Fen(round(rent * 100)) for rent in one.rents)
    return Lying(one.number, one.name, rents, one.months, one.gifts, one.rises)
