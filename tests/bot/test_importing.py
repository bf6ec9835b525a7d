"""A ledger file comes into both kinds of store: all of it, once, and open renewals hear what changed."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from backend.db.port import Store, Stored, Window
from backend.ledger.reading import read_ledger
from bot.importing import import_command, import_ledger
from bot.settings import Settings
from dialogs.events import LeaseCorrected
from dialogs.money import yuan
from tests.backend.ledger.sheet import OPERATOR, TODAY, another, as_csv, as_xlsx, sheet

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
OWING = {"欠费金额": "100", "欠费账单号": "B-1", "欠费到期日": "2026-08-01"}


class Noon:
    def now(self) -> datetime:
        return NOW


class Counter:
    """Where a ledger is handed in: a folder, a store, and a screen that is kept."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.screen = io.StringIO()

    async def hand_in(self, *rows: dict[str, Any], dry_run: bool = False, raw: bytes | None = None) -> int:
        self.screen.truncate(self.screen.seek(0))
        file = self.folder / "台账.csv"
        file.write_bytes(as_csv(sheet(*rows)) if raw is None else raw)
        return await self.take(file, dry_run=dry_run)

    async def take(self, file: Path, *, dry_run: bool = False) -> int:
        console = Console(file=self.screen, width=200)
        return await import_ledger(self.store, file, OPERATOR, Noon(), dry_run=dry_run, console=console)

    @property
    def said(self) -> str:
        return self.screen.getvalue()

    async def tenant(self, lease_no: str) -> str:
        lease = await self.store.lease(OPERATOR, lease_no)
        assert lease is not None
        return lease.tenant.id

    async def open(self) -> list[Stored]:
        """Opens the window for all that end within it."""
        dues = {TODAY + timedelta(days=day): NOW for day in range(46)}
        await self.store.open_window(OPERATOR, Window(TODAY, 45, dues, "T-30", 1), NOW)
        return await self.store.renewals(OPERATOR)

    async def corrections(self, renewal_id: int) -> list[LeaseCorrected]:
        log = await self.store.log(renewal_id)
        return [one.event for one in log if isinstance(one.event, LeaseCorrected)]


@pytest.fixture
def counter(store: Store, tmp_path: Path) -> Counter:
    return Counter(store, tmp_path)


async def test_a_ledger_comes_in(counter: Counter) -> None:
    assert await counter.hand_in(another(1, 微信openid="oDemo1", **OWING), another(2)) == 0
    assert "新增 2，更新 0，未变 0" in counter.said
    lease = await counter.store.lease(OPERATOR, "HT-0001")
    assert lease is not None
    assert (lease.rent, lease.arrears) == (yuan(3200), yuan(100))
    person = await counter.store.person(lease.tenant.id)
    assert person is not None
    assert (person.name, person.phone) == ("示例1", "19900000001")
    assert await counter.store.addresses(lease.tenant.id) == {"wechat": "oDemo1"}
    assert [bill.no for bill in await counter.store.open_bills(OPERATOR, "HT-0001")] == ["B-1"]


async def test_an_xlsx_comes_in(counter: Counter) -> None:
    assert await counter.hand_in(raw=as_xlsx(sheet(another(1)))) == 0
    assert await counter.store.lease(OPERATOR, "HT-0001") is not None


async def test_a_dry_run_changes_nothing(counter: Counter) -> None:
    assert await counter.hand_in(another(1, 微信openid="oDemo1"), dry_run=True) == 0
    assert "1 份租约可导入" in counter.said
    assert "试运行：没有改动任何内容" in counter.said
    assert await counter.store.lease(OPERATOR, "HT-0001") is None
    assert await counter.hand_in(another(1, 微信openid="oDemo1")) == 0
    assert "新增 1" in counter.said


async def test_one_bad_row_keeps_all_out(counter: Counter) -> None:
    assert await counter.hand_in(another(1), another(2, 月租金="面议")) == 1
    assert "没有导入任何内容" in counter.said
    assert "J 月租金" in counter.said
    assert await counter.store.lease(OPERATOR, "HT-0001") is None
    report = (counter.folder / "台账.problems.csv").read_text("utf-8-sig")
    assert "需要修改,3,J 月租金,面议,看不懂这个金额" in report


async def test_a_dead_phone_is_listed_and_comes_in(counter: Counter) -> None:
    assert await counter.hand_in(another(1, 手机号="1.38E+10")) == 0
    assert "提醒（不影响导入）" in counter.said
    assert [one.name for one in counter.folder.iterdir() if "problems" in one.name] == []
    person = await counter.store.person(await counter.tenant("HT-0001"))
    assert person is not None
    assert person.phone == ""


async def test_the_same_file_twice_changes_nothing_and_says_so(counter: Counter) -> None:
    rows = (another(1, 微信openid="oDemo1", **OWING), another(2))
    await counter.hand_in(*rows)
    (renewal, _) = await counter.open()
    await counter.store.book_deposit(OPERATOR, "HT-0002", 5, NOW)
    await counter.store.unbind("wechat", "oDemo1")
    assert await counter.hand_in(*rows) == 0
    assert "这个文件以前导入过，没有改动任何内容" in counter.said
    kept = await counter.store.lease(OPERATOR, "HT-0002")
    assert kept is not None
    assert kept.deposit_held == 5
    assert await counter.store.addresses(await counter.tenant("HT-0001")) == {}
    assert await counter.corrections(renewal.id) == []


async def test_a_later_ledger_says_what_changed(counter: Counter) -> None:
    await counter.hand_in(another(1, **OWING), another(2))
    assert await counter.hand_in(another(1), another(2, 月租金="3300"), another(3)) == 0
    assert "新增 1，更新 2，未变 0" in counter.said
    assert await counter.store.open_bills(OPERATOR, "HT-0001") == []


