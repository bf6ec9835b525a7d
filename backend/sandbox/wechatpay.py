"""WeChat Pay seen from the wire, with one merchant: v3 doors, payers, callbacks, and the truth about the money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from aiohttp import web

from . import wechatpay_views as views
from .wechatpay_api import Api
from .wechatpay_bill import Bills
from .wechatpay_book import REFUND_TAKES, Book, Order, Outcome
from .wechatpay_faults import Fault, Post, Troubles
from .wechatpay_page import page_routes
from .wechatpay_post import PostOffice
from .wechatpay_seal import MerchantAccount, PlatformKey

BODY_LIMIT = 64 * 1024


class WeChatPaySandbox:
    """``clock`` gives aware instants: signatures, expiries, refunds and retries all go by it.

    ``faults`` and ``post`` are the troubles of calls and of callbacks; by default there are none.
    """

    def __init__(
        self,
        account: MerchantAccount,
        clock: Callable[[], datetime],
        seed: int = 0,
        faults: Troubles[Fault] | None = None,
        post: Troubles[Post] | None = None,
    ) -> None:
        self.account = account
        self.book = Book(seed)
        self.faults = faults or Troubles(seed=seed)
        self.post_troubles = post or Troubles(seed=seed)
        self.post = PostOffice(account, clock, self.post_troubles, seed)
        self.bills = Bills(account, self.book, clock)
        self._clock = clock
        self._keys = [PlatformKey("PUB_KEY_ID_0000000000000000000000000001")]

    @property
    def serial(self) -> str:
        return self._keys[-1].serial

    @property
    def public_key_pem(self) -> str:
        return self._keys[-1].public_pem

    def rotate(self) -> None:
        """A new key signs from now on; requests that name the old serial still get answers signed with it."""
        self._keys.append(PlatformKey(f"PUB_KEY_ID_{len(self._keys) + 1:028d}"))

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers a callback with this body would carry now."""
        return self._keys[-1].headers(body, self._clock())

    def app(self) -> web.Application:
        app = web.Application(client_max_size=BODY_LIMIT)
        api = Api(self.account, self.book, self._keys, self.faults, self._clock, self.bills)
        app.add_routes(api.routes())
        app.add_routes(page_routes(self.book, self.payer_pays, self.payer_fails))

        async def shut(_: web.Application) -> None:
            api.closing.set()
            await self.close()

        app.on_shutdown.append(shut)
        return app

    async def payer_pays(self, handle: str) -> Outcome:
        """A payer confirms; ``handle`` is a prepay id or our number. The callback waits for ``pump``."""
        outcome, order = self.book.pay(handle, self._clock())
        if outcome is Outcome.PAID and order is not None:
            self._tell_paid(order)
        return outcome

    async def payer_fails(self, handle: str, why: str = "余额不足") -> Outcome:
        """The payer tries in vain: nothing moves, nobody is told."""
        return self.book.fail(handle, why, self._clock())[0]

    def refund_ends(self, refund_number: str, status: str) -> None:
        """What a refund comes to once processed: SUCCESS, CLOSED or ABNORMAL. Raises KeyError."""
        if status not in ("SUCCESS", "CLOSED", "ABNORMAL"):
            raise ValueError(f"no refund ends as {status}")
        self.book.refunds[refund_number].fate = status

    async def pump(self) -> int:
        """Deliver every callback due at the clock, once; how many were tried."""
        now = self._clock()
        for refund in self.book.refunds.values():
            if not refund.told and refund.notify_url and refund.status(now) != "PROCESSING":
                refund.told = True
                news = views.refund_news(refund, self.account, now)
                self.post.write(refund.notify_url, f"REFUND.{refund.status(now)}", news)
        return await self.post.pump(self._keys[-1])

    def next_due(self) -> datetime | None:
        """When ``pump`` will next have something to do."""
        ready = [one.at + REFUND_TAKES for one in self.book.refunds.values() if one.notify_url and not one.told]
        due = self.post.next_due()
        return min(ready if due is None else [*ready, due], default=None)

    async def probe(self, url: str) -> int | None:
        """The provider's signature test at ``url``: the status it got, which has to be 4xx or 5xx."""
        return await self.post.probe(url, self._keys[-1])

    def truth(self) -> dict[str, object]:
        """See ``wechatpay_views.truth``; ``callbacks`` counts what became of those sent."""
        return views.truth(self.book, self._clock()) | {"callbacks": asdict(self.post.counts)}

    async def close(self) -> None:
        await self.post.close()

    def _tell_paid(self, order: Order) -> None:
        now = self._clock()
        self.post.write(
            str(order.asked.params["notify_url"]), "TRANSACTION.SUCCESS", views.transaction(order, self.account, now)
        )
