"""What staff see: the list by state, one renewal whole, the report; masked, escaped, in two languages."""

from __future__ import annotations

import re

from backend.console.pages import PER_PAGE
from backend.db.port import DeskTask, Words, Write
from dialogs.effects import Say
from dialogs.events import Claimed, Declined, MoveOutDone, OfferPrepared, TierDue
from dialogs.lease import Comps
from dialogs.machine import step
from dialogs.money import yuan
from dialogs.states import LossReason
from tests.backend.console.office import OTHERS, PHONE, Away, Office, office, other_lease
from tests.journeys.samples import NAME, NOW

COMPS = OfferPrepared(Comps(6, yuan(3300), yuan(3100), yuan(3500)))


async def said(office: Office, number: int, *words: Words) -> None:
    """Words that came with an event, written as a turn writes them."""
    stored = await office.store.load(number)
    assert stored is not None
    event = Claimed(actor="hk1")
    decision = step(office.turns.subject(stored), event, NOW)
    await office.store.commit([Write(number, stored.version, event, decision, NOW, words=words)])


async def test_the_list_counts_by_state_and_filters(at_desk: Office) -> None:
    first, second = await at_desk.opens_lease(), await at_desk.opens_lease(other_lease(7))
    await at_desk.happens(second, COMPS)
    _, html = await at_desk.looks("/desk")
    assert len(re.findall(r'class="go"', html)) == 2
    assert "state=opened" in html
    _, html = await at_desk.looks("/desk?state=opened")
    assert re.findall(r"/desk/renewals/(\d+)", html) == [str(first.id)]
    _, html = await at_desk.looks("/desk?state=nonsense")
    assert len(re.findall(r'class="go"', html)) == 2


async def test_an_empty_desk_says_what_to_do(at_desk: Office) -> None:
    _, html = await at_desk.looks("/desk")
    assert "xuzu import" in html
    _, html = await at_desk.looks("/desk?state=renewed")
    assert "没有处在这个状态的续租" in html
    _, html = await at_desk.looks("/desk/report")
    assert "还没有数据" in html


async def test_long_lists_are_turned_page_by_page(at_desk: Office) -> None:
    for number in range(1, PER_PAGE + 3):
        await at_desk.opens_lease(other_lease(number))
    _, html = await at_desk.looks("/desk?lang=en")
    ids = [int(found) for found in re.findall(r"/desk/renewals/(\d+)", html)]
    assert len(ids) == PER_PAGE
    following = re.search(r'href="(/desk\?[^"]*after=[^"]*)"[^>]*>Next page', html)
    assert following is not None
    _, html = await at_desk.looks(following[1].replace("&amp;", "&"))
    rest = [int(found) for found in re.findall(r"/desk/renewals/(\d+)", html)]
    assert len(rest) == 2
    assert not set(rest) & set(ids)
    assert "Next page" not in html
    assert "First page" in html


async def test_nonsense_in_the_address_is_harmless(at_desk: Office) -> None:
    await at_desk.opens_lease()
    for query in ("after=-1", "after=x", "after=9999999999999999999", "after=²", "state=%00", "lang=fr"):
        assert (await at_desk.looks(f"/desk?{query}"))[0] == 200


