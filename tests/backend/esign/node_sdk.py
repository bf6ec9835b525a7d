"""Fadada's own Node SDK, installed once per checkout below var/ and driven over a pipe; or a loud skip."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "foreign"
VAR = Path(__file__).parents[3] / "var"
INSTALL_SECONDS = 180
LOUD = "FADADA'S OWN SDK DID NOT CHECK OUR SIGNATURES:"
_NO_NETWORK = (
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENETUNREACH",
    "E403",
    "E404",
    "E50",
)


@dataclass
class NodeSdk:
    process: Process

    async def asked(self, what: str, **more: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"what": what, **more}).encode() + b"\n")
        line = await self.process.stdout.readline()
        told: dict[str, Any] = json.loads(line)
        assert "broken" not in told, told
        return told

    async def calls(self, method: str, req: dict[str, Any], **more: Any) -> dict[str, Any]:
        client = "docClient" if method in ("getUploadUrl", "fileProcess") else "signTaskClient"
        return await self.asked("call", client=client, method=method, req=req, **more)


@asynccontextmanager
async def driven(folder: Path, server_url: str, app_id: str, app_secret: str) -> AsyncIterator[NodeSdk]:
    """It is told no proxy and knows one address, on this machine."""
    command = ["node", str(HERE / "drive.cjs"), str(folder), server_url, app_id, app_secret]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, env={"PATH": os.environ["PATH"]}, limit=1 << 20
    )
    try:
        yield NodeSdk(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def installed() -> Path:
    """Where the SDK's ``node_modules`` are. Skips where Node, npm or their registry is out of reach."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{LOUD} {program} is not installed")
    folder = VAR / "foreign-fadada"
    folder.mkdir(parents=True, exist_ok=True)
    with (VAR / "foreign-fadada.lock").open("w") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        _install(folder)
    return folder


def _install(folder: Path) -> None:
    lock, stamp = (HERE / "package-lock.json").read_bytes(), folder / "installed"
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    command = [
        "npm",
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--fetch-retries=1",
        "--cache",
        str(VAR / "npm"),
    ]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"{LOUD} npm did not end within {INSTALL_SECONDS} s")
    if done.returncode and any(f"code {word}" in done.stderr for word in _NO_NETWORK):
        pytest.skip(f"{LOUD} npm cannot reach its registry")
    assert done.returncode == 0, done.stderr
    stamp.write_bytes(lock)
