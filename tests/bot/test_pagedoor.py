"""Behind the tenant's page: looking changes nothing, a button is one event, partners' doors are there when they can."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.db.port import Stored, Words
from backend.sandbox.fadada_faults import Fault as SignFault
from backend.sandbox.wechatpay_faults import Fault as PayFault
from bot.pagedoor import NOTICES_MAX, TITLE_MAX, TenantPage, notices
from bot.speaker import link_end
from channels.page.door import PageBusy
from channels.page.forms import PageAction
from channels.page.links import Link
from channels.page.notes import Note
from channels.page.view import Stage as Where
from dialogs.events import Chose, ClauseRead, Confirmed, Greeted, PageNoted
from dialogs.paper import KeyClause
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.shell import Shell, brought
from tests.bot.stage import NOW, OPENID, Stage


def link(stored: Stored) -> Link:
    return Link(stored.id, NOW + timedelta(days=40), "j1")


def page(stage: Stage) -> TenantPage:
    return TenantPage(stage.turns, {}, None)


def choice(stored: Stored) -> Chose:
    offer = stored.renewal.offer
    assert offer is not None
    first = offer.proposals[0]
    return Chose(via="page", proposal=first.id, offer=offer.version, terms_hash=first.terms_hash)


async def standing(shell: Shell, across: Across, to: State) -> Stored:
    stored = await shell.stage.opened()
    across.welcome(OPENID)
    across.fit(stored.renewal.lease)
    await brought(shell, across, stored, to)
    await shell.rest(across)
    return await shell.stage.again(stored)


async def test_looking_shows_the_lease_and_changes_nothing(lite: Stage) -> None:
    stored = await lite.brought(await lite.opened(), State.REMINDED)
    view = await page(lite).view(link(stored))
    assert view is not None
    assert (view.stage, view.name, view.room, view.days_left) == (Where.OFFERS, "租*", "3幢12**", 30)
    assert view.housekeeper == "hk-lin"
    assert view.cards
    assert await lite.unmoved(stored)


async def test_a_renewal_that_is_not_there_shows_nothing_and_takes_nothing(lite: Stage) -> None:
    stored = await lite.opened()
    gone = Link(stored.id + 1, NOW, "j1")
    assert await page(lite).view(gone) is None
    with pytest.raises(PageBusy, match="gone"):
        await page(lite).act(gone, PageAction("k", Greeted(via="page")))


async def test_a_button_is_one_event_however_often_it_is_pressed(lite: Stage) -> None:
    stored = await lite.brought(await lite.opened(), State.OFFERED)
    action = PageAction("page:j1:abc", choice(stored))
    first = await page(lite).act(link(stored), action)
    moved = await lite.again(stored)
    again = await page(lite).act(link(stored), action)
    assert (first.stage, again.stage) == (Where.CONFIRM, Where.CONFIRM)
    assert await lite.unmoved(moved)
    offer = moved.renewal.offer
    assert offer is not None
    other = Confirmed(via="page", proposal=offer.proposals[0].id, offer=offer.version, terms_hash="0" * 16)
    await page(lite).act(link(stored), PageAction("page:j1:def", other))
    assert (await lite.again(stored)).renewal.accepted is None, "not the terms that were on the screen"


async def test_a_database_that_is_away_is_busy_not_broken(lite: Stage) -> None:
    stored = await lite.opened()
    await lite.store.close()
    with pytest.raises(PageBusy):
        await page(lite).view(link(stored))
    with pytest.raises(PageBusy):
        await page(lite).act(link(stored), PageAction("k", Greeted(via="page")))
    with pytest.raises(PageBusy):
        await page(lite).dead_before(link(stored))
    with pytest.raises(PageBusy):
        await page(lite).by_code("7KQ2M9XA")
    with pytest.raises(PageBusy):
        await page(lite).note(link(stored), Note("k", "touched", "", "", ""))


def reading(stored: Stored, clause: KeyClause, terms_hash: str = "") -> PageAction:
    terms = stored.renewal.accepted
    assert terms is not None
    return PageAction(clause.value, ClauseRead(via="page", clause=clause, terms_hash=terms_hash or terms.terms_hash))


async def to_sign(shell: Shell, across: Across) -> Stored:
    """At the signature, every key clause confirmed."""
    stored = await standing(shell, across, State.AWAITING_SIGNATURE)
    for clause in KeyClause:
        await shell.page.act(link(stored), reading(stored, clause))
    return await shell.stage.again(stored)


async def test_the_way_to_sign_opens_after_the_last_clause(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across, State.AWAITING_SIGNATURE)
    for number, clause in enumerate(KeyClause, 1):
        view = await shell.page.act(link(stored), reading(stored, clause))
        assert sum(read for _, read in view.clauses) == number
        assert bool(view.sign_link) is (number == len(KeyClause))
    log = await shell.stage.store.log(stored.id)
    kept = [(line.event.clause, line.at) for line in log if isinstance(line.event, ClauseRead)]
    assert [clause for clause, _ in kept] == list(KeyClause), "what was confirmed, and when, stays in the log"


async def test_a_clause_of_other_terms_counts_for_nothing(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across, State.AWAITING_SIGNATURE)
    view = await shell.page.act(link(stored), reading(stored, KeyClause.RENT, "0123456789abcdef"))
    assert not any(read for _, read in view.clauses)


async def test_the_way_to_sign_is_the_providers_own_page(shell: Shell, across: Across) -> None:
    stored = await to_sign(shell, across)
    view = await shell.page.view(link(stored))
    assert view is not None
    assert view.stage is Where.SIGN
    async with across.session.get(view.sign_link) as answer:
        assert answer.status == 200
        assert "租客1号" in await answer.text()


async def test_a_provider_that_gives_no_link_leaves_the_page_without_one(
    shell: Shell, across: Across, caplog: pytest.LogCaptureFixture
) -> None:
    stored = await to_sign(shell, across)
    across.esign.faults.next(SignFault.BUSY)
    view = await shell.page.view(link(stored))
    assert view is not None
    assert (view.stage, view.sign_link) == (Where.SIGN, "")
    assert f"renewal {stored.id}: a partner gave no link" in caplog.text


async def test_the_way_to_pay_is_the_very_same_order(shell: Shell, across: Across) -> None:
    """Inside WeChat a signed sheet, outside a page of the provider; never a second order."""
    stored = await standing(shell, across, State.PAYING)
    order = across.pay.book.orders[stored.renewal.payment.open or ""]
    view = await shell.page.view(link(stored))
    assert view is not None
    assert view.pay_sheet["package"] == f"prepay_id={order.prepay_id}"
    assert view.pay_link == ""
    outside = TenantPage(
        shell.stage.turns,
        shell.adapters.payments,
        shell.adapters.esign,
        across.origins["pay"] + "/sandbox/pay/{prepay}",
    )
    seen = await outside.view(link(stored))
    assert seen is not None
    assert seen.pay_link.endswith(f"/sandbox/pay/{order.prepay_id}")
    assert len(across.pay.book.orders) == 1


async def test_no_way_to_pay_while_the_provider_is_away_or_the_payer_unknown(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across, State.PAYING)
    across.pay.faults.next(PayFault.BUSY)
    view = await shell.page.view(link(stored))
    assert view is not None
    assert (view.stage, dict(view.pay_sheet)) == (Where.PAY, {})
    await shell.stage.store.unbind("wechat", OPENID)
    view = await shell.page.view(link(stored))
    assert view is not None
    assert dict(view.pay_sheet) == {}


async def test_where_nothing_is_connected_there_are_no_doors(shell: Shell, across: Across) -> None:
    stored = await standing(shell, across, State.PAYING)
    view = await page(shell.stage).view(link(stored))
    assert view is not None
    assert (view.stage, view.pay_link, dict(view.pay_sheet), view.sign_link) == (Where.PAY, "", {}, "")


async def test_what_the_script_reports_is_one_event_per_note(lite: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stored = await lite.brought(await lite.opened(), State.OFFERED)
    touched = Note("page:j1:a:1", "touched", "keep", "Phone/1", "")
    broke = Note("page:j1:a:2", "script_error", "", "Phone/1", "x is undefined page:3")
    for note in (touched, touched, broke):
        await page(lite).note(link(stored), note)
    noted = [one.event for one in await lite.store.log(stored.id) if isinstance(one.event, PageNoted)]
    assert noted == [
        PageNoted(kind="touched", option="keep", agent="Phone/1"),
        PageNoted(kind="script_error", agent="Phone/1"),
    ]
    assert "the page's script broke: x is undefined page:3 (Phone/1)" in caplog.text


async def test_revoked_links_and_short_codes_are_the_stores_word(lite: Stage) -> None:
    stored = await lite.opened()
    until = link_end(stored.renewal.lease)
    assert await page(lite).dead_before(link(stored)) is None
    code = await lite.store.short_code(stored.id, "7KQ2M9XA", until, NOW)
    assert await page(lite).by_code(code) == (stored.id, until)
    assert await page(lite).by_code("00000000") is None
    await lite.store.revoke_links(stored.id, NOW + timedelta(hours=1))
    assert await page(lite).dead_before(link(stored)) == NOW + timedelta(hours=1)
    lite.clock.move(hours=2)
    assert await page(lite).by_code(code) is None


async def test_the_page_repeats_what_we_wrote_and_knows_who_is_bound(lite: Stage) -> None:
    stored = await lite.opened()
    view = await page(lite).view(link(stored))
    assert view is not None
    assert (view.notices, view.bound) == ((), True)
    await lite.store.unbind("wechat", OPENID)
    view = await page(lite).view(link(stored))
    assert view is not None
    assert not view.bound


def test_notices_are_ours_newest_first_without_name_greeting_and_links() -> None:
    said = "陈小满，您好。云栖公寓3幢1201的续租合同已准备好，请签署：\nhttps://page.test/r/v1.x.y.z\n陈小满请看一遍。"
    letters = [
        (NOW, Words("1", "bot", "wechat", said)),
        (NOW, Words("2", "tenant", "wechat", "好的")),
        (NOW, Words("3", "hk-lin", "wechat", "我来处理")),
        (NOW + timedelta(days=1), Words("4", "bot", "sms", "您好！" + "长" * 90)),
    ]
    late, early = notices(letters, "陈小满")
    assert (early.title, early.text) == (
        "云栖公寓3幢1201的续租合同已准备好",
        "云栖公寓3幢1201的续租合同已准备好，请签署：\n陈*请看一遍。",
    )
    assert (late.at, late.title) == (NOW + timedelta(days=1), "长" * TITLE_MAX)
    many = [(NOW, Words(str(number), "bot", "sms", f"第{number}条。")) for number in range(50)]
    assert [one.title for one in notices(many, "")] == [f"第{n}条" for n in range(49, 49 - NOTICES_MAX, -1)]
