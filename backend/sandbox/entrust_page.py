"""What WeChat shows whoever opens a link to allow deductions: who asks, and a button."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from aiohttp import web

_PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>微信支付（模拟）</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.6 system-ui,sans-serif;max-width:22rem;margin:3rem auto;padding:0 1rem;text-align:center}}
button{{display:block;width:100%;padding:.9rem;border:0;border-radius:.5rem;background:#077c3e;color:#fff;font:inherit}}
</style><p>微信支付 · 模拟 (sandbox)</p>
<h1>开通自动扣款</h1><p>{name}</p>
<form method="post" action="/papay/entrustweb/sign"><button name="code" value="{code}">开通</button></form></html>"""


def page_routes(asked: Callable[[dict[str, str]], str | None], sign: Callable[[str], str | None]) -> list[web.RouteDef]:
    """Both give what is wrong, or None: ``asked`` about a link's fields, ``sign`` about a contract's code."""

    async def show(request: web.Request) -> web.Response:
        fields = dict(request.query)
        wrong = asked(fields)
        if wrong is not None:
            return web.Response(status=400, text=wrong)
        name, code = fields.get("contract_display_account", ""), fields["contract_code"]
        return web.Response(text=_PAGE.format(name=escape(name), code=escape(code)), content_type="text/html")

    async def act(request: web.Request) -> web.Response:
        wrong = sign(str((await request.post()).get("code", "")))
        if wrong is not None:
            return web.Response(status=409, text=wrong)
        return web.Response(text="<h1>已开通</h1>", content_type="text/html")

    return [web.get("/papay/entrustweb", show), web.post("/papay/entrustweb/sign", act)]
