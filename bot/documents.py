"""The paper that is signed, from ``templates/documents/``: supplement or new contract, as a PDF."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from backend.db.port import Stored
from backend.esign.port import Signer
from bot.clock import shanghai_day
from bot.printing import printed
from bot.rendering import page_environment
from dialogs.capitals import capitals
from dialogs.effects import OpenEnvelope
from dialogs.lease import Role
from dialogs.paper import changes, paper_for
from dialogs.renewal import Renewal


class Documents:
    def __init__(self, templates: Path) -> None:
        self._environment = page_environment(templates)
        self._environment.filters["capitals"] = capitals

    def paper(self, stored: Stored, wish: OpenEnvelope, signers: tuple[Signer, ...]) -> bytes:
        """The PDF; the same bytes for the same envelope whenever it is made, so that a resend is the same document."""
        return printed(self.page(stored, wish, signers))

    def page(self, stored: Stored, wish: OpenEnvelope, signers: tuple[Signer, ...]) -> str:
        """The same as HTML. Deposit amount, return and deductions are restated (住房租赁条例, Art. 10)."""
        renewal = stored.renewal
        lease, terms = renewal.lease, wish.proposal
        held = lease.deposit_held if renewal.deposit_held is None else renewal.deposit_held
        paper = paper_for(lease, terms, _agreed_on(renewal))
        roles = {party.id: party.role for party in lease.parties}
        return self._environment.get_template(f"documents/{paper.kind}.html").render(
            lang="zh",
            key=wish.key,
            lease=lease,
            terms=terms,
            held=held,
            paper=paper,
            same={one.clause: one.same for one in changes(lease, terms, held)},
            parties=[(roles.get(one.id, Role.TENANT), one.name) for one in signers],
        )


def _agreed_on(renewal: Renewal) -> date:
    """The Shanghai day on which the way to the signature was clear: it stays while an envelope is resent."""
    cleared = renewal.marks.get("cleared")
    return renewal.opened_on if cleared is None else shanghai_day(cleared)
