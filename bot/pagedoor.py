"""What stands behind the tenant's page: the row as one view, a button as one event, the partners' doors beside it."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec

from backend.db.port import Inbound, Stored, StoreDown, Words
from backend.esign.port import ESign, ESignError
from backend.payments.deduction import Deductions, SignWish
from backend.payments.port import PayError, Payments
from bot.clock import shanghai_day
from bot.effects.deduct import mandate_number
from bot.effects.pay import place_order
from bot.speaker import link_end
from bot.tills import Tills, payer_for
from bot.turn import Contended, Turns, UnknownRenewal
from channels.page.door import PageBusy
from channels.page.forms import PageAction
from channels.page.links import Link
from channels.page.notes import Note
from channels.page.standing import Doors, all_read, page_view
from channels.page.view import Notice, PageView, mask_name
from dialogs.events import PageNoted
from dialogs.states import State

log = logging.getLogger("xuzu.page")

NOTICES_MAX, TITLE_MAX = 20, 30
_GREETING = re.compile(r"^[^，。！\n]{0,20}，?您好[！。，]?\s*")
_LINKS = re.compile(r"[^\n]*https?://\S+[^\n]*\n?")


class TenantPage:
    """``pay_page`` shows an order outside WeChat (``{prepay}`` in it), or is empty: JSAPI only."""

    def __init__(
        self,
        turns: Turns,
        payments: Mapping[str, Payments],
        esign: ESign | None,
        pay_page: str = "",
        deductions: Sequence[Deductions] = (),
        origin: str = "",
    ) -> None:
        self._turns = turns
        self._deductions = deductions
        self._origin = origin
        self._tills = Tills(payments)
        self._esign = esign
        self._pay_page = pay_page

    async def view(self, link: Link) -> PageView | None:
        """Changes nothing. Raises PageBusy."""
        async with answering():
            stored = await self._turns.store.load(link.renewal_id)
            if stored is None:
                return None
            letters = await self._turns.store.thread(stored.id)
            bound = "wechat" in await self._turns.store.addresses(stored.tenant)
        view = await self._show(stored, link)
        return msgspec.structs.replace(view, notices=notices(letters, stored.name), bound=bound)

    async def act(self, link: Link, action: PageAction) -> PageView:
        """Once per ``action.key``. Raises PageBusy."""
        async with answering():
            turned = await self._turns.deliver(link.renewal_id, action.event, inbound=Inbound(action.key))
        return await self._show(turned.stored, link)

    async def note(self, link: Link, note: Note) -> None:
        """Into the event log, once per ``note.key``; the script's own words go to our log. Raises PageBusy."""
        if note.kind == "script_error":
            log.warning("renewal %s: the page's script broke: %s (%s)", link.renewal_id, note.detail, note.agent)
        event = PageNoted(kind=note.kind, option=note.option, agent=note.agent)
        async with answering():
            await self._turns.deliver(link.renewal_id, event, inbound=Inbound(note.key))

    async def dead_before(self, link: Link) -> datetime | None:
        """Raises PageBusy."""
        async with answering():
            return await self._turns.store.links_dead_before(link.renewal_id)

    async def by_code(self, code: str) -> tuple[int, datetime] | None:
        """Raises PageBusy."""
        async with answering():
            found = await self._turns.store.by_short_code(code, self._turns.clock.now())
            stored = await self._turns.store.load(found) if found is not None else None
        return None if stored is None else (stored.id, link_end(stored.renewal.lease))

    async def _show(self, stored: Stored, link: Link) -> PageView:
        lease = stored.renewal.lease
        today = shanghai_day(self._turns.clock.now())
        doors = await self._doors(stored, f"{self._origin}/r/{link.token}")
        return page_view(stored.renewal, stored.name, today, doors, lease.housekeeper)

    async def _doors(self, stored: Stored, back: str) -> Doors:
        """Links that a partner cannot give right now are left out: the page says to come back."""
        renewal, doors = stored.renewal, Doors()
        try:
            if renewal.state is State.AWAITING_SIGNATURE and renewal.envelope and self._esign and all_read(renewal):
                tenant = renewal.lease.tenant.id
                doors = Doors(sign_link=await self._esign.sign_link(renewal.envelope, tenant))
            if renewal.state is State.PAYING and renewal.payment.open and not renewal.payment.mandate:
                doors = await self._pay_doors(stored, renewal.payment.open, back)
            return msgspec.structs.replace(doors, mandate_links=await self._mandate_links(stored, back))
        except (ESignError, PayError) as fault:
            log.warning("renewal %s: a partner gave no link: %s", stored.id, fault)
        return doors

    async def _mandate_links(self, stored: Stored, back: str) -> dict[str, str]:
        """Offered between the contract and the first payment, to whom the operator deducts from and who has none."""
        renewal, limit = stored.renewal, self._turns.subject(stored).policy.deduct_limit
        wanted = renewal.state in (State.AWAITING_SIGNATURE, State.PAYING) and not renewal.standing_mandate
        if not (wanted and self._deductions and limit and renewal.accepted):
            return {}
        due = renewal.accepted.start if renewal.bill is None else renewal.bill.due
        wish = SignWish(mask_name(stored.name), back, limit, renewal.accepted.pay_cycle_months, due)
        number = mandate_number(stored.id)
        return {one.name: await one.sign_url(number, wish) for one in self._deductions}

    async def _pay_doors(self, stored: Stored, key: str, back: str) -> Doors:
        """The way to pay the open order, and the others this tenant could change to; nothing while it changes."""
        payment = stored.renewal.payment
        if payment.wanted not in ("", payment.way):
            return Doors(changing_to=payment.wanted)
        addresses = await self._turns.store.addresses(stored.tenant)
        payee = stored.renewal.lease.payee
        payments = self._tills.choose(payment.way, addresses, payee)
        if stored.renewal.bill is None or payments is None:
            return Doors()
        order = await place_order(payments, stored, key, payer_for(payments, addresses, back))
        others = tuple(way for way in self._tills.ways(addresses, payee) if way != payments.name)
        doors = Doors(way=payments.name, other_ways=others if payment.way else ())
        if order.link or self._pay_page:
            page = order.link or self._pay_page.format(prepay=order.prepay)
            return msgspec.structs.replace(doors, pay_link=page)
        return msgspec.structs.replace(doors, pay_sheet=payments.sheet(order, self._turns.clock.now()))


@asynccontextmanager
async def answering() -> AsyncIterator[None]:
    """A store that is away, a row fought over or gone: the page says that it is busy."""
    try:
        yield
    except (StoreDown, Contended) as fault:
        raise PageBusy(str(fault)) from None
    except UnknownRenewal:
        raise PageBusy("the renewal is gone") from None


def notices(letters: list[tuple[datetime, Words]], name: str) -> tuple[Notice, ...]:
    """The newest of our own messages, first first: without the tenant's name, the greeting and their links."""
    sent = [
        (at, words.text.replace(name, mask_name(name)) if name else words.text)
        for at, words in letters
        if words.author == "bot"
    ]
    return tuple(_notice(at, text) for at, text in reversed(sent[-NOTICES_MAX:]))


def _notice(at: datetime, text: str) -> Notice:
    plain = _LINKS.sub("", _GREETING.sub("", text)).strip()
    first = re.split(r"[。！？，：\n]", plain, maxsplit=1)[0]
    return Notice(at, first[:TITLE_MAX], plain)
