"""The cast: the same seed deals the same parts whatever else happens; the shares are those of the case."""

from __future__ import annotations

from collections import Counter

from bot.cohort import LEAVING_WORDS, SHARES, Character, deal, unreached

LEASES = [f"YJ-{number:04d}" for number in range(68)]


def test_the_same_seed_deals_the_same_parts_in_any_order() -> None:
    assert deal(LEASES, 2026) == deal(list(reversed(LEASES)), 2026)


def test_another_seed_deals_others() -> None:
    one, two = deal(LEASES, 2026), deal(LEASES, 2027)
    assert one != two
    assert Counter(part.character for part in one.values()) == Counter(part.character for part in two.values())


def test_every_character_has_its_share_and_the_rest_are_ready() -> None:
    counts = Counter(part.character for part in deal(LEASES, 7).values())
    assert {character: counts[character] for character, _ in SHARES} == dict(SHARES)
    assert counts[Character.READY] == len(LEASES) - sum(share for _, share in SHARES)
    assert set(counts) == set(Character)


def test_a_small_town_has_fewer_characters_but_a_part_for_everybody() -> None:
    dealt = deal(LEASES[:3], 7)
    assert set(dealt) == set(LEASES[:3])


def test_only_who_leaves_has_words_to_leave_with() -> None:
    for part in deal(LEASES, 2026).values():
        assert (part.words in LEAVING_WORDS) == (part.character is Character.LEAVER)
        assert 0.5 <= part.delay_hours <= 30
        assert part.pick in (1, 2, 3)


def test_who_cannot_be_reached_plays_no_character() -> None:
    dealt = unreached(LEASES[:2])
    assert [part.character for part in dealt.values()] == [Character.READY] * 2
    assert dealt == unreached(LEASES[:2])
