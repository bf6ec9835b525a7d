"""One row: what becomes of each cell, and each complaint word for word."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from backend.ledger.checking import Problem, RowCheck, masked
from backend.ledger.headers import columns
from dialogs.lease import Role
from dialogs.money import yuan
from tests.backend.ledger.sheet import GOOD, OPERATOR, another, read

FULL = {
    **GOOD,
    "楼层段": "高层",
    "证件号": "330101199001010000",
    "共同承租人": "李示例：199 0000 0002；王示例:19900000003",
    "担保人": "赵示例:19900000004",
    "付款周期": "季付",
    "欠费金额": "1,280",
    "欠费账单号": "B-7",
    "欠费到期日": "2026/8/15",
    "管家": "管家A",
    "定制房源": "是",
    "房源类型": "保租房",
    "上游到期日": "2028年3月31日",
    "逾期次数": "2",
    "未结报修": "1",
    "累计租住月数": "24",
    "微信openid": "oDemo1",
}


def test_every_column_arrives() -> None:
    (row,) = read(FULL).rows
    lease, unit = row.lease, row.lease.unit
    assert (lease.no, lease.operator, lease.housekeeper, lease.lock) == ("HT-001", OPERATOR, "管家A", "700001")
    assert (unit.community, unit.building, unit.room, unit.layout) == ("翠苑", "3幢", "0501", "开间")
    assert (unit.floor_band, unit.custom, unit.policy_type) == ("high", True, "affordable")
    assert (lease.start, lease.end) == (date(2025, 10, 11), date(2026, 10, 10))
    assert (lease.rent, lease.deposit_due, lease.deposit_held) == (yuan(3200), yuan(3200), yuan(3200))
    assert (lease.pay_cycle_months, lease.late_payments, lease.open_repairs, lease.tenancy_months) == (3, 2, 1, 24)
    assert lease.head_lease_end == date(2028, 3, 31)
    assert lease.arrears == yuan(1280)
    (bill,) = row.bills
    assert (bill.no, bill.lease_no, bill.due, bill.amount) == ("B-7", "HT-001", date(2026, 8, 15), yuan(1280))
    assert row.openid == "oDemo1"


def test_everybody_who_signs_is_a_party_with_a_sealed_row() -> None:
    (row,) = read(FULL).rows
    assert [party.role for party in row.lease.parties] == [
        Role.TENANT, Role.CO_TENANT, Role.CO_TENANT, Role.GUARANTOR,
    ]  # fmt: skip
    assert [party.id for party in row.lease.parties] == [person.id for person in row.people]
    assert [(person.name, person.phone) for person in row.people] == [
        ("张示例", "19900000001"),
        ("李示例", "19900000002"),
        ("王示例", "19900000003"),
        ("赵示例", "19900000004"),
    ]
    assert row.people[0].id_number == "330101199001010000"


def test_what_the_ledger_does_not_say() -> None:
    (row,) = read(GOOD).rows
    lease = row.lease
    assert (lease.pay_cycle_months, lease.tenancy_months, lease.housekeeper) == (1, 12, "housekeeper")
    assert (lease.unit.floor_band, lease.unit.custom, lease.unit.policy_type) == ("middle", False, "market")
    assert (row.bills, row.openid, lease.head_lease_end) == ((), "", None)


LETTER = {"手机号": "G", "租客姓名": "F", "到期日": "I", "起租日": "H", "月租金": "J", "合同编号": "A", "社区": "B",
          "应收押金": "K", "已收押金": "L", "房号": "D", "门锁编号": "M"}  # fmt: skip


@pytest.mark.parametrize(
    ("header", "typed", "what", "cure"),
    [
        ("合同编号", "", "不能为空", "请补上"),
        ("社区", "", "不能为空", "请补上"),
        ("租客姓名", "", "不能为空", "请补上"),
        ("房号", "9" * 61, "太长了", "请缩短到 60 字以内"),
        ("门锁编号", "9" * 61, "太长了", "请缩短到 60 字以内"),
        ("到期日", "2025-10-11", "到期日不晚于起租日", "请核对两个日期"),
        ("起租日", "去年", "看不懂这个日期", "请写成 2026-09-30 这样的年-月-日"),
        ("月租金", "0", "月租金不能为 0", "请填写合同上的月租金"),
        ("应收押金", "", "看不懂这个金额", "请只写数字，单位为元，例如 3200 或 3200.50"),
    ],
)
def test_what_keeps_a_ledger_out(header: str, typed: str, what: str, cure: str) -> None:
    found = read({**GOOD, header: typed})
    assert found.problems == (Problem(2, f"{LETTER[header]} {header}", masked("", typed), what, cure),)
    assert found.rows == ()


@pytest.mark.parametrize(
    ("more", "column", "what"),
    [
        ({"付款周期": "周付"}, "N 付款周期", "看不懂付款周期"),
        ({"定制房源": "也许"}, "N 定制房源", "应填 是 或 否"),
        ({"楼层段": "12"}, "N 楼层段", "不认识这个写法"),
        ({"房源类型": "公租"}, "N 房源类型", "不认识这个写法"),
        ({"共同承租人": "李示例"}, "N 共同承租人", "看不懂这里的姓名和手机号"),
        ({"担保人": ":19900000004"}, "N 担保人", "看不懂这里的姓名和手机号"),
        ({"共同承租人": "甲:1;" * 21}, "N 共同承租人", "人数太多"),
        ({"欠费金额": "100"}, "arrears_due", "有欠费但没有账单到期日"),
        ({"上游到期日": "待定"}, "N 上游到期日", "看不懂这个日期"),
        ({"逾期次数": "很多"}, "N 逾期次数", "应为整数"),
    ],
)
def test_what_keeps_a_ledger_out_in_optional_columns(more: dict[str, Any], column: str, what: str) -> None:
    (problem,) = read({**GOOD, **more}).problems
    assert (problem.column, problem.what) == (column, what)


@pytest.mark.parametrize(
    ("header", "typed", "what"),
    [
        ("手机号", "1.38E+10", "手机号被 Excel 变成了科学计数法，末几位已丢失"),
        ("手机号", "", "没有手机号"),
        ("门锁编号", "", "没有门锁编号"),
        ("应收押金", "9601", "押金超过 3 个月租金"),
        ("已收押金", "3201", "已收押金多于应收押金"),
        ("到期日", "2026-08-31", "租约已经到期"),
    ],
)
def test_what_is_only_worth_a_look(header: str, typed: str, what: str) -> None:
    found = read({**GOOD, header: typed})
    assert [(one.column, one.what) for one in found.warnings] == [(f"{LETTER[header]} {header}", what)]
    assert found.problems == ()
    assert len(found.rows) == 1


def test_a_tenant_with_a_dead_phone_comes_in_without_it() -> None:
    (row,) = read({**GOOD, "手机号": "12345"}).rows
    assert row.people[0].phone == ""
    assert row.lease.tenant.id == row.people[0].id


def test_a_co_tenant_with_a_dead_phone_comes_in_without_it() -> None:
    found = read({**GOOD, "共同承租人": "李示例:12345"})
    assert [one.what for one in found.warnings] == ["不是有效的 11 位手机号"]
    assert found.rows[0].people[1].phone == ""


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = read({**GOOD, "到期日": "?", "月租金": "?", "房号": ""}, another(2, 合同编号=""))
    assert [(one.row, one.column) for one in found.problems] == [
        (2, "D 房号"), (2, "I 到期日"), (2, "J 月租金"), (3, "A 合同编号"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "cell", "shown"),
    [
        ("phone", "13800000001", "138****"),
        ("id_number", "330101199001010000", "330****"),
        ("tenant", "张三丰", "张**"),
        ("co_tenants", "李四:13800000001", "李**"),
        ("openid", "oDemo1234567", "oDe****"),
        ("rent", "面议", "面议"),
        ("phone", "", ""),
    ],
)
def test_people_are_masked(field: str, cell: str, shown: str) -> None:
    assert masked(field, cell) == shown


def test_no_complaint_spells_out_a_person() -> None:
    found = read({**FULL, "手机号": "99900001111", "共同承租人": "李示例 13800001111", "到期日": ""})
    said = " ".join(f"{one.value}{one.what}{one.cure}" for one in (*found.problems, *found.warnings))
    assert not any(secret in said for secret in ("0001111", "张示例", "李示例", "330101"))


def test_a_row_without_lease_and_tenant_is_a_vacant_flat() -> None:
    found = columns(list(GOOD))
    assert RowCheck(3, ["", "翠苑", "3幢", "0502"], found, OPERATOR).vacant
    assert not RowCheck(3, ["HT-2"], found, OPERATOR).vacant
