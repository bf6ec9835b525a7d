"""Alipay's pages for the tenant: the cashier, and the question whether deductions are allowed."""

from __future__ import annotations

from html import escape

from aiohttp import web

_SHELL = """<!doctype html><html lang="zh"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>支付宝（模拟）</title>
<style>body{{font:16px/1.6 system-ui,sans-serif;max-width:22rem;margin:3rem auto;padding:0 1rem;text-align:center}}
.sum{{font-size:2.4rem;margin:.5rem 0 2rem}}button,a.back{{display:block;width:100%;padding:.9rem;margin:.6rem 0;
box-sizing:border-box;border:1px solid #ccc;border-radius:.5rem;background:#fff;font:inherit;color:inherit}}
.pay{{background:#1460d2;border-color:#1460d2;color:#fff}}</style>
<p>支付宝 · 模拟 (sandbox)</p>{body}</html>"""


def cashier(title: str, total: str, action: str) -> web.Response:
    """``action``: where the buttons post ``outcome`` = ``pay | fail``."""
    return page(
        f'<p>{escape(title)}</p><p class="sum">¥{total}</p><form method="post" action="{escape(action)}">'
        '<button class="pay" name="outcome" value="pay">确认付款 · Pay</button>'
        '<button name="outcome" value="fail">付款失败 · Fail</button></form>'
    )


def permission(most: str, day: str, action: str) -> web.Response:
    return page(
        f"<h1>开通自动扣款</h1><p>每期最多 ¥{most}，约定 {escape(day)} 起</p>"
        f'<form method="post" action="{escape(action)}">'
        '<button class="pay" name="outcome" value="sign">同意开通 · Agree</button></form>'
    )


def done(words: str, back: str, status: int = 200) -> web.Response:
    """``back``: the merchant's page, when it named one."""
    link = f'<a class="back" href="{escape(back)}">返回商家 · Back</a>' if back.startswith("http") else ""
    return page(f"<h1>{escape(words)}</h1>{link}", status)


def broken() -> web.Response:
    """What a browser sees of a link with wrong parameters: GBK, and the merchant never hears of it."""
    body = (
        "<html><body><h1>错误信息</h1><p>invalid-signature 验签出错，建议检查签名字符串或密钥是否匹配</p></body></html>"
    )
    return web.Response(body=body.encode("gbk"), content_type="text/html", charset="GBK")


def page(body: str, status: int = 200) -> web.Response:
    return web.Response(text=_SHELL.format(body=body), content_type="text/html", status=status)
