"""Where a tenant can pay an order: the connected payers, in order, and whom each of them can take money from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backend.payments.port import Payer, Payments


class Tills:
    """``payments`` by name, in the order in which they are offered."""

    def __init__(self, payments: Mapping[str, Payments]) -> None:
        self._payments = dict(payments)

    def __iter__(self) -> Iterator[Payments]:
        return iter(self._payments.values())

    def __bool__(self) -> bool:
        return bool(self._payments)

    def named(self, way: str) -> Payments | None:
        return self._payments.get(way)

    def ways(self, addresses: Mapping[str, str], payee: str = "") -> tuple[str, ...]:
        """Through whom a tenant with these addresses can pay the merchant account of that name.

        WeChat Pay wants a bound WeChat, Alipay nothing. Nobody pays another account instead.
        """
        ours = {name: one for name, one in self._payments.items() if name.partition(".")[2] == payee}
        return tuple(name for name, one in ours.items() if not one.asks_for or one.asks_for in addresses)

    def choose(self, wanted: str, addresses: Mapping[str, str], payee: str = "") -> Payments | None:
        """The one that was asked for, or the first through whom they can pay; None: there is none."""
        ways = self.ways(addresses, payee)
        if wanted:
            return self._payments[wanted] if wanted in ways else None
        return self._payments[ways[0]] if ways else None


def payer_for(payments: Payments, addresses: Mapping[str, str], back: str = "") -> Payer:
    return Payer(addresses.get(payments.asks_for, ""), back)
