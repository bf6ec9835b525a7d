"""A page's other side for tests: one renewal, each event applied once per key, in the order a store would."""

from __future__ import annotations

import msgspec

from channels.page.forms import PageAction
from channels.page.links import Link
from channels.page.routes import PageBusy
from channels.page.standing import Doors, page_view
from channels.page.view import PageView
from dialogs.events import Chose, Confirmed, Declined, Denied, Event, Hesitated, PageOpened
from dialogs.renewal import Renewal
from dialogs.states import State
from tests.journeys.samples import NAME, TODAY

_MOVES: dict[type[Event], State] = {
    PageOpened: State.OFFERED,
    Confirmed: State.CHECKING,
    Denied: State.OFFERED,
    Hesitated: State.HESITATING,
    Declined: State.MOVING_OUT,
}


class OneRenewal:
    """Keeps what was applied; ``busy`` makes it unreachable."""

    def __init__(self, renewal: Renewal, doors: Doors | None = None) -> None:
        self.renewal = renewal
        self.applied: dict[str, Event] = {}
        self.looked = 0
        self.busy = False
        self._doors = doors

    @property
    def events(self) -> list[str]:
        return [type(event).__name__ for event in self.applied.values()]

    async def view(self, link: Link) -> PageView | None:
        self._reach()
        self.looked += 1
        return page_view(self.renewal, NAME, TODAY, self._doors) if link.renewal_id == 1 else None

    async def act(self, link: Link, action: PageAction) -> PageView:
        self._reach()
        if action.key not in self.applied:
            self.applied[action.key] = action.event
            self._apply(action.event)
        return page_view(self.renewal, NAME, TODAY, self._doors)

    def _reach(self) -> None:
        if self.busy:
            raise PageBusy("away")

    def _apply(self, event: Event) -> None:
        offer = self.renewal.offer
        if isinstance(event, PageOpened) and offer is not None:
            self._become(offer=msgspec.structs.replace(offer, shown=True))
        if isinstance(event, Chose):
            proposal = offer.find(event.proposal or "") if offer and offer.version == event.offer else None
            if proposal is not None and proposal.terms_hash == event.terms_hash:
                self._become(state=State.CONFIRMING, chosen=proposal.id)
        elif type(event) in _MOVES:
            self._become(state=_MOVES[type(event)])

    def _become(self, **changes: object) -> None:
        self.renewal = msgspec.structs.replace(self.renewal, **changes)
