"""A renewed term is filed with the city: a task for legal, and a sheet to fill in the form from."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from backend.console.desk import Desk
from backend.console.routes import routes
from bot.app import TEMPLATES
from bot.rendering import page_environment
from dialogs.effects import Ring, Task
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.shell import Shell, brought
from tests.bot.stage import OPERATOR, lease, row


async def test_the_task_comes_with_its_day_and_the_sheet_says_what_the_form_asks(shell: Shell, across: Across) -> None:
    stored = await shell.stage.opened(row())
    across.welcome("o-tenant-1")
    across.fit(lease())
    shell.answer_at(across.doors)
    stage = shell.stage
    desk = Desk(stage.store, OPERATOR, None, page_environment(TEMPLATES), stage.turns.deliver, stage.clock.now, False)
    app = web.Application()
    app.add_routes(routes(desk))
    async with TestServer(app) as served, aiohttp.ClientSession() as client:
        sheet = served.make_url(f"/desk/renewals/{stored.id}/filing")
        async with client.get(sheet) as early:
            assert early.status == 404, "nothing to file before it is renewed"
        stored = await brought(shell, across, stored, State.RENEWED)
        await shell.rest(across)
        [task] = [one for one in await stage.store.tasks(OPERATOR, renewal_id=stored.id) if one.desk == "legal"]
        [wish] = [one for one in await stage.wished(stored, Ring) if one.task is Task.FILE_CONTRACT]
        assert (task.kind, task.due) == ("file_contract", wish.due)
        assert wish.due == stored.renewal.marks["secured"] + timedelta(days=30)
        async with client.get(served.make_url(f"/desk/renewals/{stored.id}")) as page:
            text = await page.text()
            assert "备案材料" in text
            assert "押金流水" in text
        async with client.get(sheet) as page:
            text = await page.text()
            assert page.status == 200
    for words in ("房屋坐落", lease().no, "3,200", stored.renewal.envelope or "-"):
        assert words in text
    assert "租客1号" not in text, "the name is masked as everywhere at the desk"
