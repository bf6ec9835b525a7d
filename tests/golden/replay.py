"""Plays the transcripts: what stands at the line's start is played, what is indented is written anew."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import msgspec

from bot.talk import Conversation
from bot.talk_lines import Misused, begin, play
from bot.talk_notes import Note, Sort
from dialogs.events import AnyEvent
from dialogs.renewal import Renewal
from dialogs.states import State
from dialogs.understanding.hear import context_of
from dialogs.understanding.port import Context

FOLDER = Path(__file__).parent
SPOKEN = ("微信", "短信")
ACTED = ("/tap", "/page", "/photo")
_AGREES = re.compile(r"# 同意 (\d): (.+)")
_PARTS = "# 告别: "


class Turn(msgspec.Struct):
    """One line that was played: by whom it was said, in which context, and what it came to."""

    line: str
    context: Context
    notes: list[Note]
    intent: str = ""
    accepted: int | None = None
    """The number of the proposal that this very line made an accepted one."""
    parted: bool = False
    """Did this very line make the tenant one who leaves, or nobody's tenant?"""
    events: tuple[AnyEvent, ...] = ()

    @property
    def by_tenant(self) -> bool:
        return self.line.startswith((*SPOKEN, *ACTED))


class Played(msgspec.Struct):
    head: list[str]
    opening: list[Note]
    turns: list[Turn]

    @property
    def agreements(self) -> set[tuple[str, int]]:
        """Lines which the author says are a clear yes, with the proposal that was meant."""
        found = (_AGREES.fullmatch(line) for line in self.head)
        return {(match[2], int(match[1])) for match in found if match}

    @property
    def farewells(self) -> set[str]:
        """Lines by which, says the author, somebody leaves or is not the tenant."""
        return {line.removeprefix(_PARTS) for line in self.head if line.startswith(_PARTS)}

    def text(self) -> str:
        shown = [*self.head, "", *_shown(self.opening)]
        for turn in self.turns:
            shown += ["", turn.line, *_shown(turn.notes)]
        return "\n".join(shown) + "\n"


def transcripts() -> list[Path]:
    return sorted(FOLDER.glob("*.txt"))


def replay(path: Path) -> Played:
    """A command that does not fit where it stands is shown as refused: words before it were understood otherwise."""
    written = path.read_text(encoding="utf-8").splitlines()
    lines = [line for line in written if line and not line.startswith((" ", "#"))]
    talk = begin(next((line for line in lines if line.startswith(SPOKEN) or line == "/sms"), ""))
    opening = talk.take()
    turns = [_turn(talk, line) for line in lines]
    return Played([line for line in written if line.startswith("#")], opening, turns)


def _turn(talk: Conversation, line: str) -> Turn:
    before, count = talk.renewal, len(talk.log)
    turn = Turn(line, context_of(talk.renewal), [])
    talk.understood = None
    try:
        turn.notes = play(talk, line)
    except Misused as wrong:
        turn.notes = [*talk.take(), Note(Sort.REFUSED, str(wrong))]
    turn.intent = talk.understood.intent if talk.understood else ""
    turn.events = tuple(event for event, _ in talk.log[count:])
    after = talk.renewal
    turn.accepted = after.accepted.number if after.accepted and after.accepted != before.accepted else None
    turn.parted = _is_gone(after) and not _is_gone(before)
    return turn


def _is_gone(renewal: Renewal) -> bool:
    return renewal.stranger or renewal.state is State.MOVING_OUT


def _shown(notes: list[Note]) -> list[str]:
    return [line for note in notes for line in note.lines()]


def rewrite() -> int:
    """``make golden``: every transcript as it is today; the names of those that changed."""
    for path in transcripts():
        text = replay(path).text()
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8")
            print(path.name)
    return 0


if __name__ == "__main__":
    sys.exit(rewrite())
