"""The emulator met by a client written here from the wire facts alone, not by our adapter."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from backend.sandbox.wechatpay import WeChatPaySandbox
from backend.sandbox.wechatpay_book import Outcome
from backend.sandbox.wechatpay_faults import Fault, Troubles
from backend.sandbox.wechatpay_seal import MerchantAccount

APIV3 = "fedcba9876543210fedcba9876543210"
BEGAN = datetime(2026, 9, 20, 4, 0, tzinfo=UTC)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
JSAPI = "/v3/pay/transactions/jsapi"


@dataclass
class Stranger:
    """A merchant's own client: signs by hand, looks at raw answers."""

    sandbox: WeChatPaySandbox
    session: aiohttp.ClientSession
    api: str
    now: datetime = BEGAN
    skew: timedelta = timedelta()

    def signed(self, method: str, target: str, body: bytes) -> dict[str, str]:
        seconds = str(int((self.now + self.skew).timestamp()))
        message = f"{method}\n{target}\n{seconds}\nN0NCE\n".encode() + body + b"\n"
        signature = base64.b64encode(KEY.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()
        fields = f'mchid="m1",nonce_str="N0NCE",timestamp="{seconds}",serial_no="S1",signature="{signature}"'
        return {
            "Authorization": f"WECHATPAY2-SHA256-RSA2048 {fields}",
            "Accept": "application/json",
            "User-Agent": "stranger",
            "Content-Type": "application/json",
        }

    async def call(self, method: str, target: str, fields: object = None, **headers: str) -> tuple[int, dict[str, str]]:
        body = b"" if fields is None else json.dumps(fields).encode()
        sent = self.signed(method, target, body) | headers
        if not body:
            del sent["Content-Type"]
        async with self.session.request(method, self.api + target, data=body or None, headers=sent) as answer:
            raw = await answer.read()
            if answer.status < 300:
                self.check(answer.headers, raw)
            return answer.status, json.loads(raw) if raw else {}

    def check(self, headers: object, raw: bytes) -> None:
        """Is the answer signed by the platform?"""
        assert hasattr(headers, "__getitem__")
        message = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n".encode() + raw + b"\n"
        key = load_pem_public_key(self.sandbox.public_key_pem.encode())
        assert isinstance(key, rsa.RSAPublicKey)
        assert headers["Wechatpay-Serial"] == self.sandbox.serial
        signature = base64.b64decode(headers["Wechatpay-Signature"])
        key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())


def order(**changed: object) -> dict[str, object]:
    return {
        "appid": "a1",
        "mchid": "m1",
        "description": "首期租金 B1",
        "out_trade_no": "R1P1A1",
        "notify_url": "https://xuzu.example/callbacks/wechatpay",
        "amount": {"total": 320000, "currency": "CNY"},
        "payer": {"openid": "oDemo1"},
    } | changed


@pytest.fixture
async def stranger() -> AsyncIterator[Stranger]:
    account = MerchantAccount("m1", "a1", public_key_pem=PEM, serial="S1", apiv3_key=APIV3)
    holder: list[Stranger] = []
    sandbox = WeChatPaySandbox(account, lambda: holder[0].now if holder else BEGAN, seed=1)
    async with TestServer(sandbox.app()) as server, aiohttp.ClientSession() as session:
        holder.append(Stranger(sandbox, session, str(server.make_url("")).rstrip("/")))
        yield holder[0]


async def test_the_whole_life_of_an_order(stranger: Stranger) -> None:
    status, placed = await stranger.call("POST", JSAPI, order())
    assert (status, placed["prepay_id"][:2]) == (200, "wx")
    query = "/v3/pay/transactions/out-trade-no/R1P1A1?mchid=m1"
    assert (await stranger.call("GET", query))[1]["trade_state"] == "NOTPAY"
    assert await stranger.sandbox.payer_pays(placed["prepay_id"]) is Outcome.PAID
    status, paid = await stranger.call("GET", query)
    assert (paid["trade_state"], paid["success_time"]) == ("SUCCESS", "2026-09-20T12:00:00+08:00")
    assert len(paid["transaction_id"]) == 28


