"""Fadada seen from the wire, with one application: its API, its signers, its callbacks, and the truth about seals."""

from __future__ import annotations

import json
from collections.abc import Callable, Set
from dataclasses import asdict
from datetime import datetime

from aiohttp import web

from .fadada_api import Api
from .fadada_book import Book, batch_after
from .fadada_faults import Fault, Post
from .fadada_gate import Gate
from .fadada_page import page_routes
from .fadada_post import PostOffice
from .fadada_reading import Rules
from .fadada_records import Task
from .fadada_tasks import Tasks
from .wechatpay_faults import Troubles

FILE_LIMIT = 50 * 1024 * 1024


class FadadaSandbox:
    """``clock`` gives aware instants: signatures, tokens, links, expiries and retries all go by it.

    ``callback_url`` is the application's own address; a task's ``callbackUrl`` replaces it. ``corp``: the openCorpId of
    the company the application belongs to, ``grants`` the scene codes of its 免验证签: without one its seal waits for
    a hand. ``voiding_takes``: fields beyond the sheet's that a request to void may carry. ``faults`` and
    ``post_troubles`` are the troubles of calls and of callbacks; by default there are none.
    """

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        clock: Callable[[], datetime],
        seed: int = 0,
        *,
        corp: str = "corp0001",
        grants: Set[str] = frozenset({"scene0001"}),
        callback_url: str = "",
        strict_identity: bool = False,
        voiding_takes: Set[str] = frozenset(),
        faults: Troubles[Fault] | None = None,
        post_troubles: Troubles[Post] | None = None,
    ) -> None:
        self._clock = clock
        self.callback_url = callback_url
        self.gate = Gate(app_id, app_secret, seed)
        self.book = Book(seed, clock, self._announce)
        self.faults = faults or Troubles(seed=seed)
        self.post_troubles = post_troubles or Troubles(seed=seed)
        self.post = PostOffice(app_id, app_secret, clock, self.post_troubles)
        self.tasks = Tasks(self.book, Rules(corp, grants, strict_identity, voiding_takes))

    def app(self) -> web.Application:
        """The API under ``/api/v5``, the signers' page under ``/h5/sign/{task}/{actor}``."""
        app = web.Application(client_max_size=FILE_LIMIT)
        api = Api(self.gate, self.book, self.tasks, self.faults, self._clock)
        app.add_routes(api.routes())
        app.add_routes(page_routes(self.book))

        async def shut(_: web.Application) -> None:
            api.closing.set()
            await self.close()

        app.on_shutdown.append(shut)
        return app

    async def pump(self) -> int:
        """Run the expiry batch and deliver every callback due at the clock, once; how many were tried."""
        self.book.announce_expiries()
        return await self.post.pump()

    def next_due(self) -> datetime | None:
        """When ``pump`` will next have something to do."""
        batches = [
            batch_after(one.expires)
            for one in self.book.tasks.values()
            if one.expires is not None and not one.expiry_told and one.state in ("sign_progress", "expired")
        ]
        letter = self.post.next_due()
        return min(batches if letter is None else [*batches, letter], default=None)

    def waiting_for(self) -> list[dict[str, str]]:
        """Whose hand is missing: ``task``, ``key``, ``actor``, ``phone`` and the ``path`` of their page."""
        return [
            {
                "task": task.id,
                "key": task.key,
                "actor": actor.id,
                "phone": actor.phone,
                "path": f"/h5/sign/{task.id}/{actor.id}",
            }
            for task in self.book.tasks.values()
            if task.state == "sign_progress"
            for actor in task.actors
            if actor.status == "wait_sign"
        ]

    def truth(self) -> dict[str, object]:
        """JSON-able. ``tasks`` by id (``voids``: the task it is to void, or None), ``seals`` in the order they were
        set, ``envelopes``: task ids by businessCode, without voidings that carry none, ``callbacks``: what became of
        those sent. Instants are ISO text."""
        tasks = {task.id: _told(task) for task in self.book.tasks.values()}
        seals = sorted(
            (actor.at.isoformat(), task.id, actor.id)
            for task in self.book.tasks.values()
            for actor in task.actors
            if actor.at is not None
        )
        envelopes: dict[str, list[str]] = {}
        for task in self.book.tasks.values():
            if task.key or not task.voids:
                envelopes.setdefault(task.key, []).append(task.id)
        return {
            "tasks": tasks,
            "seals": [{"at": at, "task": task, "actor": actor} for at, task, actor in seals],
            "envelopes": envelopes,
            "callbacks": asdict(self.post.counts),
        }

    async def close(self) -> None:
        await self.post.close()

    def _announce(self, task: Task, event: str, more: dict[str, object]) -> None:
        url = str(task.asked.get("callbackUrl") or self.callback_url)
        if not url:
            return
        fields = {
            "eventTime": str(round(self._clock().timestamp() * 1000)),
            "signTaskId": task.id,
            "signTaskStatus": task.state,
            "transReferenceId": task.trans_reference,
            **more,
        }
        self.post.write(url, event, json.dumps(fields, ensure_ascii=False))


def _told(task: Task) -> dict[str, object]:
    return {
        "key": task.key,
        "subject": task.asked["signTaskSubject"],
        "state": task.state,
        "voids": task.voids or None,
        "ended": None if task.ended is None else task.ended.isoformat(),
        "actors": {actor.id: actor.status for actor in task.actors},
    }
