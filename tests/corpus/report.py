"""``make understand``: what is understood of the public sample and of the held-out split, intent by intent."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.corpus.rows import HELD_OUT, SAMPLE, Heard, hear, read

SPLITS = {"public sample": SAMPLE, "held-out split": HELD_OUT}
_CONSOLE = Console(width=110, highlight=False)


def main(arguments: Sequence[str]) -> int:
    """Prints a table for each split; ``--wrong FILE`` prints what went wrong in a file (never the held-out one)."""
    if arguments[:1] == ["--wrong"]:
        return _wrong(Path(arguments[1]))
    for name, path in SPLITS.items():
        if not path.exists():
            _CONSOLE.print(
                f"{name}: {path.name} is not there yet, so nothing can be said of messages nobody looked at\n"
            )
            continue
        heard = [hear(row) for row in read(path)]
        _CONSOLE.print(by_intent(name, heard))
        _CONSOLE.print(summary(heard) + "\n")
        _CONSOLE.print(confusion(heard))
    return 0


def by_intent(name: str, heard: Sequence[Heard]) -> Table:
    """One line an intent: how many, how many right, slots right where they count, and false actions."""
    table = Table("intent", "messages", "right", "accuracy", "slots right", "false actions", title=name)
    for intent in sorted({one.row.intent for one in heard}):
        rows = [one for one in heard if one.row.intent == intent]
        right, counted = sum(one.right for one in rows), [one for one in rows if one.slots_count]
        slots = f"{sum(one.slots_right for one in counted)}/{len(counted)}"
        false = sum(one.acts_falsely for one in rows)
        table.add_row(intent, str(len(rows)), str(right), f"{right / len(rows):.0%}", slots, str(false or ""))
    return table


def summary(heard: Sequence[Heard]) -> str:
    right, counted = sum(one.right for one in heard), [one for one in heard if one.slots_count]
    slots = sum(one.slots_right for one in counted) / max(1, len(counted))
    false = sum(one.acts_falsely for one in heard)
    wrong = sum(one.said.intent == one.row.intent == "choose" and one.acts_falsely for one in heard)
    return (
        f"{len(heard)} messages: intents {right / len(heard):.1%}, slots {slots:.1%}, "
        f"false actions {false} (of these {wrong} wrong options)"
    )


def confusion(heard: Sequence[Heard]) -> Table:
    """Which label was taken for which, the commonest first."""
    table = Table("meant", "heard as", "times", title="taken for another")
    pairs = Counter((one.row.intent, one.said.intent) for one in heard if not one.right)
    for (meant, said), times in pairs.most_common():
        table.add_row(meant, said, str(times))
    return table


def _wrong(path: Path) -> int:
    if path.resolve() == HELD_OUT.resolve():
        print("the held-out split is not looked at: its tables are all there is to see", file=sys.stderr)
        return 2
    for one in (hear(row) for row in read(path)):
        false = one.acts_falsely
        if not one.right or false or (one.slots_count and not one.slots_right):
            mark = "FALSE ACTION " if false else ""
            print(f"{mark}{one.row.context} {one.row.text}\n    {one.row.intent} {one.row.slots}")
            print(f"    {one.said.intent} {one.said.slots} {one.said.why}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
