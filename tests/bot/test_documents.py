"""The paper: the accepted terms, the deposit restated, everybody who signs, nothing that could run or be fetched."""

from __future__ import annotations

import re

import msgspec
import pytest

from backend.db.port import Stored
from backend.esign.port import Signer
from bot.app import TEMPLATES
from bot.documents import Documents
from dialogs.effects import OpenEnvelope
from dialogs.money import yuan
from dialogs.states import State
from tests.bot.stage import Stage

SIGNERS = (Signer("p-1", "租客一号", "13800000001", "110101199001010000"), Signer("p-2", "同住二号", "13800000002"))


@pytest.fixture
async def signing(lite: Stage) -> tuple[Stored, OpenEnvelope]:
    stored = await lite.brought(await lite.opened(), State.AWAITING_SIGNATURE)
    [wish] = await lite.wished(stored, OpenEnvelope)
    return stored, wish


def paper(signing: tuple[Stored, OpenEnvelope], signers: tuple[Signer, ...] = SIGNERS) -> str:
    return Documents(TEMPLATES).supplement(*signing, signers).decode()


async def test_terms_deposit_and_signers_stand_in_it(signing: tuple[Stored, OpenEnvelope]) -> None:
    text = paper(signing)
    stored, wish = signing
    for words in ("YJ-0001", "云栖公寓", "租客一号", "同住二号", "3,200", "押金", wish.key):
        assert words in text
    start, end = wish.proposal.start, wish.proposal.end
    for day in (start, end):
        assert f"{day.year}年{day.month}月{day.day}日" in text
    assert stored.renewal.accepted == wish.proposal


async def test_a_promised_gift_is_part_of_the_contract(signing: tuple[Stored, OpenEnvelope]) -> None:
    stored, wish = signing
    gifted = msgspec.structs.replace(wish.proposal, gift="gift_service", gift_value=yuan(600))
    text = paper((stored, msgspec.structs.replace(wish, proposal=gifted)))
    assert "家政保洁服务，价值 600 元" in text
    assert "附赠" not in paper(signing) or wish.proposal.gift


async def test_the_deposit_is_what_is_held_now_not_what_the_ledger_once_said(
    signing: tuple[Stored, OpenEnvelope],
) -> None:
    """Topped up at the counter between import and signature: the check before the signature is the newer word."""
    stored, wish = signing
    held = msgspec.structs.replace(stored.renewal.lease, deposit_held=yuan(1234))
    older = msgspec.structs.replace(stored, renewal=msgspec.structs.replace(stored.renewal, lease=held))
    text = paper((older, wish))
    assert "1,234" not in text
    assert "原合同已收 3,200 元" in text


async def test_the_same_wish_is_the_same_paper(signing: tuple[Stored, OpenEnvelope]) -> None:
    """A repeated call with the same key must send the same document."""
    assert paper(signing) == paper(signing)


async def test_it_stands_alone(signing: tuple[Stored, OpenEnvelope]) -> None:
    text = paper(signing)
    assert not re.search(r"<script|<link|<img|src=|https?://", text)
    assert "charset" in text.lower()


async def test_a_name_is_never_markup(signing: tuple[Stored, OpenEnvelope]) -> None:
    odd = msgspec.structs.replace(SIGNERS[0])
    text = paper(signing, (Signer(odd.id, "<b>租客</b>", odd.phone),))
    assert "<b>租客" not in text
    assert "&lt;b&gt;租客" in text
