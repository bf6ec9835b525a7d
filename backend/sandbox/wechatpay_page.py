"""The payer's side of the glass: a page where a person, or a simulated tenant, pays an order or fails to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape

from aiohttp import web

from .wechatpay_book import Book, Order, Outcome

Attempt = Callable[[str], Awaitable[Outcome]]

_SAID = {
    Outcome.PAID: "支付成功 · Paid",
    Outcome.FAILED: "支付失败，可再试 · Payment failed, you may try again",
    Outcome.CLOSED: "订单已关闭 · The order is closed",
    Outcome.EXPIRED: "订单已过期 · The order has expired",
    Outcome.ALREADY_PAID: "订单已支付 · Already paid",
    Outcome.MISSING: "没有这笔订单 · No such order",
}
_SHELL = """<!doctype html><html lang="zh"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>微信支付（模拟）</title>
<style>body{{font:16px/1.6 system-ui,sans-serif;max-width:22rem;margin:3rem auto;padding:0 1rem;text-align:center}}
.sum{{font-size:2.4rem;margin:.5rem 0 2rem}}button{{display:block;width:100%;padding:.9rem;margin:.6rem 0;
border:1px solid #ccc;border-radius:.5rem;background:#fff;font:inherit}}
.pay{{background:#077c3e;border-color:#077c3e;color:#fff}}</style>
<p>微信支付 · 模拟 (sandbox)</p>{body}</html>"""


def page_routes(book: Book, pay: Attempt, fail: Attempt) -> list[web.RouteDef]:
    """``GET`` shows the order, ``POST`` with form field ``outcome`` = ``pay | fail`` plays the payer."""

    async def show(request: web.Request) -> web.Response:
        order = book.payable(request.match_info["prepay_id"])
        if order is None:
            return _page(f"<h1>{_SAID[Outcome.MISSING]}</h1>", 404)
        return _page(_form(order))

    async def act(request: web.Request) -> web.Response:
        wish = (await request.post()).get("outcome")
        if wish not in ("pay", "fail"):
            return _page("<h1>outcome: pay | fail</h1>", 400)
        outcome = await (pay if wish == "pay" else fail)(request.match_info["prepay_id"])
        status = {Outcome.PAID: 200, Outcome.FAILED: 200, Outcome.MISSING: 404}.get(outcome, 409)
        return _page(f'<h1 data-outcome="{outcome}">{_SAID[outcome]}</h1>', status)

    path = "/sandbox/pay/{prepay_id}"
    return [web.get(path, show), web.post(path, act)]


def _form(order: Order) -> str:
    return (
        f"<p>{escape(str(order.asked.params['description']))}</p>"
        f'<p class="sum">¥{order.total // 100}.{order.total % 100:02d}</p><form method="post">'
        '<button class="pay" name="outcome" value="pay">确认支付 · Pay</button>'
        '<button name="outcome" value="fail">支付失败 · Fail</button></form>'
    )


def _page(body: str, status: int = 200) -> web.Response:
    return web.Response(status=status, text=_SHELL.format(body=body), content_type="text/html")
