"""Who may see a tenant's page: the store's word on WeChat, phone and passcode, with the partners' troubles beside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from backend.db.port import Stored
from bot.proofs import Means, TenantProofs
from channels.page.door import PageBusy
from channels.page.links import Link
from channels.page.proof import PASSCODE_MINUTES, PASSCODE_TRIES, PageSignature, Sending, Typed, Whose
from channels.port import ChannelError, Trouble
from channels.wechat.pages import Signature
from tests.bot.stage import NOW, OPENID, PUBLIC, Stage, row

GONE = Link(999, NOW + timedelta(days=40), "j9", NOW)
SIGNED = Signature("wx0", 1, "n", "s")


@dataclass
class Vendor:
    """Takes passcodes, or does not."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    away: bool = False

    async def __call__(self, phone: str, code: str) -> None:
        if self.away:
            raise ChannelError(Trouble.TRANSIENT, "busy")
        self.sent.append((phone, code))


@dataclass
class Account:
    """Our own 服务号, as far as a page needs it."""

    away: bool = False
    scenes: list[tuple[str, int]] = field(default_factory=list)

    def authorize_url(self, redirect: str, state: str) -> str:
        return f"https://wechat.test/?to={redirect}&state={state}"

    async def openid_of(self, code: str) -> str | None:
        self._reach()
        return OPENID if code == "good" else None

    async def sign(self, url: str) -> Signature:
        self._reach()
        return SIGNED

    async def qr_picture(self, scene: str, seconds: int) -> str:
        self._reach()
        self.scenes.append((scene, seconds))
        return f"https://wechat.test/qr/{len(self.scenes)}"

    def _reach(self) -> None:
        if self.away:
            raise ChannelError(Trouble.TRANSIENT, "-1")


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def proofs(stage: Stage, account: Account, vendor: Vendor) -> TenantProofs:
    return TenantProofs(stage.store, stage.clock, PUBLIC + "/", Means(account, vendor, "t-1"))


def link(stored: Stored) -> Link:
    return Link(stored.id, NOW + timedelta(days=40), "j1", NOW)


async def test_what_is_not_connected_is_no_way(stage: Stage) -> None:
    bare = TenantProofs(stage.store, stage.clock, PUBLIC, Means())
    assert (bare.wechat, bare.phone) == (False, False)
    assert await bare.page_signature("https://p.test") is None
    assert await bare.binding_qr(GONE) is None


async def test_the_last_four_digits_are_those_of_the_ledger(stage: Stage, proofs: TenantProofs) -> None:
    stored = await stage.opened()
    answers = [await proofs.last_digits_match(link(stored), digits) for digits in ("0001", "0002", "001", "", "----")]
    assert answers == [True, False, False, False, False]
    assert not await proofs.last_digits_match(GONE, "----"), "no such renewal looks like wrong digits"


async def test_a_passcode_goes_to_the_ledgers_phone_and_counts_once(
    stage: Stage, proofs: TenantProofs, vendor: Vendor
) -> None:
    stored = await stage.opened()
    assert await proofs.send_passcode(link(stored)) is Sending.SENT
    ((phone, code),) = vendor.sent
    assert phone == "13800000001"
    assert len(code) == 6
    wrong = "000000" if code != "000000" else "111111"
    assert await proofs.try_passcode(link(stored), wrong) is Typed.WRONG
    assert await proofs.try_passcode(link(stored), code) is Typed.RIGHT
    assert await proofs.try_passcode(link(stored), code) is not Typed.RIGHT


async def test_a_passcode_wears_out_by_tries_and_by_time(stage: Stage, proofs: TenantProofs, vendor: Vendor) -> None:
    stored = await stage.opened()
    await proofs.send_passcode(link(stored))
    for _ in range(PASSCODE_TRIES):
        await proofs.try_passcode(link(stored), "nothing")
    assert await proofs.try_passcode(link(stored), vendor.sent[-1][1]) is Typed.WORN_OUT
    stage.clock.move(minutes=2)
    assert await proofs.send_passcode(link(stored)) is Sending.SENT
    stage.clock.move(minutes=PASSCODE_MINUTES)
    assert await proofs.try_passcode(link(stored), vendor.sent[-1][1]) is Typed.WORN_OUT


