"""One renewal all the way over the real wires, from the first reminder to the lock."""

from __future__ import annotations

from backend.db.port import Stored
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.shell import Shell, brought
from tests.bot.stage import OPENID, row


async def arrived(shell: Shell, across: Across) -> Stored:
    stored = await shell.stage.opened(row())
    across.welcome(OPENID)
    across.fit(stored.renewal.lease)
    return stored


async def test_all_the_way(shell: Shell, across: Across) -> None:
    stored = await brought(shell, across, await arrived(shell, across), State.RENEWED)
    await shell.rest(across)
    assert stored.renewal.accepted is not None
    assert [one["number"] for one in across.charges()] == [f"R{stored.id}P1A1"]
    for one in across.wechat.inbox(OPENID):
        print(one.kind, one.text[:60])
