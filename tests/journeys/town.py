"""The whole street for one tenant's journey: our process, its partners, and the address of the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from backend.db.port import Stored
from bot.speaker import link_end
from dialogs.money import yuan
from dialogs.paper import KeyClause
from dialogs.states import State
from tests.bot.across import Across
from tests.bot.shell import Shell, brought
from tests.bot.stage import OPENID, row
from tests.journeys.browser import Tab


@dataclass
class Town:
    shell: Shell
    across: Across
    url: str

    async def reminded(self) -> Stored:
        """A tenant who was just reminded, with a door that opens for them, and neighbours who signed of late."""
        signed: dict[str, Any] = {"start": date(2026, 6, 1), "end": date(2027, 5, 31), "rent": yuan(3300)}
        stored = await self.shell.stage.opened(row(), *(row(number, **signed) for number in range(2, 8)))
        self.across.welcome(OPENID)
        self.across.fit(stored.renewal.lease)
        return await brought(self.shell, self.across, stored, State.REMINDED)

    async def reads(self, phone: Tab) -> None:
        """Each key clause, one after the other; only then there is a way to sign."""
        for left in reversed(range(len(KeyClause))):
            assert await phone.look("document.querySelectorAll('a.main').length") == 0
            await phone.tap("form[action$=clause] button")
            assert await phone.look("document.querySelectorAll('form[action$=clause]').length") == left

    def link(self, stored: Stored) -> str:
        links, now = self.shell.stage.links, self.shell.stage.clock.now()
        return f"{self.url}/r/{links.mint(stored.id, link_end(stored.renewal.lease), now)}"

    async def rests(self, stored: Stored) -> State:
        """Where it stands once everybody has done what they could by now."""
        await self.shell.rest(self.across)
        return (await self.shell.stage.again(stored)).renewal.state
