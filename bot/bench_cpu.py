"""Processor time of a server and of PostgreSQL, read from /proc: what a message costs, whoever else is running."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")


class Stat(NamedTuple):
    """From one ``/proc/<pid>/stat``: who started it, and seconds of processor time, its own and of ended children."""

    parent: int
    own: float
    ended: float


def parse_stat(line: str) -> Stat:
    """Fields 4 and 14 to 17 of proc(5); the name in brackets may hold blanks and brackets. Raises ValueError."""
    _, found, rest = line.rpartition(")")
    fields = rest.split()
    if not found or len(fields) < 15:
        raise ValueError("not a line of /proc/<pid>/stat")
    user, system, child_user, child_system = (int(fields[place]) for place in (11, 12, 13, 14))
    return Stat(int(fields[1]), (user + system) / TICK, (child_user + child_system) / TICK)


def seconds(pid: int) -> float:
    """Processor seconds of one process. Raises OSError when it is gone."""
    return parse_stat((PROC / str(pid) / "stat").read_text()).own


def family_seconds(pid: int) -> float:
    """Processor seconds of a process, its children, and the children that have ended: PostgreSQL's postmaster."""
    first = parse_stat((PROC / str(pid) / "stat").read_text())
    return first.own + first.ended + sum(stat.own for stat in _all() if stat.parent == pid)


def _all() -> list[Stat]:
    """Every process there is; one may end while we read."""
    found = []
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                found.append(parse_stat((folder / "stat").read_text()))
            except OSError:
                continue
    return found
