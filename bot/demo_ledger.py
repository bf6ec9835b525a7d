"""Makes the demo's lease ledger, ``templates/demo/寓居生活.xlsx``: made up from one seed, with the counts of the case.

Run ``python -m bot.demo_ledger`` to make it anew, ``… FILE.csv`` for a twin in GB18030; ``docs/ledger.md`` lists what
is in it.
"""

from __future__ import annotations

import csv
import hashlib
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

PATH = Path(__file__).parent.parent / "templates" / "demo" / "寓居生活.xlsx"
TITLE = "寓居生活 租约台账（演示数据，人名、电话、合同均为虚构）"
SEED = 20260901
UNITS, LIVE, IN_WINDOW = 213, 196, 68
WINDOW_FROM, WINDOW_DAYS = date(2026, 10, 2), 15
LATER_FROM, LATER_DAYS = date(2026, 12, 20), 250

HEADERS = (
    "合同编号", "社区", "楼栋", "房号", "户型", "楼层段", "租客姓名", "手机号", "共同承租人", "担保人",
    "起租日", "到期日", "月租金（元）", "应收押金", "已收押金", "付款周期", "欠费金额", "欠费账单号", "欠费到期日",
    "管家", "门锁编号", "定制房源", "房源类型", "上游到期日", "逾期次数", "未结报修", "累计租住月数", "微信openid",
    "备注",
)  # fmt: skip


class Community(msgspec.Struct, frozen=True):
    """``trend``: what new leases cost against old ones, so that some tenants are offered less and some more."""

    name: str
    studio: int
    """Yuan a month for a studio (开间)."""
    trend: float
    affordable: bool = False


COMMUNITIES = (
    Community("滨江·江畔寓", 3300, 1.06),
    Community("滨江·星澜里", 3100, 0.94),
    Community("西湖·文一居", 2900, 1.03),
    Community("余杭·未来寓", 2300, 0.90),
    Community("拱墅·运河里", 2600, 1.00),
    Community("萧山·钱江寓", 2100, 1.04),
    Community("上城·人才公寓", 1900, 1.01, affordable=True),
)
SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张"


class Special(msgspec.Struct, frozen=True):
    """Which leases of the window are what; numbers count the window's leases from 0."""

    custom: frozenset[int] = frozenset({9, 30, 51})
    arrears: frozenset[int] = frozenset({3, 14, 22, 37, 45, 60})
    short_deposit: frozenset[int] = frozenset({6, 22, 41, 57})
    dead_phone: frozenset[int] = frozenset({17, 48})
    not_following: frozenset[int] = frozenset({33})
    co_tenant: frozenset[int] = frozenset({1, 12, 25, 39, 62})
    guarantor: frozenset[int] = frozenset({20, 54})
    short_head_lease: frozenset[int] = frozenset({28})


SPECIAL = Special()
_DEAD = "演示：手机号已停用"


def rows() -> list[dict[str, Any]]:
    """One a flat, by header; a flat without a lease has only its place and its lock."""
    luck = random.Random(SEED)
    flats = list(_flats(luck))
    vacant = set(luck.sample([number for number in range(UNITS) if number % 3], UNITS - LIVE))
    let = [number for number in range(UNITS) if number not in vacant]
    window = {number: order for order, number in enumerate(sorted(luck.sample(let, IN_WINDOW)))}
    made = []
    for number, flat in enumerate(flats):
        if number in vacant:
            made.append({**flat, "备注": "空置"})
        elif number in window:
            made.append({**flat, **_ending(window[number], flat, number, luck)})
        else:
            made.append({**flat, **_later(flat, number, luck)})
    return [{name: value for name, value in row.items() if not name.startswith("_")} for row in made]


def dead_numbers() -> frozenset[str]:
    """Numbers of the ledger's tenants that do not exist any more."""
    return frozenset(row["手机号"] for row in rows() if row.get("备注") == _DEAD)


