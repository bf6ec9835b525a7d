"""Reach at the desk: the report, a renewal's tries and ways in words, old links killed, a WeChat bound."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from backend.console.reach_pages import showing
from backend.db.port import DeskTask, Store, Stored
from backend.db.reach_port import Attempt, NumberWord
from dialogs.events import MessageSent, OfferPrepared, TierDue
from dialogs.lease import Comps
from dialogs.money import yuan
from tests.backend.console.office import KEY, OTHERS, PHONE, PICTURE, Away, Office, office, other_lease
from tests.journeys.samples import NOW

COMPS = OfferPrepared(Comps(6, yuan(3300), yuan(3100), yuan(3500)))
SOON = date(2026, 9, 8)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


async def tries(office: Office, stored: Stored, rung: str, **facts: object) -> None:
    key = f"say:{stored.id}:{rung}"
    attempt = Attempt(key, rung, stored.id, stored.tenant, "remind_warm", NOW, **facts)  # type: ignore[arg-type]
    await office.store.note_attempt(attempt)


async def ends_soon(office: Office, number: int, left: int = 6) -> Stored:
    return await office.opens_lease(other_lease(number, end=date(2026, 9, 2) + timedelta(days=left)))


def call(stored: Stored) -> DeskTask:
    reason = "no sign that the tenant saw a message (tried: template, sms)"
    return DeskTask(stored.id, "k", "call", "housekeeper", reason, "hk1", NOW, NOW + timedelta(hours=4))


# --- the report
async def test_whoever_is_without_is_first_and_red(at_desk: Office) -> None:
    lost, tasked, reached = [await ends_soon(at_desk, number) for number in (1, 2, 3)]
    await tries(at_desk, lost, "sms", status="failed", failure="bad_number", code="MK:0001")
    await at_desk.store.add_task(call(tasked))
    await tries(at_desk, reached, "template", status="delivered")
    _, html = await at_desk.looks("/desk/reach")
    assert [int(found) for found in re.findall(r"/desk/renewals/(\d+)", html)] == [lost.id, tasked.id, reached.id]
    assert re.findall(r'<tr class="(\w+)"', html) == ["without", "task", "delivered"]
    seen = plain(html)
    for shown in (
        "1 份没有着落",
        "空号或错号",
        "MK:0001",
        "打电话",
        "没有着落 1",
        "只有待办 1",
        "已送达 1",
        "还有 6 天",
    ):
        assert shown in seen, shown


async def test_the_picture_is_as_wide_as_its_counts(at_desk: Office) -> None:
    for number in (1, 2, 3):
        await ends_soon(at_desk, number)
    await at_desk.store.add_task(call((await at_desk.store.renewals("寓居生活"))[0]))
    _, html = await at_desk.looks("/desk/reach")
    drawn = re.findall(r'<rect x="([\d.]+)" width="([\d.]+)" height="26" class="sight (\w+)"', html)
    assert drawn == [("0.0", "666.7", "without"), ("666.7", "333.3", "task")]


async def test_the_horizon_is_chosen(at_desk: Office) -> None:
    await ends_soon(at_desk, 1, 6)
    await ends_soon(at_desk, 2, 14)
    await ends_soon(at_desk, 3, 20)
    for query, rows in (("", 1), ("?days=7", 1), ("?days=14", 2), ("?days=20", 3), ("?days=400", 1), ("?days=%00", 1)):
        _, html = await at_desk.looks(f"/desk/reach{query}")
        assert html.count('class="go"') == rows, query
    _, html = await at_desk.looks("/desk/reach?days=14")
    assert "days=14&amp;lang=en" in html, "the other language keeps the choice"


async def test_a_long_report_shows_the_worst_and_counts_all(at_desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.console.reach_pages.SHOWN_MAX", 2)
    for number in (1, 2, 3):
        await ends_soon(at_desk, number)
    _, html = await at_desk.looks("/desk/reach")
    assert html.count('class="go"') == 2
    assert "只列出最要紧的 2 份，图里数的是全部 3 份" in html


async def test_nothing_ends_soon_is_said_so(at_desk: Office) -> None:
    await at_desk.opens_lease()
    _, html = await at_desk.looks("/desk/reach")
    assert "7 天内没有租约到期" in html
    _, html = await at_desk.looks("/desk/reach?lang=en&days=14")
    assert "No lease ends within 14 days" in html


async def test_all_reached_is_said_so(at_desk: Office) -> None:
    await tries(at_desk, await ends_soon(at_desk, 1), "template", status="delivered")
    _, html = await at_desk.looks("/desk/reach?lang=en")
    assert "nobody is without" in html
    assert 'class="sight without"' not in html, "no red in the picture"


async def test_the_report_is_behind_the_key_and_shows_one_operator_s_leases(keyed: Office) -> None:
    theirs = other_lease(3, OTHERS, SOON)
    await keyed.opens_lease(theirs, operator=OTHERS)
    assert (await keyed.looks("/desk/reach"))[0] == 401
    await keyed.enters(KEY)
    status, html = await keyed.looks("/desk/reach")
    assert (status, theirs.no in html) == (200, False)


async def test_reach_reads_in_english_too(at_desk: Office) -> None:
    stored = await ends_soon(at_desk, 1)
    await at_desk.store.add_task(call(stored))
    for rung, facts in (("sms", {"failure": "bad_number"}), ("template", {"failure": "opted_out"})):
        await tries(at_desk, stored, rung, status="failed", **facts)
    for path in ("/desk/reach", f"/desk/renewals/{stored.id}"):
        _, html = await at_desk.looks(f"{path}?lang=en")
        seen = re.sub(r"续租|中文|寓居生活|云栖公寓|3幢|开间|管家小林|陈\\*", " ", plain(html))
        assert re.findall(r"[\u4e00-\u9fff]+", seen) == [], path
        assert "opted out" in seen


# --- one renewal
async def test_a_renewal_shows_its_tries_in_words_with_segments_and_price(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    await tries(at_desk, stored, "template", status="failed", failure="opted_out", settled_at=NOW)
    await tries(at_desk, stored, "sms", status="accepted", via="aliyun", segments=2, price=90)
    _, html = await at_desk.looks(f"/desk/renewals/{stored.id}")
    seen = plain(html)
    for shown in ("模板消息", "没送到：租客已拒收", "阿里云", "已发出，等回执", "2 段", "0.090 元", "租约到期提醒"):
        assert shown in seen, shown
    _, html = await at_desk.looks(f"/desk/renewals/{stored.id}?lang=en")
    assert "opted out" in plain(html)


async def test_ways_are_told_without_their_addresses(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    _, html = await at_desk.looks(f"/desk/renewals/{stored.id}")
    assert "没有绑定" in html
    assert "号码正常，今天 0 条" in html
    await at_desk.store.bind("wechat", "o-tenant-1", stored.tenant, NOW)
    await at_desk.store.note_consent("o-tenant-1", "t-1", 1, NOW)
    await at_desk.store.suppress(stored.tenant, "sms", "TD", NOW)
    _, html = await at_desk.looks(f"/desk/renewals/{stored.id}")
    for shown in ("已绑定，已关注", "还可发 1 次", "已退订"):
        assert shown in plain(html), shown
    assert "o-tenant-1" not in html
    assert PHONE not in html


async def test_a_dead_number_and_a_lost_follower_are_shut(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    await at_desk.store.bind("wechat", "o-tenant-1", stored.tenant, NOW)
    await at_desk.store.note_follow("o-tenant-1", False, NOW)
    for hours in (0, 25):
        await at_desk.store.note_number(PHONE, NumberWord.HARD, "MK:0001", NOW + timedelta(hours=hours))
    _, html = await at_desk.looks(f"/desk/renewals/{stored.id}")
    assert "已绑定，没有关注" in plain(html)
    assert "空号或已停用" in html
    assert html.count('<li class="shut">') == 3


async def test_the_message_under_way_and_its_next_look(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    await at_desk.happens(stored, TierDue("T-30"), COMPS)
    live = (await at_desk.again(stored)).renewal.reaching
    assert live is not None
    _, html = await at_desk.looks(f"/desk/renewals/{stored.id}")
    assert "正在途中： 租约到期提醒" in plain(html) or "正在途中：租约到期提醒" in plain(html)
    assert "还没发出" in html
    await at_desk.happens(stored, MessageSent(key=live.key, rung="template", more=True))
    _, html = await at_desk.looks(f"/desk/renewals/{stored.id}")
    seen = plain(html)
    for shown in ("试过 模板消息", "等回执", "后面还有路可走", "下次查看 9月2日 10:30"):
        assert shown in seen, shown


async def test_a_call_task_shows_what_to_say(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    await at_desk.happens(stored, TierDue("T-30"), COMPS)
    _, html = await at_desk.looks(f"/desk/renewals/{stored.id}")
    assert "通话提纲" not in html
    await at_desk.store.add_task(call(stored))
    await tries(at_desk, stored, "template", status="failed", failure="unreachable")
    _, html = await at_desk.looks(f"/desk/renewals/{stored.id}")
    seen = plain(html)
    for shown in (
        "我是云栖公寓的管家小林", "您的租约到2026年10月2日，还有 30 天", "3 个续租方案", "我再给您发一次链接",
        "租金、工作变动", "最迟 9月2日 14:00", "消息发出后没有任何回音",
        "模板消息 9月2日 10:00 没送到（关机、停机或收不到）",
    ):  # fmt: skip
        assert shown in seen, shown


async def test_every_stage_of_a_call_reads_in_both_languages(at_desk: Office) -> None:
    stored = await at_desk.gated(await at_desk.opens_lease())
    await at_desk.store.add_task(call(stored))
    for lang, told in (("zh", "续租前有账单要先核清"), ("en", "A bill has to be cleared first")):
        status, html = await at_desk.looks(f"/desk/renewals/{stored.id}?lang={lang}")
        assert status == 200
        assert told in html


# --- old links
async def test_old_links_die_once_and_the_page_says_since_when(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    path = f"/desk/renewals/{stored.id}"
    _, html = await at_desk.looks(path)
    assert "撤不回来" in html
    assert await at_desk.store.links_dead_before(stored.id) is None
    status, _, headers = await at_desk.posts(f"{path}/links/revoke?lang=en")
    assert (status, headers["Location"]) == (303, f"{path}?lang=en#links")
    assert await at_desk.store.links_dead_before(stored.id) == NOW
    _, html = await at_desk.looks(path)
    assert "9月2日 10:00 以前的链接已作废" in plain(html)


async def test_an_sms_code_from_before_is_dead_too(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    code = await at_desk.store.short_code(stored.id, "AbCd2345", NOW + timedelta(days=9), NOW - timedelta(minutes=5))
    assert await at_desk.store.by_short_code(code, NOW) == stored.id
    await at_desk.posts(f"/desk/renewals/{stored.id}/links/revoke")
    assert await at_desk.store.by_short_code(code, NOW + timedelta(minutes=1)) is None


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("deed", ["links/revoke", "binding"])
async def test_a_foreign_page_s_form_does_nothing(at_desk: Office, deed: str, headers: dict[str, str]) -> None:
    stored = await at_desk.opens_lease()
    status, html, _ = await at_desk.posts(f"/desk/renewals/{stored.id}/{deed}", **headers)
    assert status == 403
    assert "没有执行" in html
    assert f'href="/desk/renewals/{stored.id}?lang=en"' in html, "the other language is a page, not the form"
    assert await at_desk.store.links_dead_before(stored.id) is None


@pytest.mark.parametrize("deed", ["links/revoke", "binding"])
async def test_deeds_need_the_key_and_one_s_own_renewal(keyed: Office, deed: str) -> None:
    mine = await keyed.opens_lease()
    theirs = await keyed.opens_lease(other_lease(3, OTHERS), operator=OTHERS)
    assert (await keyed.posts(f"/desk/renewals/{mine.id}/{deed}"))[0] == 401
    await keyed.enters(KEY)
    assert (await keyed.posts(f"/desk/renewals/{theirs.id}/{deed}"))[0] == 404
    assert (await keyed.looks(f"/desk/renewals/{mine.id}/{deed}"))[0] == 405
    for one in (mine, theirs):
        assert await keyed.store.links_dead_before(one.id) is None


# --- a WeChat to bind
async def test_the_code_to_scan_is_shown_and_its_origin_allowed(at_desk: Office) -> None:
    stored = await at_desk.opens_lease()
    status, html, headers = await at_desk.posts(f"/desk/renewals/{stored.id}/binding")
    assert status == 200
    assert f'src="{PICTURE.replace("&", "&amp;")}"' in html
    assert "只能用一次，30 分钟内有效" in html
    assert "img-src 'self' https://wechat.test;" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


async def test_no_picture_and_no_wechat_are_said_so(ledger: Store) -> None:
    async def silent(stored: Stored) -> str | None:
        return None

    async with office(ledger, binding=silent) as made:
        stored = await made.opens_lease()
        status, html, headers = await made.posts(f"/desk/renewals/{stored.id}/binding")
        assert (status, "微信暂时没有应答" in html) == (503, True)
        assert "img-src 'self';" in headers["Content-Security-Policy"]
    async with office(ledger, binding=None) as made:
        _, html = await made.looks(f"/desk/renewals/{stored.id}")
        assert "微信公众号还没有接好" in html
        assert "绑定微信二维码" not in html
        assert "微信公众号还没有接好" in (await made.posts(f"/desk/renewals/{stored.id}/binding"))[1]


@pytest.mark.parametrize(
    ("picture", "sources"),
    [
        ("https://wechat.test/code?ticket=a;script-src%20*", "'self' https://wechat.test"),
        ("http://127.0.0.1:8137/sandbox/qr", "'self' http://127.0.0.1:8137"),
        ("/own.png", "'self'"),
    ],
)
def test_the_policy_lets_in_one_origin_and_nothing_of_the_address(picture: str, sources: str) -> None:
    assert [part for part in showing(picture).split("; ") if "src" in part] == [
        "default-src 'none'", "style-src 'self'", f"img-src {sources}",
    ]  # fmt: skip


async def test_a_store_that_is_away_changes_nothing() -> None:
    async with office(Away()) as away:  # type: ignore[arg-type]
        assert (await away.looks("/desk/reach"))[0] == 503
        for deed in ("links/revoke", "binding"):
            status, html, _ = await away.posts(f"/desk/renewals/1/{deed}")
            assert (status, "什么都没有改变" in html) == (503, True)
