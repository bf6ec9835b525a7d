"""Hands that note what they were given, and renewals with something in the outbox for them."""

from __future__ import annotations

from collections.abc import Callable

from backend.db.port import Stored
from bot.dispatcher import Dispatcher, Done, Hand, Job
from bot.wakeups import Wakeups
from dialogs.effects import Effect, PrepareOffer, Say
from dialogs.events import OfferPrepared, TierDue
from dialogs.lease import Comps
from tests.bot.stage import Stage


class Hands:
    """For these kinds of effects; ``then`` says what becomes of each."""

    def __init__(self, *kinds: type[Effect], then: Callable[[Job], Done] | None = None) -> None:
        self.jobs: list[Job] = []
        self._kinds = kinds
        self._then = then or (lambda _: Done())

    async def _act(self, job: Job) -> Done:
        self.jobs.append(job)
        return self._then(job)

    @property
    def by_kind(self) -> dict[type[Effect], Hand]:
        return dict.fromkeys(self._kinds, self._act)

    @property
    def keys(self) -> list[str]:
        return [job.claim.effect.key for job in self.jobs]


def raising(fault: Exception) -> Callable[[Job], Done]:
    def then(_: Job) -> Done:
        raise fault

    return then


def dispatcher(stage: Stage, hands: Hands | dict[type[Effect], Hand], worker: str = "one") -> Dispatcher:
    by_kind = hands.by_kind if isinstance(hands, Hands) else hands
    return Dispatcher(stage.turns, by_kind, Wakeups(), worker, poll=0.01)


async def preparing(stage: Stage) -> tuple[Stored, PrepareOffer]:
    """One renewal with one effect that waits: the offer is to be prepared."""
    stored = await stage.tell(await stage.opened(), TierDue("T-30"))
    [wish] = await stage.wished(stored, PrepareOffer)
    return stored, wish


async def reminding(stage: Stage) -> tuple[Stored, Say]:
    """One renewal with its first reminder in the outbox."""
    stored, _ = await preparing(stage)
    await stage.settle_all()
    stored = await stage.tell(stored, OfferPrepared(Comps()))
    [say] = await stage.wished(stored, Say)
    return stored, say
