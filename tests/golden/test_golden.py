"""The golden transcripts: each replayed word for word, and what must hold over all of them."""

from __future__ import annotations

import re
from difflib import unified_diff
from functools import cache
from pathlib import Path

import pytest

from bot.talk_commands import COMMANDS
from bot.talk_notes import Sort
from dialogs.events import Confirmed
from dialogs.understanding.port import INTENTS, Context
from tests.golden.replay import SPOKEN, Played, Turn, replay, transcripts

FEWEST = 44


@cache
def played(path: Path) -> Played:
    return replay(path)


def every_turn() -> list[Turn]:
    return [turn for path in transcripts() for turn in played(path).turns]


@pytest.mark.parametrize("path", transcripts(), ids=lambda path: path.stem)
def test_the_transcript_still_reads_so(path: Path) -> None:
    written, now = path.read_text(encoding="utf-8"), played(path).text()
    changed = unified_diff(written.splitlines(), now.splitlines(), path.name, "as it is now", lineterm="")
    assert written == now, "\n".join((*changed, "", "meant so? make golden, and review the diff"))


@pytest.mark.parametrize("path", transcripts(), ids=lambda path: path.stem)
def test_only_a_clear_yes_accepts(path: Path) -> None:
    """The authors of the words say in the head which lines are a yes, and to which proposal; no other line may be."""
    told = played(path)
    accepting = [turn for turn in told.turns if turn.accepted is not None]
    assert {(_words(turn.line), turn.accepted) for turn in accepting} <= told.agreements
    assert all(any(isinstance(event, Confirmed) for event in turn.events) for turn in accepting)
    assert all(turn.context is Context.CONFIRMING for turn in accepting)


@pytest.mark.parametrize("path", transcripts(), ids=lambda path: path.stem)
def test_only_words_of_farewell_part(path: Path) -> None:
    """Nobody is taken for leaving, or for a stranger, by words that say neither."""
    told = played(path)
    assert {_words(turn.line) for turn in told.turns if turn.parted} <= told.farewells


@pytest.mark.parametrize("path", transcripts(), ids=lambda path: path.stem)
def test_it_is_a_conversation_with_a_purpose(path: Path) -> None:
    told = played(path)
    assert 3 <= sum(turn.by_tenant for turn in told.turns) <= 15
    assert re.match(r"# (?!同意|告别).{8,}", told.head[0])
    named = {words for words, _ in told.agreements} | told.farewells
    assert named <= {_words(turn.line) for turn in told.turns}
    commands = {turn.line[1:].split()[0] for turn in told.turns if turn.line.startswith("/")}
    assert commands <= set(COMMANDS)


@pytest.mark.parametrize("path", transcripts(), ids=lambda path: path.stem)
def test_each_message_gets_one_answer_at_most(path: Path) -> None:
    """An answer is said in the chat the words came by, and never while a person has the thread."""
    for turn in played(path).turns:
        if turn.line.startswith(SPOKEN):
            answers = [note for note in turn.notes if note.sort in (Sort.WECHAT, Sort.SMS)]
            chat = Sort.SMS if turn.line.startswith("短信") else Sort.WECHAT
            assert len([note for note in answers if note.sort is chat]) <= 1, turn.line
            assert not (answers and turn.context is Context.HANDOFF), turn.line


def test_there_are_enough_and_no_words_come_twice() -> None:
    assert len(transcripts()) >= FEWEST
    spoken = [_words(turn.line) for turn in every_turn() if turn.line.startswith(SPOKEN)]
    long = [words for words in spoken if len(words) > 5]
    assert sorted({words for words in long if long.count(words) > 1}) == []


def test_every_intent_is_heard() -> None:
    assert {turn.intent for turn in every_turn() if turn.intent} == INTENTS


def test_every_context_and_both_channels_occur() -> None:
    spoken = [turn for turn in every_turn() if turn.line.startswith(SPOKEN)]
    assert {turn.context for turn in spoken} == set(Context)
    assert {turn.line[:2] for turn in spoken} == set(SPOKEN)


def _words(line: str) -> str:
    return line.split(":", 1)[1].strip() if line.startswith(SPOKEN) else line
