"""The short code of an SMS: easy to type wrongly, and forgiven; guessing is slow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.page.codes import ALPHABET, LENGTH, Tries, new_code, read_code
from tests.journeys.samples import NOW


def test_a_fresh_code_reads_as_itself_however_it_is_written() -> None:
    made = {new_code() for _ in range(200)}
    assert len(made) == 200
    for code in made:
        assert len(code) == LENGTH
        assert read_code(code) == code
        assert read_code(f" {code[:4].lower()}-{code[4:].lower()} ") == code


def test_no_two_signs_look_alike() -> None:
    assert len(ALPHABET) == 32
    assert not set(ALPHABET) & set("OILU")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("o1lI2u3A", "01112V3A"),
        ("７ｋＱ２ｍ９ｘａ", "7KQ2M9XA"),
        ("7KQ2 M9XA", "7KQ2M9XA"),
        ("7 K Q 2 M 9 X A", "7KQ2M9XA"),
    ],
)
def test_look_alikes_and_full_width_signs_are_forgiven(typed: str, meant: str) -> None:
    assert read_code(typed) == meant


@pytest.mark.parametrize("typed", ["", "7KQ2M9X", "7KQ2M9XAB", "7KQ2M9X!", "代码代码代码代码", "7" * 1000])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_code_or_none(typed: str) -> None:
    code = read_code(typed)
    assert code is None or (len(code) == LENGTH and set(code) <= set(ALPHABET))


def test_tries_run_out_for_each_key_and_come_back() -> None:
    tries = Tries(2, timedelta(minutes=1))
    assert [tries.take("a", NOW) for _ in range(3)] == [True, True, False]
    assert tries.take("b", NOW)
    assert tries.take("a", NOW + timedelta(minutes=1))


def test_a_flood_of_keys_keeps_a_bounded_memory() -> None:
    tries = Tries(1, timedelta(minutes=1), keys_max=3)
    for number in range(10):
        assert tries.take(number, NOW)
    assert not tries.take(9, NOW)
    assert tries.take(0, NOW), "forgotten for the newer ones"
