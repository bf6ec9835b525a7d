"""A link alone shows nothing: WeChat or the phone proves whose page it is, step by step, over real HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.page.proof import PASSCODE_TRIES, Sending
from channels.page.proving import DIGIT_TRIES
from tests.channels.page.conftest import LINKS, Visitor
from tests.channels.page.page_stand import OneRenewal, OneTenant
from tests.journeys.samples import NAME, NOW, lease

WECHAT = "Mozilla/5.0 (Linux; Android 9) MicroMessenger/8.0"
PERSONAL = (NAME, NAME[0] + "*", "云栖", "12**", "3幢", "3,200", "2026年10月2日", "寓居", "管家小林", "方案")


def says_nothing_personal(html: str) -> bool:
    return not any(word in html for word in (*PERSONAL, lease().no))


async def proves_the_phone(visitor: Visitor, tenant: OneTenant) -> None:
    await visitor.opens()
    assert await visitor.fills("digits", digits=tenant.digits) == 303
    assert await visitor.opens("/passcode") == 200
    assert await visitor.fills("passcode", code=tenant.codes[-1]) == 303
    assert visitor.location == visitor.path


async def to_wechat_and_back(visitor: Visitor, openid: str) -> int:
    assert await visitor.opens(agent=WECHAT) == 302
    state = visitor.location.rpartition("state=")[2]
    assert visitor.location == f"https://wechat.test/authorize?redirect={visitor.path}/wechat&state={state}"
    assert state.isalnum()
    return await visitor.opens(f"/wechat?code=code-of-{openid}&state={state}", agent=WECHAT)


async def test_a_link_alone_shows_nothing_and_asks_nothing_of_the_store(stranger: Visitor, stand: OneRenewal) -> None:
    assert await stranger.opens() == 200
    assert says_nothing_personal(stranger.html)
    assert stand.looked == 0


async def test_digits_and_a_code_open_the_page_for_a_month(
    stranger: Visitor, stand: OneRenewal, tenant: OneTenant
) -> None:
    await proves_the_phone(stranger, tenant)
    assert await stranger.opens() == 200
    assert "方案 1" in stranger.html
    assert stand.applied == {}, "a proof is no event"
    cookie = next(one for one in stranger.client.session.cookie_jar if one.key.startswith("xuzu_proof"))
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["max-age"]) == ("Lax", str(30 * 86400))
    assert await stranger.opens("/passcode") == 303, "who is proven is not asked again"


async def test_every_step_before_the_proof_is_silent_about_the_tenant(stranger: Visitor, tenant: OneTenant) -> None:
    await stranger.opens()
    pages = [stranger.html]
    for digits in ("0000", "12", "abcd", tenant.digits):
        await stranger.opens()
        await stranger.fills("digits", digits=digits)
        pages.append(stranger.html)
    await stranger.opens("/passcode")
    pages.append(stranger.html)
    await stranger.fills("passcode", code="999999")
    pages.append(stranger.html)
    assert all(says_nothing_personal(html) for html in pages)


async def test_wrong_digits_and_no_such_renewal_look_the_same(stranger: Visitor) -> None:
    answers = []
    for number in (1, 2):
        visitor = Visitor(stranger.client, LINKS.mint(number, NOW + timedelta(days=30), NOW))
        await visitor.opens()
        status = await visitor.fills("digits", digits="0000")
        answers.append((status, "和登记的手机号不一致" in visitor.html))
    assert answers == [(400, True), (400, True)]


async def test_guessing_digits_is_stopped_before_the_store_is_asked(stranger: Visitor, tenant: OneTenant) -> None:
    await stranger.opens()
    form = stranger.form("digits")
    found = [(await stranger.posts("digits", form | {"digits": f"{n:04d}"})).status for n in range(DIGIT_TRIES + 2)]
    assert found == [400] * DIGIT_TRIES + [429] * 2
    assert (await stranger.posts("digits", form | {"digits": tenant.digits})).status == 429
    assert tenant.codes == []


async def test_five_wrong_codes_wear_it_out(stranger: Visitor, tenant: OneTenant) -> None:
    await stranger.opens()
    await stranger.fills("digits", digits=tenant.digits)
    await stranger.opens("/passcode")
    form = stranger.form("passcode")
    for _ in range(PASSCODE_TRIES):
        assert (await stranger.posts("passcode", form | {"code": "999999"})).status == 400
    answer = await stranger.posts("passcode", form | {"code": tenant.codes[-1]})
    assert answer.status == 400
    assert "验证码已失效" in await answer.text()
    await stranger.opens()
    assert says_nothing_personal(stranger.html)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "１２３４５６", "abcdef"])
async def test_what_is_no_code_costs_no_try(stranger: Visitor, tenant: OneTenant, code: str) -> None:
    await stranger.opens()
    await stranger.fills("digits", digits=tenant.digits)
    await stranger.opens("/passcode")
    assert await stranger.fills("passcode", code=code) == 400
    assert tenant.tries == 0


@pytest.mark.parametrize(
    ("sending", "status", "words"),
    [(Sending.TOO_MANY, 429, "太频繁"), (Sending.NO_PHONE, 409, "收不到短信"), (Sending.NOT_SENT, 503, "没有发出去")],
)
async def test_a_code_that_cannot_be_sent_is_said_so(
    stranger: Visitor, tenant: OneTenant, sending: Sending, status: int, words: str
) -> None:
    tenant.sending = sending
    await stranger.opens()
    assert await stranger.fills("digits", digits=tenant.digits) == status
    assert words in stranger.html


async def test_the_steps_take_their_form_token_too(stranger: Visitor, tenant: OneTenant) -> None:
    await stranger.opens()
    spoilt = stranger.form("digits") | {"csrf": "x", "digits": tenant.digits}
    assert (await stranger.posts("digits", spoilt)).status == 403
    await stranger.opens("/passcode")
    assert (await stranger.posts("passcode", {"code": "000001"})).status == 403
    assert tenant.codes == []


async def test_buttons_of_an_unproven_browser_do_nothing(stranger: Visitor, stand: OneRenewal) -> None:
    """The form of the digits carries a true form token: it opens no other door."""
    await stranger.opens()
    form = stranger.form("digits") | {"reason": "price"}
    for action in ("decline", "human", "seen", "note", "bind", "choose"):
        answer = await stranger.posts(action, form)
        assert answer.status == 403
        assert "请先确认是您本人" in await answer.text()
    assert (stand.applied, stand.notes) == ({}, {})


async def test_the_owners_wechat_is_proof_enough(stranger: Visitor, tenant: OneTenant) -> None:
    tenant.openid = "owner"
    assert await to_wechat_and_back(stranger, "owner") == 303
    assert await stranger.opens(agent=WECHAT) == 200
    assert "方案 1" in stranger.html


async def test_a_forwarded_link_in_another_wechat_tells_nothing(stranger: Visitor, tenant: OneTenant) -> None:
    tenant.openid = "owner"
    assert await to_wechat_and_back(stranger, "friend") == 403
    assert "请用您自己的微信打开" in stranger.html
    assert says_nothing_personal(stranger.html)
    assert await stranger.opens(agent=WECHAT) == 302, "and leaves no proof behind"


async def test_a_wechat_nobody_knows_is_bound_once_the_phone_is_proven(stranger: Visitor, tenant: OneTenant) -> None:
    assert await to_wechat_and_back(stranger, "newcomer") == 200
    assert says_nothing_personal(stranger.html)
    assert tenant.openid == ""
    assert await stranger.fills("digits", digits=tenant.digits) == 303
    await stranger.opens("/passcode", agent=WECHAT)
    assert await stranger.fills("passcode", code=tenant.codes[-1]) == 303
    assert tenant.openid == "newcomer"
    assert await stranger.opens(agent=WECHAT) == 200
    assert "方案 1" in stranger.html


async def test_a_phone_proven_outside_wechat_binds_nothing(stranger: Visitor, tenant: OneTenant) -> None:
    await proves_the_phone(stranger, tenant)
    assert tenant.openid == ""


async def test_an_answer_we_did_not_ask_for_is_refused(stranger: Visitor, tenant: OneTenant) -> None:
    tenant.openid = "owner"
    assert await stranger.opens("/wechat?code=code-of-owner&state=abc", agent=WECHAT) == 403
    await stranger.opens(agent=WECHAT)
    assert await stranger.opens("/wechat?code=code-of-owner&state=", agent=WECHAT) == 403
    assert await stranger.opens("/wechat?code=code-of-owner&state=%E7%AD%BE", agent=WECHAT) == 403
    state = stranger.client.session.cookie_jar.filter_cookies(stranger.client.make_url("/r/x"))["xuzu_state"].value
    assert await stranger.opens(f"/wechat?code=used&state={state}", agent=WECHAT) == 403
    assert "没能确认您的微信" in stranger.html


@pytest.mark.parametrize(
    ("agent", "wechat", "phone", "words"),
    [
        ("Browser/1", True, False, "请在微信里打开"),
        ("Browser/1", False, False, "请直接联系您的管家"),
        (WECHAT, False, False, "请直接联系您的管家"),
        (WECHAT, False, True, "最后4位"),
    ],
)
async def test_where_a_way_is_missing_the_page_says_what_to_do(
    stranger: Visitor, tenant: OneTenant, agent: str, wechat: bool, phone: bool, words: str
) -> None:
    tenant.wechat, tenant.phone = wechat, phone
    await stranger.opens(agent=agent)
    assert words in stranger.html
    assert says_nothing_personal(stranger.html)


async def test_a_newcomer_without_a_phone_to_prove_is_sent_to_the_housekeeper(
    stranger: Visitor, tenant: OneTenant
) -> None:
    tenant.phone = False
    assert await to_wechat_and_back(stranger, "newcomer") == 403
    assert "请直接联系您的管家" in stranger.html


async def test_a_revoked_link_is_dead_and_so_is_what_was_proven_with_it(
    stranger: Visitor, tenant: OneTenant, stand: OneRenewal
) -> None:
    await proves_the_phone(stranger, tenant)
    stand.revoked_at = NOW + timedelta(microseconds=1)
    assert await stranger.opens() == 410
    assert "已经停用" in stranger.html
    later = Visitor(stranger.client, LINKS.mint(1, NOW + timedelta(days=30), NOW + timedelta(seconds=1)))
    assert await later.opens() == 200
    assert says_nothing_personal(later.html), "the proof was from before, too"
    form = later.form("digits")
    assert (await stranger.posts("decline", form)).status == 410
    assert stand.applied == {}


async def test_links_from_before_issuing_was_noted_die_with_the_first_revocation(
    stranger: Visitor, stand: OneRenewal
) -> None:
    old = Visitor(stranger.client, LINKS.mint(1, NOW + timedelta(days=30)))
    assert await old.opens() == 200
    stand.revoked_at = NOW - timedelta(days=300)
    assert await old.opens() == 410
    assert await stranger.opens() == 200


async def test_a_store_that_is_away_is_busy_at_every_step(stranger: Visitor, stand: OneRenewal) -> None:
    await stranger.opens()
    form = stranger.form("digits")
    stand.busy = True
    assert await stranger.opens() == 503
    assert await stranger.opens("/passcode") == 503
    assert (await stranger.posts("digits", form | {"digits": "8812"})).status == 503
