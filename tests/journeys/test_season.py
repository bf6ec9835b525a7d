"""The whole product as a stranger runs it: a season from the ledger to the door locks, played by the real commands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.servers import free_port

ROOT = Path(__file__).parents[2]
SECONDS = 900
"""A bound for a machine that is busy with other tests, not a measure."""


def season(folder: Path, *more: str) -> dict[str, Any]:
    """Play it to its end; the figures it reports. Fails with its last words when it breaks a promise."""
    report = folder / "report.json"
    command = [sys.executable, "-m", "bot", "demo", "--once", "--report", str(report), "--folder", str(folder / "demo")]
    command += ["--port", str(free_port())]
    played = subprocess.run([*command, *more], cwd=ROOT, capture_output=True, timeout=SECONDS, check=False)
    assert played.returncode == 0, (played.stdout + played.stderr)[-4000:].decode(errors="replace")
    found: dict[str, Any] = json.loads(report.read_text())
    return found


SETTLED = ("charges", "charged_fen", "refunds", "refunded_fen", "envelopes", "contracts_signed", "seals", "doors_moved")


def settled(figures: dict[str, Any]) -> dict[str, Any]:
    """What a season comes to: people, reasons, money, contracts, doors.

    Not how often somebody was nudged: on a machine under load a partner's answer may come too late for its instant, is
    looked up again, and that can cost one more notice and one more look by a person.
    """
    told = {name: figures["truth"][name] for name in (*SETTLED, "violations")}
    rest = {name: found for name, found in figures.items() if name not in ("run", "tasks", "truth")}
    return rest | {"truth": told}


def test_a_season_keeps_every_promise_on_either_store_and_ties_out(tmp_path: Path, pg_url: str, redis_url: str) -> None:
    figures = season(tmp_path)
    assert figures["truth"]["violations"] == []
    assert figures["ties_out"]
    assert figures["renewed"] + figures["lost"] == figures["funnel"][0]["reached"] == 68
    assert sum(figures["reasons"].values()) == figures["lost"] > 0
    assert figures["truth"]["contracts_signed"] >= figures["renewed"] > 0
    assert figures["run"]["server_starts"] == 1
    again = season(tmp_path, "--database", pg_url, "--redis", redis_url)
    assert settled(again) == settled(figures), "the same seed gives the same figures on either store"


def test_a_server_killed_twenty_times_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    figures = season(tmp_path, "--kills", "20")
    assert figures["truth"]["violations"] == []
    assert figures["ties_out"]
    assert figures["still_open"] == 0
    assert figures["run"]["server_starts"] == 21