async def test_the_callback_opens_with_the_apiv3_key(stranger: Stranger) -> None:
    got: list[tuple[dict[str, str], bytes]] = []

    async def hear(request: web.Request) -> web.Response:
        got.append((dict(request.headers), await request.read()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/notify", hear)
    async with TestServer(app) as ours:
        await stranger.call("POST", JSAPI, order(notify_url=str(ours.make_url("/notify"))))
        await stranger.sandbox.payer_pays("R1P1A1")
        assert await stranger.sandbox.pump() == 1
        assert await stranger.sandbox.pump() == 0
    [(headers, raw)] = got
    stranger.check(headers, raw)
    body = json.loads(raw)
    sealed = body["resource"]
    assert (body["event_type"], sealed["algorithm"]) == ("TRANSACTION.SUCCESS", "AEAD_AES_256_GCM")
    plain = AESGCM(APIV3.encode()).decrypt(
        sealed["nonce"].encode(), base64.b64decode(sealed["ciphertext"]), sealed["associated_data"].encode()
    )
    assert json.loads(plain)["out_trade_no"] == "R1P1A1"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"appid": "other"}, "APPID_MCHID_NOT_MATCH"),
        ({"description": ""}, "PARAM_ERROR"),
        ({"description": "x" * 128}, "PARAM_ERROR"),
        ({"out_trade_no": "short"}, "PARAM_ERROR"),
        ({"out_trade_no": "R1P1A1中"}, "PARAM_ERROR"),
        ({"notify_url": "https://xuzu.example/x?y=1"}, "PARAM_ERROR"),
        ({"notify_url": "http://xuzu.example/x"}, "PARAM_ERROR"),
        ({"amount": {"total": 0, "currency": "CNY"}}, "PARAM_ERROR"),
        ({"amount": {"total": 3200.5, "currency": "CNY"}}, "PARAM_ERROR"),
        ({"amount": {"total": True, "currency": "CNY"}}, "PARAM_ERROR"),
        ({"amount": {"total": 1, "currency": "USD"}}, "PARAM_ERROR"),
        ({"payer": {}}, "PARAM_ERROR"),
        ({"time_expire": "2026-09-21T12:00:00"}, "PARAM_ERROR"),
        ({"time_expire": "soon"}, "PARAM_ERROR"),
        ({"invented_field": "x"}, "PARAM_ERROR"),
    ],
)
async def test_orders_nobody_should_place(stranger: Stranger, changed: dict[str, object], code: str) -> None:
    status, said = await stranger.call("POST", JSAPI, order(**changed))
    assert (status, said["code"]) == (400, code)
    assert stranger.sandbox.book.orders == {}


async def test_who_does_not_sign_is_refused(stranger: Stranger) -> None:
    body = json.dumps(order()).encode()
    good = stranger.signed("POST", JSAPI, body)
    flipped = bytearray(body)
    flipped[5] ^= 1
    attempts = [(bytes(flipped), good), (body, good | {"Authorization": "WECHATPAY2-SHA256-RSA2048 x"})]
    attempts.append((body, good | {"Authorization": good["Authorization"].replace('"S1"', '"S2"')}))
    attempts.append((body, good | {"Authorization": good["Authorization"][:-8] + 'AAAAAA="'}))
    for sent, headers in attempts:
        async with stranger.session.post(stranger.api + JSAPI, data=sent, headers=headers) as answer:
            assert answer.status == 401
            assert "Wechatpay-Signature" not in answer.headers
            assert (await answer.json())["code"] == "SIGN_ERROR"
    assert stranger.sandbox.book.orders == {}


@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-299, 200), (299, 200), (301, 401)])
async def test_clocks_may_differ_by_five_minutes(stranger: Stranger, seconds: int, status: int) -> None:
    stranger.skew = timedelta(seconds=seconds)
    assert (await stranger.call("POST", JSAPI, order()))[0] == status


