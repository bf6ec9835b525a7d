"""A client that others wrote (python-alipay-sdk) asks our sandbox, and believes and doubts what ours does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

import pytest
from alipay import AliPay, DCAliPay
from alipay.exceptions import AliPayValidationError
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from backend.payments.alipay_wire import cert_sn, root_sn
from backend.payments.port import Payer, PayError, PayState, Reason
from tests.backend.payments.alipay_till import APP, AlipayTill, alipay_till
from tests.backend.payments.till import key_pair


@pytest.fixture
async def till(merchant_key: tuple[str, str]) -> AsyncIterator[AlipayTill]:
    async with alipay_till(merchant_key) as one:
        one.clock.at = datetime.now(UTC)  # it signs by the machine's clock
        yield one


@pytest.fixture(autouse=True)
def in_beijing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It writes the machine's wall time and calls it Beijing's."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def foreign(till: AlipayTill, merchant_key: tuple[str, str]) -> Any:
    client = AliPay(APP, None, merchant_key[0], till.sandbox.public_pem)
    client._gateway = till.calls.shop.gateway
    return client


async def test_it_opens_asks_gives_back_and_closes(till: AlipayTill, foreign: Any) -> None:
    query = foreign.api_alipay_trade_wap_pay(
        subject="首期租金 B1",
        out_trade_no="R1P1A1",
        total_amount="3200.00",
        return_url="https://xuzu.example/r/t1",
        product_code="QUICK_WAP_WAY",
    )
    path = await till.opened(f"{till.calls.shop.gateway}?{query}")
    assert await till.pressed(path, "pay") == 200
    told = await asyncio.to_thread(foreign.api_alipay_trade_query, out_trade_no="R1P1A1")
    assert (told["code"], told["trade_status"], told["total_amount"]) == ("10000", "TRADE_SUCCESS", "3200.00")
    assert (await till.payments.state("R1P1A1")).state is PayState.PAID
    told = await asyncio.to_thread(
        foreign.api_alipay_trade_refund, refund_amount="3200.00", out_trade_no="R1P1A1", out_request_no="RFR1P1A1"
    )
    assert (told["fund_change"], told["refund_fee"]) == ("Y", "3200.00")
    till.clock.at += timedelta(seconds=30)
    told = await asyncio.to_thread(
        foreign.api_alipay_trade_fastpay_refund_query, out_request_no="RFR1P1A1", out_trade_no="R1P1A1"
    )
    assert told["refund_status"] == "REFUND_SUCCESS"
    assert await till.payments.refund_state("RFR1P1A1", "R1P1A1") is PayState.REFUNDED
    told = await asyncio.to_thread(foreign.api_alipay_trade_close, out_trade_no="R404")
    assert (told["code"], told["sub_code"]) == ("40004", "ACQ.TRADE_NOT_EXIST")


async def test_a_wrong_key_opens_nothing(till: AlipayTill) -> None:
    stranger = AliPay(APP, None, key_pair()[0], till.sandbox.public_pem)
    query = stranger.api_alipay_trade_wap_pay(subject="B1", out_trade_no="R1P1A1", total_amount="3200.00")
    async with till.session.get(f"{till.calls.shop.gateway}?{query}") as page:
        assert "GBK" in page.headers["Content-Type"].upper()
    assert till.sandbox.book.trades == {}


async def test_it_doubts_an_answer_with_one_sign_changed(till: AlipayTill, foreign: Any) -> None:
    await till.paid()
    raw = till.sandbox._seal.answer("alipay_trade_query_response", '{"code":"10000","total_amount":"3200.00"}').decode()
    assert foreign._verify_and_return_sync_response(raw, "alipay_trade_query_response")["code"] == "10000"
    with pytest.raises(AliPayValidationError):
        foreign._verify_and_return_sync_response(raw.replace("3200", "3201"), "alipay_trade_query_response")


async def test_it_believes_our_requests_and_no_changed_ones(till: AlipayTill, merchant_key: tuple[str, str]) -> None:
    """Its own check, given our public key, over every parameter that we sign."""
    checker = AliPay(APP, None, merchant_key[0], merchant_key[1])
    link = (await till.payments.order("R1P1A1", 320000, "首期租金 B1", Payer(back="https://xuzu.example/r/t"))).link
    fields = dict(parse_qsl(urlsplit(link).query))
    sign = fields.pop("sign")
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
    assert checker._verify(text, sign)
    for at in range(0, len(text), 7):
        bent = text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
        assert not checker._verify(bent, sign)


async def test_it_believes_our_notices_and_no_changed_ones(till: AlipayTill, foreign: Any) -> None:
    await till.paid()
    [letter] = till.sandbox.post.waiting
    fields = dict(parse_qsl(letter.body.decode(), keep_blank_values=True))
    sign = fields.pop("sign")
    assert foreign.verify(dict(fields), sign)
    for name in set(fields) - {"sign_type"}:
        assert not foreign.verify({**fields, name: f"{fields[name]}0"}, sign), name


async def test_one_sign_changed_anywhere_is_refused(till: AlipayTill) -> None:
    """In a notice at our door, in an answer, in a link: nothing moves."""
    await till.paid()
    [letter] = till.sandbox.post.waiting
    assert till.payments.parse_notice({}, letter.body).key == "R1P1A1"
    pairs = parse_qsl(letter.body.decode(), keep_blank_values=True)
    for name, value in pairs:
        if name == "sign_type":
            continue
        bent = "&".join(f"{n}={quote_plus(v + 'x' if n == name else v)}" for n, v in pairs)
        with pytest.raises(PayError) as fault:
            till.payments.parse_notice({}, bent.encode())
        assert fault.value.reason is Reason.CONFIG, (name, value)
    link = (await till.payments.order("R2P1A1", 320000, "首期租金 B2", Payer())).link
    for name, value in parse_qsl(urlsplit(link).query):
        bent = link.replace(f"{name}={quote_plus(value)}", f"{name}={quote_plus(value)}x", 1)
        assert bent != link
        async with till.session.get(bent) as page:
            assert "charset=GBK" in page.headers["Content-Type"], name
    assert list(till.sandbox.book.trades) == ["R1P1A1"]


def _certificate(name: str) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    parts = {
        NameOID.COUNTRY_NAME: "CN",
        NameOID.ORGANIZATION_NAME: "Ant Test",
        NameOID.ORGANIZATIONAL_UNIT_NAME: "Certification",
        NameOID.COMMON_NAME: name,
    }
    whole = x509.Name([x509.NameAttribute(kind, value) for kind, value in parts.items()])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(whole).issuer_name(whole).public_key(key.public_key())
    made = (
        made.serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(now + timedelta(days=9))
    )
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.filterwarnings("ignore:X509:DeprecationWarning", "ignore:.*deprecated:DeprecationWarning")
def test_the_serials_of_certificates_are_the_same() -> None:
    one, two = _certificate("Root R1"), _certificate("Root R2")
    assert cert_sn(one) == DCAliPay.get_cert_sn(one)
    assert root_sn(f"{one}\n{two}") == DCAliPay.get_root_cert_sn(f"{one}\n{two}") == f"{cert_sn(one)}_{cert_sn(two)}"
