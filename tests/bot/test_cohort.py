"""The demo's cast is dealt from a seed, by lease number alone."""

from __future__ import annotations

from collections import Counter

from bot.cohort import LEAVING_WORDS, SHARES, Character, deal, unreached

NUMBERS = [f"YJ-{number:03d}" for number in range(65)]


def test_the_same_seed_deals_the_same_parts_in_whatever_order_the_leases_come() -> None:
    assert deal(NUMBERS, 2026) == deal(NUMBERS[::-1], 2026)
    assert deal(NUMBERS, 2026) != deal(NUMBERS, 2027)


def test_the_shares_are_kept_and_everybody_else_is_ready() -> None:
    dealt = Counter(part.character for part in deal(NUMBERS, 2026).values())
    assert {character: dealt[character] for character, _ in SHARES} == dict(SHARES)
    assert dealt[Character.READY] == len(NUMBERS) - sum(share for _, share in SHARES)


def test_whoever_leaves_has_words_for_it_and_nobody_else() -> None:
    for part in deal(NUMBERS, 2026).values():
        assert (part.words in LEAVING_WORDS) is (part.character is Character.LEAVER)


def test_a_small_cast_is_cut_short_rather_than_refused() -> None:
    assert len(deal(NUMBERS[:3], 1)) == 3


def test_whoever_is_not_reached_plays_no_part() -> None:
    assert {part.character for part in unreached(NUMBERS[:3]).values()} == {Character.READY}
