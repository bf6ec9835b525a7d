"""The bench's fifth part runs in a process of its own and says what understanding costs there."""

from __future__ import annotations

from bot.bench_figures import Plan
from bot.bench_understanding import HOSTILE, PLAIN, measure_understanding
from bot.understanding import GUIDE
from dialogs.understanding.port import Context
from dialogs.understanding.recognise import understand


def test_each_aim_gets_a_figure() -> None:
    lines, verdicts = measure_understanding(Plan(rounds=1, messages=20))
    assert len(lines) == 1
    assert [verdict.aim.bound for verdict in verdicts] == [1.0] * 4
    assert all(verdict.ratio > 0 for verdict in verdicts)


def test_the_hostile_messages_do_nothing() -> None:
    for text in HOSTILE:
        assert understand(text, Context.CONFIRMING, GUIDE).intent not in ("choose", "confirm")


def test_the_plain_messages_are_of_many_kinds() -> None:
    assert len({understand(text, Context.OFFERED, GUIDE).intent for text in PLAIN}) >= 8
