"""Renders the paper that is signed from ``templates/documents/``: the supplement that prolongs a lease."""

from __future__ import annotations

from pathlib import Path

from backend.db.port import Stored
from backend.esign.port import Signer
from bot.rendering import page_environment
from dialogs.effects import OpenEnvelope


class Documents:
    def __init__(self, templates: Path) -> None:
        self._environment = page_environment(templates)

    def supplement(self, stored: Stored, wish: OpenEnvelope, signers: tuple[Signer, ...]) -> bytes:
        """续租补充协议 as a self-contained UTF-8 HTML page. Deposit amount, return and deductions are restated
        (住房租赁条例, Art. 10)."""
        template = self._environment.get_template("documents/supplement.html")
        renewal = stored.renewal
        carry = renewal.lease.deposit_held if renewal.deposit_held is None else renewal.deposit_held
        return template.render(
            lang="zh", key=wish.key, lease=renewal.lease, terms=wish.proposal, signers=signers, carry=carry
        ).encode()
