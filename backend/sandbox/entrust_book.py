"""What WeChat Pay remembers of entrusted deductions: contracts, their notices, charges and the rules between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))
FIRST_HOUR, LAST_HOUR = 7, 22
SETTLES_IN = timedelta(seconds=30)
A_DAY = timedelta(hours=24)


class No(Exception):
    """``result_code`` FAIL with this ``err_code``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Told:
    """A notice before a charge: charges are taken from ``first`` to ``last`` (Beijing days), up to ``most`` fen."""

    first: date
    last: date
    most: int
    used: bool = False


@dataclass
class Contract:
    code: str
    contract_id: str
    signed_at: datetime
    notify_url: str
    ended_at: datetime | None = None
    told: list[Told] = field(default_factory=list)
    fate: str = ""
    """The ``err_code`` that the tenant's bank answers with from now on; empty: it pays."""


@dataclass
class Charge:
    """A deduction under way; ``asked`` holds the request's fields, ``state`` is ACCEPT, SUCCESS or PAY_FAIL."""

    asked: dict[str, str]
    contract: Contract
    at: datetime
    settles_at: datetime
    state: str = "ACCEPT"
    err_code: str = ""

    @property
    def number(self) -> str:
        return self.asked["out_trade_no"]

    @property
    def total(self) -> int:
        return int(self.asked["total_fee"])


class Deeds:
    """Contracts by our merchant's code, charges by their number. ``mode``: ``notice`` or ``day``, as on the plan."""

    def __init__(self, mode: str, single_limit: int, day_limit: int) -> None:
        self.mode = mode
        self.single_limit = single_limit
        self.day_limit = day_limit
        self.contracts: dict[str, Contract] = {}
        self.charges: dict[str, Charge] = {}

    def sign(self, code: str, notify_url: str, now: datetime) -> Contract:
        """Raises No: the code is spent. One tenant is one code here, so one active contract each."""
        if code in self.contracts:
            raise No("CONTRACT_EXIST", "签约协议号重复")
        contract = Contract(code, f"2026{len(self.contracts) + 1:024d}", now, notify_url)
        self.contracts[code] = contract
        return contract

    def by_id(self, contract_id: str) -> Contract:
        """Raises No."""
        for contract in self.contracts.values():
            if contract.contract_id == contract_id:
                return contract
        raise No("CONTRACT_NOT_EXIST", "协议不存在")

    def by_code(self, code: str) -> Contract:
        """Raises No."""
        if code not in self.contracts:
            raise No("CONTRACT_NOT_EXIST", "协议不存在")
        return self.contracts[code]

    def tell(self, contract: Contract, most: int, days: int, now: datetime) -> None:
        """Raises No outside the hours, or for a contract that ended."""
        if contract.ended_at is not None:
            raise No("CONTRACT_NOT_EXIST", "协议已解约")
        _daytime(now)
        first = now.astimezone(BEIJING).date() + timedelta(days=2)
        contract.told.append(Told(first, first + timedelta(days=days - 1), most))

    def ask(self, asked: dict[str, str], now: datetime) -> Charge:
        """Accepted, or accepted before. Raises No."""
        known = self.charges.get(asked["out_trade_no"])
        if known is not None:
            return _again(known, asked)
        contract = self.by_id(asked["contract_id"])
        self._check(contract, int(asked["total_fee"]), now)
        wait = A_DAY if self.mode == "day" else SETTLES_IN
        charge = Charge(asked, contract, now, now + wait)
        self.charges[charge.number] = charge
        return charge

    def settle(self, now: datetime) -> list[Charge]:
        """Those whose hour has come, each once."""
        ready = [one for one in self.charges.values() if one.state == "ACCEPT" and one.settles_at <= now]
        for one in ready:
            ended = "CONTRACT_NOT_EXIST" if one.contract.ended_at is not None else ""
            one.err_code = ended or one.contract.fate
            one.state = "PAY_FAIL" if one.err_code else "SUCCESS"
            if one.state == "SUCCESS" and one.contract.told:
                one.contract.told[-1].used = True
        return ready

    def _check(self, contract: Contract, total: int, now: datetime) -> None:
        if contract.ended_at is not None:
            raise No("CONTRACT_NOT_EXIST", "协议已解约")
        if self.mode == "notice":
            _daytime(now)
            _noticed(contract, total, now)
        if total > self.single_limit or total + self._today(contract, now) > self.day_limit:
            raise No("RULELIMIT", "交易金额或次数超出限制")

    def _today(self, contract: Contract, now: datetime) -> int:
        day = now.astimezone(BEIJING).date()
        return sum(
            one.total
            for one in self.charges.values()
            if one.contract is contract and one.state != "PAY_FAIL" and one.at.astimezone(BEIJING).date() == day
        )


def _again(known: Charge, asked: dict[str, str]) -> Charge:
    told = {name: value for name, value in asked.items() if name not in ("nonce_str", "sign")}
    before = {name: value for name, value in known.asked.items() if name not in ("nonce_str", "sign")}
    if told != before or known.state == "PAY_FAIL":
        raise No("OUT_TRADE_NO_USED", "商户订单号重复")
    if known.state == "SUCCESS":
        raise No("ORDERPAID", "订单已支付")
    return known


def _noticed(contract: Contract, total: int, now: datetime) -> None:
    day = now.astimezone(BEIJING).date()
    open_now = [one for one in contract.told if one.first <= day <= one.last and not one.used]
    if not open_now:
        raise No("INVALID_REQUEST", "未发起扣费预通知或预通知已失效")
    if total > max(one.most for one in open_now):
        raise No("INVALID_REQUEST", "扣费金额大于预通知金额")


def _daytime(now: datetime) -> None:
    if not time(FIRST_HOUR) <= now.astimezone(BEIJING).time() < time(LAST_HOUR):
        raise No("INVALID_REQUEST", "请在7:00-22:00之间操作")
