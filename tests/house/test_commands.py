"""What a developer types: make prints itself, CI is make test, and setup is pinned by hash."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib

import pytest

from tests.house.sources import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
_PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==([^ ;\\]+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    return dict(_PIN.findall((ROOT / lock).read_text()))


def wanted(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def test_make_alone_prints_every_target() -> None:
    printed = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert set(re.findall(r"make ([a-z]+) ", printed.stdout)) == set(phony[1].split())
    assert {"setup", "demo", "test", "bench", "lock", "diagram", "clean"} <= set(phony[1].split())


def test_demo_passes_its_settings_on() -> None:
    said = ["make", "--no-print-directory", "-n", "demo", "ONCE=1", "REPORT=out/season report.json", "SEED=7"]
    printed = subprocess.run(said, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert '.venv/bin/xuzu demo --once --report "out/season report.json" --seed 7' in printed
    said = ["make", "--no-print-directory", "-n", "demo", "PHONE=1"]
    assert "--phone" in subprocess.run(said, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_ci_is_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert script.read_text().rstrip().endswith("exec make test")
    assert "set -euo pipefail" in script.read_text()


@pytest.mark.parametrize("script", sorted((ROOT / ".ci").iterdir()), ids=lambda path: path.name)
def test_scripts_can_be_run(script: os.PathLike[str]) -> None:
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True)


@pytest.mark.parametrize("lock", LOCKS)
def test_each_pin_has_a_hash_and_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text()
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    pinned = [block for block in blocks if _PIN.match(block)]
    assert len({_PIN.findall(block)[0][0] for block in pinned}) == len(pins(lock)) > 10
    assert all("--hash=sha256:" in block for block in pinned)
    assert "://" not in text
    assert "index-url" not in text


def test_the_locks_hold_what_the_project_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = {wanted(one) for one in asked["project"]["dependencies"] + asked["build-system"]["requires"]}
    tools = {wanted(one) for one in asked["project"]["optional-dependencies"]["dev"]}
    assert runtime <= set(pins("requirements.lock"))
    assert runtime | tools <= set(pins("requirements-dev.lock"))


def test_tests_run_on_what_is_shipped() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()