def _flats(luck: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(UNITS):
        community = COMMUNITIES[number % len(COMMUNITIES)]
        layout = "一居室" if luck.random() < 0.35 else "开间"
        floor = 2 + number // len(COMMUNITIES) % 15
        yield {
            "_community": community,
            "社区": community.name,
            "楼栋": f"{1 + number // 70}幢",
            "房号": f"{floor}{1 + number % 9:02d}{'ABC'[number // 105 % 3]}",
            "户型": layout,
            "楼层段": "低" if floor < 6 else "中" if floor < 12 else "高",
            "门锁编号": 700001 + number,
            "管家": f"管家{'ABC'[number % 3]}",
            "房源类型": "保租房" if community.affordable else "市场",
        }


def _rent(flat: dict[str, Any], factor: float, luck: random.Random) -> int:
    community: Community = flat["_community"]
    area = 1.35 if flat["户型"] == "一居室" else 1.0
    floor = {"低": 0.98, "中": 1.0, "高": 1.03}[flat["楼层段"]]
    return round(community.studio * area * floor * factor * luck.uniform(0.98, 1.02) / 10) * 10


def _ending(order: int, flat: dict[str, Any], number: int, luck: random.Random) -> dict[str, Any]:
    """A lease of the coming window."""
    end = WINDOW_FROM + timedelta(days=order % WINDOW_DAYS)
    custom = order in SPECIAL.custom
    rent = _rent(flat, 1.0, luck) if not custom else 12800 + 1000 * order // 10
    row = _lease(number, end, rent, luck)
    reached = order not in SPECIAL.dead_phone and order not in SPECIAL.not_following
    row |= {
        "户型": "合院" if custom else flat["户型"],
        "定制房源": "是" if custom else "否",
        "已收押金": rent // 2 if order in SPECIAL.short_deposit else rent,
        "微信openid": _openid(number) if reached else "",
        "备注": _remark(order),
    }
    if order in SPECIAL.arrears:
        row |= {"欠费金额": 80 + 40 * (order % 9), "欠费账单号": f"B2608-{number:03d}", "欠费到期日": date(2026, 8, 15)}
    if order in SPECIAL.co_tenant:
        row["共同承租人"] = f"{_name(number + 7)}:{_phone(number + 500)}"
    if order in SPECIAL.guarantor:
        row["担保人"] = f"{_name(number + 3)}:{_phone(number + 700)}"
    if order in SPECIAL.short_head_lease:
        row["上游到期日"] = date(2028, 3, 31)
    return row


def _remark(order: int) -> str:
    if order in SPECIAL.dead_phone:
        return _DEAD
    return "演示：未关注公众号" if order in SPECIAL.not_following else ""


def _later(flat: dict[str, Any], number: int, luck: random.Random) -> dict[str, Any]:
    """A lease that ends after the season; the younger ones are what comparable rents are read from."""
    end = LATER_FROM + timedelta(days=luck.randrange(LATER_DAYS))
    rent = _rent(flat, flat["_community"].trend, luck)
    return {**_lease(number, end, rent, luck), "已收押金": rent, "微信openid": _openid(number), "定制房源": "否"}


def _lease(number: int, end: date, rent: int, luck: random.Random) -> dict[str, Any]:
    start = date(end.year - 1, end.month, end.day) + timedelta(days=1)
    return {
        "合同编号": f"YJ{start:%y%m}-{number + 1:03d}",
        "租客姓名": _name(number),
        "手机号": _phone(number),
        "起租日": start,
        "到期日": end,
        "月租金（元）": rent,
        "应收押金": rent,
        "付款周期": luck.choices(("月付", "季付", "半年付"), weights=(5, 4, 1))[0],
        "逾期次数": luck.choices((0, 1, 2, 3), weights=(14, 4, 2, 1))[0],
        "未结报修": luck.choices((0, 1), weights=(9, 1))[0],
        "累计租住月数": luck.choice((12, 12, 12, 24, 24, 36)),
    }


def _name(number: int) -> str:
    return f"{SURNAMES[number % len(SURNAMES)]}示例"


def _phone(number: int) -> str:
    """All demo numbers are 1990000 and four digits."""
    return f"1990000{number:04d}"


def _openid(number: int) -> str:
    return f"oDemo{hashlib.sha256(str(number).encode()).hexdigest()[:23]}"


def table() -> Iterator[list[Any]]:
    """The sheet's rows from the top: title, header, flats."""
    yield [TITLE]
    yield list(HEADERS)
    for row in rows():
        yield [row.get(name, "") for name in HEADERS]


def write(path: Path) -> None:
    """The same cells each time."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "租约台账"
    for row in table():
        sheet.append(row)
    for index, name in enumerate(HEADERS, 1):
        sheet.cell(2, index).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(index)].width = max(10, 2 * len(name) + 2)
    sheet.freeze_panes = "A3"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def write_csv(path: Path) -> None:
    """As a Chinese Excel saves CSV: GB18030."""
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(table())


if __name__ == "__main__":
    wanted = Path(sys.argv[1]) if len(sys.argv) > 1 else PATH
    (write_csv if wanted.suffix == ".csv" else write)(wanted)
