"""The paper that is signed: a PDF with an embedded font, every amount and date in it, the same bytes each time."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pypdf import PdfReader

from backend.db.port import Stored
from backend.esign.port import Signer
from bot.app import TEMPLATES
from bot.documents import Documents
from bot.printing import printed
from dialogs.effects import OpenEnvelope
from dialogs.lease import Lease, Party, Role
from dialogs.money import Fen, yuan
from dialogs.offer import Proposal, RentStep
from dialogs.renewal import Renewal
from tests.bot.stage import NOW, lease

PAPERS = Documents(TEMPLATES)
TERMS = Proposal(
    "ladder", 3, (RentStep(12, yuan(3200)), RentStep(12, yuan(3300)), RentStep(12, yuan(3400))),
    start=date(2026, 10, 3), end=date(2029, 10, 2), deposit=yuan(3500), break_after_months=12,
)  # fmt: skip


@dataclass
class Desk:
    lease: Lease = field(default_factory=lease)
    terms: Proposal = TERMS
    names: tuple[str, ...] = ("测试租客",)

    def signing(self) -> tuple[Stored, OpenEnvelope, tuple[Signer, ...]]:
        stored = Stored(1, "yuju", "p-1", 3, Renewal(self.lease, opened_on=date(2026, 9, 1)), self.names[0])
        wish = OpenEnvelope(key="E1N1", proposal=self.terms, expires_at=NOW)
        people = tuple(
            Signer(party.id, name, "13800000001") for party, name in zip(self.lease.parties, self.names, strict=True)
        )
        return stored, wish, people

    def pdf(self) -> bytes:
        return PAPERS.paper(*self.signing())

    def page(self) -> str:
        return PAPERS.page(*self.signing())


def text_of(pdf: bytes) -> str:
    """All its words, without the breaks that lines make."""
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    return "".join("".join(pages).split())


def test_a_supplement_restates_what_the_law_wants() -> None:
    text = text_of(Desk().pdf())
    for said in (
        "续租补充协议", "原合同编号：YJ-0001", "2026年10月3日至2029年10月2日", "叁仟贰佰元整", "叁仟伍佰元整",
        "3,500元", "已收3,200元转入本租期", "补交300元", "三个工作日内返还",
        "扣除须列明项目和凭据", "住满12个月后", "测试租客",
    ):  # fmt: skip
        assert said in text, said


def test_its_font_is_in_it_and_nothing_is_fetched() -> None:
    fonts = [
        font.get_object()
        for page in PdfReader(io.BytesIO(Desk().pdf())).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    ]
    inside = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert inside
    assert all(any(name.startswith("/FontFile") for name in one.get_object()) for one in inside)
    assert all("NotoSerifCJK" in str(one.get_object()["/FontName"]).replace("-", "") for one in inside)
    assert b"/Image" not in printed("<p>甲</p><img src='data:image/png;base64,iVBORw0KGgo='>")


def test_made_again_it_is_the_same_document() -> None:
    assert Desk().pdf() == Desk().pdf()
    assert Desk(names=("另一位",)).pdf() != Desk().pdf()


def test_a_contract_from_before_the_rules_is_made_anew() -> None:
    old = replace(lease(), start=date(2025, 9, 14))
    text = text_of(Desk(lease=old).pdf())
    assert "房屋租赁合同（续租）" in text
    assert "住房租赁条例施行以前" in text
    assert "三个工作日内返还" in text


def test_everybody_who_signs_has_a_place() -> None:
    parties = (Party("p-1", Role.TENANT), Party("p-2", Role.CO_TENANT), Party("p-3", Role.GUARANTOR))
    flat = replace(lease(), parties=parties)
    text = text_of(Desk(lease=flat, names=("甲一", "乙二", "丙三")).pdf())
    for said in (
        "承租方（乙方）：甲一",
        "共同承租人：乙二",
        "保证人：丙三",
        "乙方（签字）",
        "甲方（盖章）",
    ):
        assert said in text, said


def test_hostile_and_long_names_are_words_and_stay_on_the_page() -> None:
    desk = Desk(lease=replace(lease(), operator="长" * 400), names=("<script>alert(1)</script>",))
    assert "<script>" not in desk.page()
    text = text_of(desk.pdf())
    assert "<script>alert(1)</script>" in text
    assert text.count("长") == 400


@given(rent=st.integers(50_000, 9_000_000), deposit=st.integers(0, 9_000_000), held=st.integers(0, 9_000_000))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_sum_of_the_terms_is_on_the_page(rent: int, deposit: int, held: int) -> None:
    terms = replace(TERMS, steps=(RentStep(12, Fen(rent)), RentStep(24, Fen(rent + 100))), deposit=Fen(deposit))
    page = Desk(lease=replace(lease(), deposit_held=Fen(held)), terms=terms).page()
    for amount in (rent, rent + 100, deposit, held):
        whole, rest = divmod(amount, 100)
        assert f"{whole:,}" + (f".{rest:02d}" if rest else "") in page


def test_a_promised_gift_is_part_of_the_contract() -> None:
    gifted = replace(TERMS, gift="gift_service", gift_value=yuan(600))
    assert "家政保洁服务，价值600元" in text_of(Desk(terms=gifted).pdf())
    assert "附赠" not in Desk().page()


def test_the_deposit_is_what_is_held_now_not_what_the_ledger_once_said() -> None:
    """Topped up at the counter between import and signature: the check before the signature is the newer word."""
    stored, wish, people = Desk(lease=replace(lease(), deposit_held=yuan(1234))).signing()
    newer = replace(stored, renewal=replace(stored.renewal, deposit_held=yuan(3200)))
    page = PAPERS.page(newer, wish, people)
    assert "1,234" not in page
    assert "甲方已收 3,200 元转入本租期" in page


@pytest.mark.parametrize("name", ["supplement", "contract"])
def test_both_are_short(name: str) -> None:
    start = date(2025, 10, 3) if name == "supplement" else date(2025, 1, 1)
    pages = PdfReader(io.BytesIO(Desk(lease=replace(lease(), start=start)).pdf())).pages
    assert len(pages) <= 2
