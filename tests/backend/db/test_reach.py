"""What the store knows of reach: tries and receipts in any order, ways, refusals, numbers, doors, and the report."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import create_engine, inspect

from backend.db import doors, knowing, reach_tables, reaching, trying
from backend.db.port import DeskTask, Store, Stored
from backend.db.reach_port import Attempt, Focus, NumberWord, Passcode
from backend.db.reach_side import ReachSide
from dialogs.rungs import Contact
from tests.backend.db.town import NOW, OPERATOR, after, imported, lease, opened, phone, row

DAY = 86_400


def attempt(stored: Stored, key: str = "say:1:1", rung: str = "template", **facts: object) -> Attempt:
    channel = "sms" if rung == "sms" else "wechat"
    return Attempt(key, rung, stored.id, stored.tenant, "remind_warm", NOW, channel=channel, **facts)  # type: ignore[arg-type]


def test_each_part_has_its_place(sqlite_url: str) -> None:
    """Every table of reach is in the migrated database, and every method has its plain function."""
    engine = create_engine(sqlite_url)
    assert set(reach_tables.metadata.tables) <= {*inspect(engine).get_table_names()}
    engine.dispose()
    for module, name in ((trying, "begin"), (knowing, "ways"), (doors, "use_scene"), (reaching, "reach_report")):
        assert callable(getattr(module, name))
    assert ReachSide.__abstractmethods__ == {"read", "write"}


# --- attempts and receipts
async def test_an_attempt_is_begun_once_and_closed_by_its_receipt(store: Store) -> None:
    [stored] = await opened(store)
    mine = attempt(stored)
    assert await store.begin_attempt(mine) == NOW
    assert await store.begin_attempt(msgspec.structs.replace(mine, begun_at=after(9))) == NOW
    assert await store.receipt("wechat", "77", "", "", after(1)) is None
    await store.note_attempt(attempt(stored, status="accepted", ref="77", segments=2, price=90))
    found = await store.receipt("wechat", "77", "", "DELIVRD", after(5))
    assert found is not None
    assert (found.key, found.status, found.code, found.price) == ("say:1:1", "delivered", "DELIVRD", 90)
    [kept] = await store.attempts(stored.id)
    assert (kept, kept.settled_at) == (found, after(5))


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("", ""), "delivered"),
        (("", "bad_number"), "delivered"),
        (("bad_number", ""), "delivered"),
        (("bad_number", "bad_number"), "failed"),
        (("opted_out", "bad_number"), "failed"),
    ],
)
async def test_receipts_repeated_and_reordered_come_to_one_word(
    store: Store, words: tuple[str, str], status: str
) -> None:
    [stored] = await opened(store)
    await store.note_attempt(attempt(stored, rung="sms", status="accepted", ref="r1"))
    for place, word in enumerate(words):
        await store.receipt("sms", "r1", word, "", after(place))
    [kept] = await store.attempts(stored.id)
    assert (kept.status, kept.failure) == (status, "" if status == "delivered" else words[0])


async def test_a_receipt_that_was_quicker_is_not_undone_by_our_own_note(store: Store) -> None:
    [stored] = await opened(store)
    await store.note_attempt(attempt(stored, status="accepted", ref="r1"))
    await store.receipt("wechat", "r1", "", "", after(1))
    await store.note_attempt(attempt(stored, status="accepted", ref="r1"))
    assert [one.status for one in await store.attempts(stored.id)] == ["delivered"]


async def test_the_last_sms_is_what_a_bare_number_answers(store: Store) -> None:
    [stored] = await opened(store)
    assert await store.last_sms(stored.tenant) is None
    await store.note_attempt(attempt(stored, rung="sms", status="accepted", ref="r1"))
    await store.note_attempt(attempt(stored, "say:1:2", "sms", status="failed"))
    assert await store.last_sms(stored.tenant) == (stored.id, NOW)


# --- ways
async def test_the_ways_to_a_follower_with_a_phone(store: Store) -> None:
    [stored] = await opened(store)
    ways = await store.ways(stored.tenant, "t1", NOW)
    assert (ways.openid, ways.phone) == ("open-1", phone(1))
    assert ways.contact == Contact(wechat=True, followed=True, phone=True)
    await store.note_attempt(attempt(stored, rung="sms", status="accepted", ref="r1"))
    assert (await store.ways(stored.tenant, "t1", after(60))).contact.sms_today == 1
    assert (await store.ways(stored.tenant, "t1", after(DAY))).contact.sms_today == 0
    assert (await store.ways("nobody", "t1", NOW)).contact == Contact()


async def test_following_comes_and_goes_in_the_order_it_happened(store: Store) -> None:
    [stored] = await opened(store)
    await store.suppress(stored.tenant, "wechat", "48002", NOW)
    await store.note_follow("open-1", False, after(20))
    await store.note_follow("open-1", True, after(10))
    contact = (await store.ways(stored.tenant, "", NOW)).contact
    assert (contact.followed, contact.refuses_wechat) == (False, True), "the older push came later"
    await store.note_follow("open-1", True, after(30))
    contact = (await store.ways(stored.tenant, "", NOW)).contact
    assert (contact.followed, contact.refuses_wechat) == (True, False), "who follows again wants to hear again"
    await store.suppress(stored.tenant, "sms", "TD", NOW)
    await store.suppress(stored.tenant, "sms", "TD", after(9))
    assert (await store.ways(stored.tenant, "", NOW)).contact.refuses_sms


async def test_a_number_dies_of_two_hard_words_a_day_apart(store: Store) -> None:
    [stored] = await opened(store)
    number = phone(1)
    assert not await store.note_number(number, NumberWord.HARD, "MK:0001", NOW)
    assert not await store.note_number(number, NumberWord.HARD, "MK:0001", after(DAY - 1))
    assert not await store.note_number(number, NumberWord.SOFT, "EXPIRED", after(DAY))
    assert await store.note_number(number, NumberWord.HARD, "MK:0001", after(DAY + 1))
    assert not await store.note_number(number, NumberWord.HARD, "MK:0001", after(DAY * 9)), "it is dead already"
    assert (await store.ways(stored.tenant, "", NOW)).contact.phone_dead
    await store.note_number(number, NumberWord.GOOD, "DELIVRD", after(DAY * 10))
    assert not (await store.ways(stored.tenant, "", NOW)).contact.phone_dead


async def test_consents_are_counted_and_never_below_none(store: Store) -> None:
    [stored] = await opened(store)

    async def left() -> int:
        return (await store.ways(stored.tenant, "t1", NOW)).contact.consents

    for change, expected in ((1, 1), (1, 2), (-1, 1), (-1, 0), (-1, 0), (1, 1), (0, 0)):
        await store.note_consent("open-1", "t1", change, NOW)
        assert await left() == expected
    await store.note_consent("open-1", "other", 1, NOW)
    assert await left() == 0


async def test_who_texts_is_found_by_the_ledgers_number(store: Store) -> None:
    [stored] = await opened(store)
    found = await store.find_by_phone(phone(1), "s1", NOW)
    assert (found.tenant, [one.id for one in found.renewals], found.seen) == (stored.tenant, [stored.id], False)
    assert (await store.find_by_phone("13900000000", "s1", NOW)).renewals == ()


# --- doors
async def test_a_binding_scene_is_used_once(store: Store) -> None:
    [stored] = await opened(store)
    await store.make_scene("sc-1", stored.tenant, after(1800), NOW)
    assert await store.use_scene("sc-1", "open-new", after(2000)) is None, "too late"
    first, second = await asyncio.gather(*(store.use_scene("sc-1", one, after(9)) for one in ("open-a", "open-b")))
    assert sorted([first or "", second or ""]) == ["", stored.tenant], "two phones at once: one has it"
    winner = "open-a" if first else "open-b"
    assert await store.use_scene("sc-1", winner, after(10)) == stored.tenant
    assert (await store.ways(stored.tenant, "", after(11))).openid == winner
    assert await store.use_scene("no-such", "open-a", after(9)) is None


async def test_a_short_code_stands_until_it_is_called_back(store: Store) -> None:
    [stored] = await opened(store)
    assert await store.short_code(stored.id, "AAAA1111", after(DAY), NOW) == "AAAA1111"
    assert await store.short_code(stored.id, "BBBB2222", after(DAY), after(5)) == "AAAA1111", "one code a renewal"
    assert await store.by_short_code("AAAA1111", after(9)) == stored.id
    assert await store.by_short_code("BBBB2222", after(9)) is None
    assert await store.by_short_code("AAAA1111", after(DAY)) is None
    assert await store.links_dead_before(stored.id) is None
    await store.revoke_links(stored.id, after(20))
    assert await store.links_dead_before(stored.id) == after(20)
    assert await store.by_short_code("AAAA1111", after(21)) is None
    assert await store.short_code(stored.id, "CCCC3333", after(DAY), after(30)) == "CCCC3333"
    assert await store.by_short_code("CCCC3333", after(31)) == stored.id


async def test_a_passcode_wears_out(store: Store) -> None:
    [stored] = await opened(store)
    until = after(600)
    assert await store.try_passcode(stored.id, "000000", NOW) is Passcode.WORN_OUT
    assert await store.put_passcode(stored.id, "123456", until, NOW)
    assert not await store.put_passcode(stored.id, "654321", until, after(30)), "one a minute"
    assert await store.try_passcode(stored.id, "000000", after(40)) is Passcode.WRONG
    assert await store.try_passcode(stored.id, "123456", after(41)) is Passcode.RIGHT
    assert await store.try_passcode(stored.id, "123456", after(42)) is Passcode.WORN_OUT, "right once"
    assert await store.put_passcode(stored.id, "222222", after(900), after(100))
    wrong = [await store.try_passcode(stored.id, "000000", after(110)) for _ in range(6)]
    assert wrong == [Passcode.WRONG] * 5 + [Passcode.WORN_OUT]
    assert await store.try_passcode(stored.id, "222222", after(111)) is Passcode.WORN_OUT
    for place in range(3):
        assert await store.put_passcode(stored.id, "333333", after(9000), after(200 + 61 * place))
    assert not await store.put_passcode(stored.id, "444444", after(9000), after(2000)), "five a day"


# --- which of several leases
async def test_a_focus_is_one_row_an_address_and_survives_the_next_word(store: Store) -> None:
    [stored] = await opened(store)
    assert await store.focus("wechat", "open-1") is None
    asked = Focus(None, NOW, "押金\x00能退多少\u202e" * 900)
    await store.put_focus("wechat", "open-1", asked)
    await store.put_focus("sms", "open-1", Focus(None, NOW))
    assert await store.focus("wechat", "open-1") == asked
    picked = Focus(stored.id, after(60))
    await asyncio.gather(*(store.put_focus("wechat", "open-1", picked) for _ in range(5)))
    assert await store.focus("wechat", "open-1") == picked, "the words that made us ask are gone with the answer"
    assert await store.focus("sms", "open-1") == Focus(None, NOW)
    assert await store.focus("wechat", "open-2") is None


# --- the report
async def test_the_report_names_proof_task_and_who_has_neither(store: Store) -> None:
    told, asked, nobody = await opened(store, 3)
    await imported(store, row(9, lease(9, end=NOW.date() + timedelta(days=300))))
    await store.note_attempt(attempt(told, status="accepted", ref="r1"))
    await store.receipt("wechat", "r1", "", "", after(1))
    await store.note_attempt(attempt(asked, "say:2:1", "sms", status="failed", failure="bad_number", code="MK:0001"))
    await store.add_task(DeskTask(asked.id, "k1", "repair_contact", "housekeeper", "why", "hk1", NOW))
    rows = {one.renewal_id: one for one in await store.reach_report(OPERATOR, lease(1).end)}
    assert {one: (rows[one].proof, rows[one].task) for one in rows} == {
        told.id: ("delivered", ""),
        asked.id: ("", "repair_contact"),
        nobody.id: ("", ""),
    }
    assert (rows[asked.id].attempts, rows[asked.id].last_failure) == (1, "bad_number MK:0001")
    assert await store.reach_report(OPERATOR, NOW.date()) == []
    assert await store.reach_report("other", lease(1).end) == []
