"""The signer's side of the glass: a page where a person, or a simulated tenant, signs or refuses."""

from __future__ import annotations

from html import escape

from aiohttp import web

from .fadada_book import Book
from .fadada_gate import Refused
from .fadada_records import Actor, Task

_SHELL = """<!doctype html><html lang="zh"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>电子签约（模拟）</title>
<style>body{{font:16px/1.6 system-ui,sans-serif;max-width:24rem;margin:3rem auto;padding:0 1rem;text-align:center}}
h1{{font-size:1.3rem}}button{{display:block;width:100%;padding:.9rem;margin:.6rem 0;border:1px solid #767676;
border-radius:.5rem;background:#fff;color:#222;font:inherit}}.sign{{background:#1457c2;border-color:#1457c2;color:#fff}}
button:disabled{{background:#eee;color:#666;border-color:#ccc}}</style>
<p>法大大电子签 · 模拟 (sandbox)</p>{body}</html>"""
_STANDS = {"signed": "已签署 · Signed", "sign_rejected": "已拒签 · Refused"}
_RESTS = {
    "task_created": "任务尚未提交 · Not started yet",
    "task_finished": "签署已完成 · Everybody has signed",
    "task_terminated": "任务已终止 · The task was ended",
    "expired": "任务已逾期 · The task has expired",
}


def page_routes(book: Book) -> list[web.RouteDef]:
    """``GET`` shows the task to one signer, ``POST`` with form field ``outcome`` = ``sign | refuse`` plays them.

    409 when it no longer counts. The form stays on the page, greyed out, once there is nothing left to do.
    """

    async def show(request: web.Request) -> web.Response:
        try:
            task, actor = _find(book, request)
        except Refused:
            return _page("<h1>没有这个签署任务 · No such task</h1>", 404)
        return _page(_form(task, actor))

    async def act(request: web.Request) -> web.Response:
        wish = (await request.post()).get("outcome")
        if wish not in ("sign", "refuse"):
            return _page("<h1>outcome: sign | refuse</h1>", 400)
        try:
            task, actor = _find(book, request)
        except Refused:
            return _page("<h1>没有这个签署任务 · No such task</h1>", 404)
        counted = book.sign(task, actor) if wish == "sign" else book.refuse(task, actor, "不同意条款")
        return _page(_form(task, actor), 200 if counted else 409)

    path = "/h5/sign/{task}/{actor}"
    return [web.get(path, show), web.post(path, act)]


def _find(book: Book, request: web.Request) -> tuple[Task, Actor]:
    task = book.task(request.match_info["task"])
    return task, task.actor(request.match_info["actor"])


def _form(task: Task, actor: Actor) -> str:
    open_to_them = task.state == "sign_progress" and actor.status == "wait_sign"
    said = _STANDS.get(actor.status) or _RESTS.get(task.state, "请阅读后签署 · Please read, then sign")
    off = "" if open_to_them else " disabled"
    return (
        f"<h1>{escape(str(task.asked['signTaskSubject']))}</h1><p>{escape(actor.name)}</p>"
        f'<p data-state="{task.state}" data-actor="{actor.status}">{said}</p><form method="post">'
        f'<button class="sign" name="outcome" value="sign"{off}>同意并签署 · Sign</button>'
        f'<button name="outcome" value="refuse"{off}>拒签 · Refuse</button></form>'
    )


def _page(body: str, status: int = 200) -> web.Response:
    return web.Response(status=status, text=_SHELL.format(body=body), content_type="text/html")
