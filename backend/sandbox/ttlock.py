"""TTLock's cloud and the locks behind it seen from the wire, and the truth about which door opens when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime

from aiohttp import web

from .ttlock_api import Api, AppUser
from .ttlock_doors import Doors, Span
from .ttlock_faults import Fault
from .wechatpay_faults import Troubles

BODY_LIMIT = 64 * 1024


class TTLockSandbox:
    """``clock`` gives aware instants: tokens, request dates and history go by it. ``password`` in clear.

    ``faults`` are the troubles of calls; by default there are none.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        username: str,
        password: str,
        clock: Callable[[], datetime],
        seed: int = 0,
        *,
        faults: Troubles[Fault] | None = None,
    ) -> None:
        self.doors = Doors(clock, seed)
        self.faults = faults or Troubles(seed=seed)
        self._api = Api(AppUser(client_id, client_secret, username, password), self.doors, self.faults, clock)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=BODY_LIMIT)
        app.add_routes(self._api.routes())

        async def shut(_: web.Application) -> None:
            self._api.closing.set()

        app.on_shutdown.append(shut)
        return app

    def add_lock(
        self, lock_id: int, passcodes: Iterable[Span] = (), ekeys: Iterable[Span] = (), *, online: bool = True
    ) -> list[int]:
        """A door with its credentials, each (start, end); their ids, passcodes first. End None = permanent."""
        ids = self.doors.add(lock_id, "passcode", passcodes) + self.doors.add(lock_id, "ekey", ekeys)
        self.gateway(lock_id, online=online)
        return ids

    def gateway(self, lock_id: int, *, online: bool) -> None:
        """Away: remote changes answer -3002 until it is back. Raises KeyError."""
        self.doors.doors[lock_id].online = online

    def trouble(self, lock_id: int, *errcodes: int) -> None:
        """Errcodes for the next remote changes, one each (-3003 gateway busy, -3037 lock busy …). Raises KeyError."""
        self.doors.doors[lock_id].troubles.extend(errcodes)

    def expire_tokens(self) -> None:
        """Every access token is forgotten: the next calls answer 10003."""
        self._api.tokens.clear()

    def expire_refresh_tokens(self) -> None:
        self._api.refresh_tokens.clear()

    def opens(self, lock_id: int, at: datetime) -> bool:
        """Whether any credential opens the door itself at this instant. Raises KeyError."""
        return any(one.opens(at) for one in self.doors.doors[lock_id].lock.values())

    def ends(self) -> dict[int, dict[int, datetime | None]]:
        """By lock and credential id: when it ends in the lock itself; None = never."""
        return {door.id: {one.id: one.end for one in door.lock.values()} for door in self.doors.doors.values()}

    def truth(self) -> dict[str, object]:
        """JSON-able. ``locks``: by lock id the ends of its credentials in lock and cloud; ``history``: every change.
        Instants are ISO text."""
        locks = {
            str(door.id): {
                "lock": {f"{one.kind} {one.id}": _iso(one.end) for one in door.lock.values()},
                "cloud": {f"{one.kind} {one.id}": _iso(one.end) for one in door.cloud.values()},
            }
            for door in self.doors.doors.values()
        }
        history = [
            {name: _iso(value) if isinstance(value, datetime) else value for name, value in asdict(change).items()}
            for change in self.doors.history
        ]
        return {"locks": locks, "history": history}


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
