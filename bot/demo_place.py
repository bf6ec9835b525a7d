"""Where a demo may play: an empty folder of its own, and a port that nobody else has."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

from bot.settings import SettingsError

MARK = ".xuzu-demo"


def fresh(folder: Path) -> Path:
    """An empty folder: each demo begins anew. Raises SettingsError rather than empty one that is not a demo's."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise SettingsError(f"{folder} is not empty and was not made by a demo: name another one with --folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    return folder.resolve()


def port(wanted: int, *, free: bool) -> int:
    """The wanted port, or with ``free`` any other one when it is taken. Raises SettingsError."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            if not free:
                raise SettingsError(f"port {wanted} is taken: stop what runs there, or say --port") from None
            probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number
