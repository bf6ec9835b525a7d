"""Who the demo's tenants are: characters dealt from a seed, so that the same seed always plays the same quarter."""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import StrEnum

import msgspec


class Character(StrEnum):
    """What a simulated tenant is like. The shares below follow the case this was built for, not any real person."""

    READY = "ready"
    CHATTY = "chatty"
    LATE = "late"
    THINKER = "thinker"
    HAGGLER = "haggler"
    STRAPPED = "strapped"
    ANGRY = "angry"
    WAVERER = "waverer"
    REFUSER = "refuser"
    LEAVER = "leaver"
    OPENER = "opener"
    SILENT_GOES = "silent_goes"
    SILENT_STAYS = "silent_stays"
    STOPPER = "stopper"


SHARES: tuple[tuple[Character, int], ...] = (
    (Character.CHATTY, 12),
    (Character.LATE, 6),
    (Character.THINKER, 8),
    (Character.HAGGLER, 4),
    (Character.STRAPPED, 3),
    (Character.ANGRY, 2),
    (Character.WAVERER, 1),
    (Character.REFUSER, 1),
    (Character.LEAVER, 5),
    (Character.OPENER, 2),
    (Character.SILENT_GOES, 3),
    (Character.SILENT_STAYS, 2),
    (Character.STOPPER, 1),
)
"""Everybody else is READY."""

LEAVING_WORDS = (
    "不续了，公司搬到滨江了，通勤太远",
    "我们买了房子，到期就搬走，谢谢",
    "不租了，下个月回老家发展",
    "太贵了，我找到便宜的了，到期搬",
    "墙皮老掉，住不下去了，不续了",
)


class Part(msgspec.Struct, frozen=True):
    """One tenant's character and the choices already drawn for them."""

    character: Character
    pick: int
    """Which card they lean to, counted from one; the last one where there are fewer."""
    chat: bool
    delay_hours: float
    persuaded: bool
    """After a talk with the housekeeper: do they stay?"""
    disputes: bool
    """Says a bill is wrong before paying it."""
    old_phone: bool
    """An old WebView that runs no scripts."""
    twice: bool
    """Taps every button twice and sends every message twice."""
    words: str = ""
    alipay: bool = False
    """Would rather pay there."""


def deal(lease_nos: Sequence[str], seed: int) -> dict[str, Part]:
    """A part for each lease, by lease number: independent of the order in which anything happens."""
    order = sorted(lease_nos)
    random.Random(seed).shuffle(order)
    characters = [character for character, share in SHARES for _ in range(share)]
    characters += [Character.READY] * max(0, len(order) - len(characters))
    return {
        no: _part(character, random.Random(f"{seed}:{no}")) for no, character in zip(order, characters, strict=False)
    }


def unreached(lease_nos: Sequence[str]) -> dict[str, Part]:
    """Tenants without WeChat: ready where an SMS finds them; where none does, nobody learns what they are like."""
    return {no: _part(Character.READY, random.Random(no)) for no in lease_nos}


def _part(character: Character, luck: random.Random) -> Part:
    return Part(
        character,
        pick=luck.choices((1, 2, 3), weights=(3, 3, 2))[0],
        chat=character in (Character.CHATTY, Character.LEAVER, Character.THINKER, Character.ANGRY, Character.STOPPER),
        delay_hours=luck.uniform(0.5, 30),
        persuaded=luck.random() < 17 / 29,
        twice=luck.random() < 0.15,
        old_phone=luck.random() < 0.2,
        disputes=luck.random() < 0.3,
        words=luck.choice(LEAVING_WORDS) if character is Character.LEAVER else "",
        alipay=luck.random() < 0.15,
    )