async def test_an_open_renewal_hears_once_that_its_lease_changed(counter: Counter) -> None:
    await counter.hand_in(another(1), another(2))
    first, second = await counter.open()
    await counter.hand_in(another(1, 月租金="3300"), another(2))
    await counter.hand_in(another(1, 月租金="3300"), another(2))
    (heard,) = await counter.corrections(first.id)
    assert heard.lease.rent == yuan(3300)
    assert await counter.corrections(second.id) == []
    moved = await counter.store.load(first.id)
    assert moved is not None
    assert moved.renewal.lease.rent == yuan(3300)


async def test_a_correction_lost_with_its_process_is_made_up_for(counter: Counter) -> None:
    await counter.hand_in(another(1))
    (renewal,) = await counter.open()
    changed = as_csv(sheet(another(1, 月租金="3300")))
    reading = read_ledger(changed, "台账.csv", OPERATOR, TODAY)
    done = await counter.store.import_leases(OPERATOR, reading.rows, reading.sha256, NOW)
    assert done.corrected == (renewal.id,)
    assert await counter.corrections(renewal.id) == []
    for _ in range(2):
        assert await counter.hand_in(raw=changed) == 0
        assert len(await counter.corrections(renewal.id)) == 1


async def test_a_tenant_stays_the_same_person_in_the_next_lease(counter: Counter) -> None:
    """The ERP gives the next term a number of its own; the chat goes on."""
    await counter.hand_in(another(1, 微信openid="oDemo1"))
    following = {"合同编号": "HT-9001", "起租日": "2026-10-11", "到期日": "2027-10-10"}
    await counter.hand_in(another(1, **following))
    assert await counter.tenant("HT-9001") == await counter.tenant("HT-0001")
    assert await counter.store.addresses(await counter.tenant("HT-9001")) == {"wechat": "oDemo1"}


async def test_a_tenant_with_a_new_phone_stays_the_same_person(counter: Counter) -> None:
    await counter.hand_in(another(1))
    following = {"合同编号": "HT-9001", "起租日": "2026-10-11", "到期日": "2027-10-10"}
    await counter.hand_in(another(1, **following))
    known = await counter.tenant("HT-9001")
    await counter.hand_in(another(1, **{**following, "手机号": "19900007777"}))
    assert await counter.tenant("HT-9001") == known
    person = await counter.store.person(known)
    assert person is not None
    assert person.phone == "19900007777"


async def test_another_tenant_with_the_same_phone_is_another_person(counter: Counter) -> None:
    await counter.hand_in(another(1))
    await counter.hand_in(another(2, 手机号="19900000001"))
    assert await counter.tenant("HT-0001") != await counter.tenant("HT-0002")


async def test_an_address_moves_only_where_the_ledger_says_so(counter: Counter) -> None:
    """Of a tenant's addresses the one bound last is written to: a ledger that repeats the old one is no news."""
    await counter.hand_in(another(1, 微信openid="oDemoOld"))
    tenant = await counter.tenant("HT-0001")
    await counter.store.bind("wechat", "oDemoNew", tenant, NOW + timedelta(days=1))
    await counter.hand_in(another(1, 微信openid="oDemoOld", 备注="改"))
    assert await counter.store.addresses(tenant) == {"wechat": "oDemoNew"}


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04[/]", "编号;[/red]\n".encode()])
async def test_a_file_that_is_no_ledger_is_refused_in_words(counter: Counter, raw: bytes) -> None:
    assert await counter.hand_in(raw=raw) == 1
    assert "请" in counter.said or "应" in counter.said


async def test_headers_in_brackets_do_not_break_the_screen(counter: Counter) -> None:
    assert await counter.hand_in(another(1, **{"备[/]注": "x"})) == 0
    assert "备[/]注" in counter.said


async def test_a_file_that_is_not_there(counter: Counter) -> None:
    assert await counter.take(counter.folder / "没有.xlsx") == 1
    assert "打不开" in counter.said


async def test_a_report_that_cannot_be_written_is_said_not_fatal(counter: Counter) -> None:
    (counter.folder / "台账.problems.csv").mkdir()
    assert await counter.hand_in(another(1, 月租金="面议")) == 1
    assert "完整清单没有写成" in counter.said


async def test_many_doubts_go_into_the_file_few_onto_the_screen(counter: Counter) -> None:
    assert await counter.hand_in(*(another(number, 门锁编号="") for number in range(1, 36))) == 0
    assert "还有 5 处，见报告文件" in counter.said
    assert len((counter.folder / "台账.problems.csv").read_text("utf-8-sig").splitlines()) == 36


async def test_two_hundred_rows_show_how_far_they_are(counter: Counter) -> None:
    assert await counter.hand_in(*(another(number) for number in range(1, 201))) == 0
    assert "200/200" in counter.said


async def test_the_command_opens_the_store_itself(
    store_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "台账.csv"
    file.write_bytes(as_csv(sheet(another(1, 到期日=str(date.today() + timedelta(days=300))))))  # noqa: DTZ011
    settings = Settings(database_url=store_url, seal_key="5e" * 32, link_key="k" * 32, operators=(OPERATOR,))
    assert await import_command(settings, file, dry_run=False) == 0
    assert "新增 1" in capsys.readouterr().out


async def test_the_command_says_that_the_database_is_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = "postgresql://xuzu@127.0.0.1:1/xuzu"
    settings = Settings(database_url=nowhere, seal_key="5e" * 32, link_key="k" * 32, operators=(OPERATOR,))
    assert await import_command(settings, tmp_path / "台账.csv", dry_run=False) == 1
    assert "数据库没有应答" in capsys.readouterr().out
