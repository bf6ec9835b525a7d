"""``xuzu`` as a supervisor runs it: words, exit codes, and a clear sentence for what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEAST = {"XUZU_SEAL_KEY": "5e" * 32, "XUZU_LINK_KEY": "k" * 32, "XUZU_OPERATORS": "yuju"}


def xuzu(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("XUZU_")}
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(
        command, cwd=ROOT, env=clean | environ, capture_output=True, text=True, timeout=60, check=False
    )


def test_help_names_every_word() -> None:
    said = xuzu("--help")
    assert said.returncode == 0
    for word in ("serve", "migrate", "doctor", "import", "export", "demo", "diagram", "bench"):
        assert f"\n    {word} " in said.stdout


def test_a_missing_setting_is_one_sentence_and_exit_2() -> None:
    said = xuzu("serve")
    assert said.returncode == 2
    assert "`database_url`" in said.stderr
    assert "Names are XUZU_ + the path in capitals." in said.stderr
    assert "Traceback" not in said.stderr


def test_an_unknown_word_is_exit_2() -> None:
    said = xuzu("dance")
    assert said.returncode == 2
    assert "Traceback" not in said.stderr


def test_from_nothing_to_a_database_that_the_doctor_likes(tmp_path: Path) -> None:
    environ = {**LEAST, "XUZU_DATABASE_URL": f"sqlite:///{tmp_path / 'xuzu.db'}"}
    before = xuzu("doctor", **environ)
    assert before.returncode == 1
    assert "xuzu migrate" in before.stdout
    assert xuzu("migrate", **environ).returncode == 0
    after = xuzu("doctor", **environ)
    assert after.returncode == 0
    assert "ok       database" in after.stdout


def test_the_diagram_needs_no_settings() -> None:
    said = xuzu("diagram")
    assert said.returncode == 0
    assert "awaiting_signature" in said.stdout