async def test_asking_too_often_sends_nothing(stage: Stage, proofs: TenantProofs, vendor: Vendor) -> None:
    stored = await stage.opened()
    assert await proofs.send_passcode(link(stored)) is Sending.SENT
    assert await proofs.send_passcode(link(stored)) is Sending.TOO_MANY
    found = []
    for _ in range(5):
        stage.clock.move(minutes=2)
        found.append(await proofs.send_passcode(link(stored)))
    assert found == [Sending.SENT] * 4 + [Sending.TOO_MANY]
    assert len(vendor.sent) == 5


async def test_an_sms_that_does_not_leave_is_said_so(stage: Stage, proofs: TenantProofs, vendor: Vendor) -> None:
    stored = await stage.opened()
    vendor.away = True
    assert await proofs.send_passcode(link(stored)) is Sending.NOT_SENT
    assert await proofs.send_passcode(GONE) is Sending.NO_PHONE


async def test_a_wechat_is_the_tenants_anothers_or_new(stage: Stage, proofs: TenantProofs) -> None:
    stored = await stage.opened(row(), row(2, openid=""))
    other = next(one for one in await stage.store.renewals(stored.operator) if one.id != stored.id)
    assert await proofs.whose(link(stored), OPENID) is Whose.OWNER
    assert await proofs.whose(link(stored), "o-friend") is Whose.OTHER
    assert await proofs.whose(link(other), OPENID) is Whose.NEW
    assert await proofs.whose(GONE, OPENID) is Whose.NEW


async def test_binding_a_visitor_takes_nobodys_wechat_away(stage: Stage, proofs: TenantProofs) -> None:
    stored = await stage.opened(row(), row(2, openid=""))
    other = next(one for one in await stage.store.renewals(stored.operator) if one.id != stored.id)
    await proofs.bind(link(other), OPENID)
    assert await stage.store.addresses(other.tenant) == {}
    await proofs.bind(link(other), "o-new")
    assert await stage.store.addresses(other.tenant) == {"wechat": "o-new"}
    assert await proofs.whose(link(other), "o-new") is Whose.OWNER
    ways = await stage.store.ways(other.tenant, "", NOW)
    assert (ways.contact.wechat, ways.contact.followed) == (True, False), "who opened a page need not follow us"
    await proofs.bind(GONE, "o-ghost")
    assert await proofs.whose(link(other), "o-ghost") is Whose.OTHER


async def test_wechat_is_asked_with_our_own_address(stage: Stage, proofs: TenantProofs, account: Account) -> None:
    assert proofs.authorize_url("/r/t/wechat", "abc") == f"https://wechat.test/?to={PUBLIC}/r/t/wechat&state=abc"
    assert [await proofs.wechat_openid(code) for code in ("good", "used")] == [OPENID, None]
    assert await proofs.page_signature("https://p.test") == PageSignature("wx0", 1, "n", "s", ("t-1",))
    unasked = TenantProofs(stage.store, stage.clock, PUBLIC, Means(account))
    assert await unasked.page_signature("https://p.test") is None, "no notice to ask consent for"
    account.away = True
    with pytest.raises(PageBusy):
        await proofs.wechat_openid("good")
    assert await proofs.page_signature("https://p.test") is None


async def test_a_picture_to_scan_stands_for_a_one_time_scene(
    stage: Stage, proofs: TenantProofs, account: Account
) -> None:
    stored = await stage.opened(row(1, openid=""))
    assert await proofs.binding_qr(link(stored)) == "https://wechat.test/qr/1"
    ((scene, seconds),) = account.scenes
    assert seconds == 1800
    assert len(scene) <= 64
    assert await stage.store.use_scene(scene, "o-scanned", NOW) == stored.tenant
    assert await stage.store.addresses(stored.tenant) == {"wechat": "o-scanned"}
    assert await proofs.binding_qr(GONE) is None
    account.away = True
    assert await proofs.binding_qr(link(stored)) is None


async def test_a_store_that_is_away_is_busy(lite: Stage, vendor: Vendor) -> None:
    proofs = TenantProofs(lite.store, lite.clock, PUBLIC, Means(None, vendor))
    stored = await lite.opened()
    await lite.store.close()
    with pytest.raises(PageBusy):
        await proofs.last_digits_match(link(stored), "0001")
    with pytest.raises(PageBusy):
        await proofs.whose(link(stored), OPENID)
    with pytest.raises(PageBusy):
        await proofs.try_passcode(link(stored), "123456")
    assert vendor.sent == []