@pytest.mark.parametrize("headers", [{"Accept": "text/html"}, {"Content-Type": "text/plain"}])
async def test_manners_of_http(stranger: Stranger, headers: dict[str, str]) -> None:
    status, said = await stranger.call("POST", JSAPI, order(), **headers)
    assert (status, said["code"]) == (400, "INVALID_REQUEST")


async def test_a_prepay_id_ages_and_is_renewed_by_the_same_call(stranger: Stranger) -> None:
    _, placed = await stranger.call("POST", JSAPI, order())
    stranger.now += timedelta(hours=2)
    assert await stranger.sandbox.payer_pays(placed["prepay_id"]) is Outcome.EXPIRED
    assert (await stranger.call("POST", JSAPI, order()))[1] == placed
    assert await stranger.sandbox.payer_pays(placed["prepay_id"]) is Outcome.PAID


async def test_the_payers_page(stranger: Stranger) -> None:
    _, placed = await stranger.call("POST", JSAPI, order(description="<b>首期租金</b>"))
    url = f"{stranger.api}/sandbox/pay/{placed['prepay_id']}"
    async with stranger.session.get(url) as page:
        text = await page.text()
        assert "&lt;b&gt;首期租金&lt;/b&gt;" in text
        assert "¥3200.00" in text
    for outcome, status in (("fail", 200), ("steal", 400), ("pay", 200), ("pay", 409)):
        async with stranger.session.post(url, data={"outcome": outcome}) as page:
            assert page.status == status
    async with stranger.session.get(f"{stranger.api}/sandbox/pay/wx404") as page:
        assert page.status == 404
    charged = stranger.sandbox.truth()["charged"]
    assert charged == 320000


async def test_a_number_used_otherwise(stranger: Stranger) -> None:
    await stranger.call("POST", JSAPI, order())
    status, said = await stranger.call("POST", JSAPI, order(amount={"total": 1, "currency": "CNY"}))
    assert (status, said["code"]) == (403, "OUT_TRADE_NO_USED")


async def test_refunds_on_the_wire(stranger: Stranger) -> None:
    await stranger.call("POST", JSAPI, order())
    await stranger.sandbox.payer_pays("R1P1A1")
    path = "/v3/refund/domestic/refunds"
    asked = {
        "out_trade_no": "R1P1A1",
        "out_refund_no": "RF1",
        "amount": {"refund": 100, "total": 320000, "currency": "CNY"},
    }
    assert (await stranger.call("POST", path, asked))[1]["status"] == "PROCESSING"
    assert (await stranger.call("POST", path, asked))[0] == 200
    other = asked | {"amount": {"refund": 200, "total": 320000, "currency": "CNY"}}
    assert (await stranger.call("POST", path, other))[1]["code"] == "INVALID_REQUEST"
    hasty = asked | {"out_refund_no": "RF2"}
    assert (await stranger.call("POST", path, hasty))[1]["code"] == "FREQUENCY_LIMITED"
    stranger.now += timedelta(minutes=1)
    assert (await stranger.call("GET", f"{path}/RF1"))[1]["status"] == "SUCCESS"
    assert (await stranger.call("GET", f"{path}/RF9"))[0] == 404
    wrong_total = hasty | {"amount": {"refund": 100, "total": 1, "currency": "CNY"}}
    assert (await stranger.call("POST", path, wrong_total))[1]["code"] == "PARAM_ERROR"
    assert stranger.sandbox.truth()["refunded"] == 100


async def test_the_same_seed_brings_the_same_troubles() -> None:
    rates = {Fault.BROKEN_AFTER: 0.3, Fault.RESET_AFTER: 0.3}
    first, second = (Troubles(rates, seed=5) for _ in range(2))
    drawn = [first.draw() for _ in range(50)]
    assert drawn == [second.draw() for _ in range(50)]
    assert set(drawn) == {Fault.BROKEN_AFTER, Fault.RESET_AFTER, None}
    with pytest.raises(ValueError, match="more than 1"):
        Troubles({Fault.BUSY: 0.6, Fault.THROTTLED: 0.6})
