"""What staff can do about a tenant's ways in, for pages and API alike; logged by number, never by name."""

from __future__ import annotations

import logging

from backend.db.port import Stored

from .desk import Desk

log = logging.getLogger("xuzu.console")


async def revoke_links(desk: Desk, stored: Stored) -> None:
    """No link and no SMS code made until now opens the page any more; there is no way back. Raises StoreDown."""
    await desk.store.revoke_links(stored.id, desk.now())
    log.info("renewal %s: links revoked at the desk", stored.id)


async def binding_picture(desk: Desk, stored: Stored) -> str | None:
    """The address of a code to scan, made now; None: WeChat is not connected, or gives none. Raises StoreDown."""
    picture = await desk.binding(stored) if desk.binding is not None else None
    if picture is not None:
        log.info("renewal %s: a binding code was made at the desk", stored.id)
    return picture
