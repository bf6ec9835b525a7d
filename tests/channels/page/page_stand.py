"""A page's other side for tests: one renewal under the real rules, each event applied once per key."""

from __future__ import annotations

from channels.page.forms import PageAction
from channels.page.links import Link
from channels.page.routes import PageBusy
from channels.page.standing import Doors, page_view
from channels.page.view import PageView
from dialogs.events import AnyEvent
from dialogs.machine import step
from dialogs.policy import Policy
from dialogs.renewal import Renewal, Subject
from tests.journeys.samples import NAME, NOW, TODAY


class OneRenewal:
    """Keeps what was applied; ``busy`` makes it unreachable."""

    def __init__(self, renewal: Renewal, doors: Doors | None = None) -> None:
        self.renewal = renewal
        self.applied: dict[str, AnyEvent] = {}
        self.looked = 0
        self.busy = False
        self.doors = doors

    @property
    def events(self) -> list[str]:
        return [type(event).__name__ for event in self.applied.values()]

    async def view(self, link: Link) -> PageView | None:
        self._reach()
        self.looked += 1
        return self._show() if link.renewal_id == 1 else None

    async def act(self, link: Link, action: PageAction) -> PageView:
        self._reach()
        if action.key not in self.applied:
            self.applied[action.key] = action.event
            self.happens(action.event)
        return self._show()

    def happens(self, event: AnyEvent) -> None:
        self.renewal = step(Subject(1, self.renewal, Policy()), event, NOW).renewal

    def _show(self) -> PageView:
        return page_view(self.renewal, NAME, TODAY, self.doors)

    def _reach(self) -> None:
        if self.busy:
            raise PageBusy("away")