async def test_a_renewal_shows_thread_log_timers_outbox_and_where_it_stands(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    wished = await at_desk.happens(stored, TierDue("T-30"), COMPS)
    assert any(isinstance(one, Say) for one in wished)
    await said(at_desk, stored.id, Words("w1", "tenant", "wechat", "想续一年"), Words("w2", "bot", "wechat", "好的"))
    await at_desk.store.add_task(DeskTask(stored.id, "k", "handoff", "housekeeper", "asked", "hk1", NOW))
    _, html = await at_desk.looks(f"/desk/renewals/{stored.id}")
    assert re.search(r'<g class="box lit"><rect[^>]*/><text[^>]*>已提醒</text>', html)
    assert html.count('class="box lit"') == len(("lying", "upright"))
    for shown in ("想续一年", "提醒到时", "接下来", "转人工", "hk1", "发消息：remind_warm"):
        assert shown in html, shown
    assert "窗口开启 → 已提醒" in re.sub(r"<[^>]+>", "", html)


async def test_a_task_quotes_the_words_it_is_about(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    await said(
        at_desk,
        stored.id,
        Words("m7", "tenant", "wechat", f"那个啥来着 {PHONE}"),
        Words("b7", "bot", "wechat", "没看懂"),
    )
    reason = "not understood several times in a row"
    for number, message in enumerate(("m7", "b7", "gone")):
        task = DeskTask(stored.id, f"k{number}", "handoff", "housekeeper", reason, "hk1", NOW, message=message)
        await at_desk.store.add_task(task)
    _, html = await at_desk.looks(f"/desk/renewals/{stored.id}")
    [quote] = re.findall(r"<q>(.*?)</q>", html)
    assert quote.startswith("那个啥来着")
    assert PHONE not in html


async def test_names_phones_and_links_are_masked(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    words = f"{NAME}您好，{PHONE}，https://a.example/r/v1.k1.abc.def"
    await said(at_desk, stored.id, Words("w1", "bot", "wechat", words))
    for path in ("/desk", f"/desk/renewals/{stored.id}"):
        _, html = await at_desk.looks(path)
        assert NAME not in html
        assert PHONE not in html
        assert "/r/v1" not in html
        assert "陈*" in html


async def test_what_a_tenant_writes_is_text_and_nothing_else(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    await said(at_desk, stored.id, Words("w1", "tenant", "wechat", '<script>alert("1")</script><img src=x onerror=a>'))
    _, html = await at_desk.looks(f"/desk/renewals/{stored.id}")
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


async def test_another_operator_s_renewal_does_not_exist_here(at_desk: Office) -> None:
    theirs = await at_desk.opens_lease(other_lease(3, OTHERS), operator=OTHERS)
    assert (await at_desk.looks(f"/desk/renewals/{theirs.id}"))[0] == 404
    assert (await at_desk.looks("/desk/renewals/999"))[0] == 404
    _, html = await at_desk.looks("/desk")
    assert 'class="go"' not in html


async def test_english_is_one_tap_away_and_stays(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    for path in ("/desk", "/desk/report", "/desk/reach", f"/desk/renewals/{stored.id}"):
        _, html = await at_desk.looks(f"{path}?lang=en&days=20")
        assert '<html lang="en">' in html
        links = re.findall(r'<a [^>]*href="(/desk[^"]*)"[^>]*>(?!中文)', html)
        assert [link for link in links if "lang=en" not in link] == []
        seen = re.sub(r"<[^>]+>|续租|中文|寓居生活|云栖公寓|3幢|开间|管家小林|陈\*", " ", html)
        assert re.findall(r"[\u4e00-\u9fff]+", seen) == [], path


async def test_the_report_ties_out(at_desk: Office) -> None:
    gone, staying = await at_desk.opens_lease(), await at_desk.opens_lease(other_lease(7))
    await at_desk.happens(gone, COMPS, Declined(reason=LossReason.PRICE, via="page"), MoveOutDone(actor="hk1"))
    await at_desk.happens(staying, COMPS)
    _, html = await at_desk.looks("/desk/report?lang=en")
    assert "ties out at every step" in html
    assert "2 = done 0 + on the way 1 + lost 1" in re.sub(r"\s+", " ", html)
    assert re.search(r'<th scope="row">Price</th>.*?<td class="num">1</td>', html)


async def test_a_store_that_is_away_is_said_so() -> None:
    async with office(Away()) as away:  # type: ignore[arg-type]
        for path in ("/desk", "/desk/report", "/desk/renewals/1"):
            status, html = await away.looks(path)
            assert status == 503
            assert "什么都没有改变" in html
