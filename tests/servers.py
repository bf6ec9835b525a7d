"""PostgreSQL and Redis for one test run: private instances on free loopback ports, gone afterwards."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

LOOPBACK = "127.0.0.1"
READY_SECONDS = 30
PG_OPTIONS = ("fsync=off", "full_page_writes=off", "max_connections=200", "shared_buffers=64MB", "jit=off")
_REFUSE_SERVICES = Path("/usr/sbin/policy-rc.d")


class Missing(RuntimeError):
    """A server program is absent and cannot be installed from here."""


class Postgres(msgspec.Struct, frozen=True):
    """A running server; ``url(name)`` addresses one of its databases."""

    port: int
    folder: Path
    binaries: Path

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://xuzu@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> None:
        settings = (f"port={self.port}", f"listen_addresses={LOOPBACK}", f"unix_socket_directories={self.folder}")
        options = " ".join(f"-c {one}" for one in (*settings, *PG_OPTIONS))
        self._control("start", "-w", "-t", str(READY_SECONDS), "-l", str(self.folder / "log"), "-o", options)

    def stop(self, how: str = "immediate") -> None:
        """``immediate`` is a crash; ``fast`` closes connections and ends in order."""
        self._control("stop", "-w", "-m", how)

    def _control(self, *words: str) -> None:
        command = [str(self.binaries / "pg_ctl"), "-D", str(self.folder / "cluster"), *words]
        if _unprivileged(command, self.folder):
            raise RuntimeError(f"pg_ctl {words[0]}: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A fresh cluster whose superuser ``xuzu`` needs no password from this machine."""
    binaries = _found("initdb", "XUZU_PG_BIN", "postgresql")
    folder = Path(tempfile.mkdtemp(prefix="xuzu-pg-"))
    try:
        _give_away(folder)
        initdb = [str(binaries / "initdb"), "-D", str(folder / "cluster"), "-U", "xuzu", "-A", "trust", "--no-sync"]
        if _unprivileged([*initdb, "-E", "UTF8", "--locale=C"], folder):
            raise RuntimeError("initdb failed; see above")
        server = Postgres(free_port(), folder, binaries)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """The address of a Redis that keeps nothing."""
    binary = _found("redis-server", "XUZU_REDIS_BIN", "redis-server") / "redis-server"
    port = free_port()
    options = ["--bind", LOOPBACK, "--port", str(port), "--save", "", "--appendonly", "no", "--loglevel", "warning"]
    process = subprocess.Popen([binary, *options], cwd=tempfile.gettempdir(), stdout=subprocess.DEVNULL)
    try:
        _await(process, port)
        yield f"redis://{LOOPBACK}:{port}/0"
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not answer on port {port}")


def _unprivileged(command: list[str], folder: Path) -> int:
    """Runs a program of PostgreSQL's, which refuses to be root; its exit status."""
    if os.getuid() != 0:
        return subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False).returncode
    uid, gid = _somebody().pw_uid, _somebody().pw_gid
    return subprocess.run(
        command, cwd=folder, stdout=subprocess.DEVNULL, check=False, user=uid, group=gid, extra_groups=[]
    ).returncode


def _somebody() -> pwd.struct_passwd:
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _give_away(folder: Path) -> None:
    if os.getuid() == 0:
        os.chown(folder, _somebody().pw_uid, _somebody().pw_gid)


def _found(program: str, setting: str, package: str) -> Path:
    """The folder of a program: named by the environment, on the path, where Debian puts it, or freshly installed."""
    if named := os.environ.get(setting):
        if not (Path(named) / program).exists():
            raise Missing(f"{setting}={named} holds no {program}")
        return Path(named)
    folder = _looked_up(program)
    if folder is None:
        _install(program, package, setting)
        folder = _looked_up(program)
    if folder is None:
        raise Missing(f"{package} was installed, but {program} is not there")
    return folder


def _looked_up(program: str) -> Path | None:
    if on_path := shutil.which(program):
        return Path(on_path).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda one: int(one.parts[-3]))
    return versions[-1].parent if versions else None


def _install(program: str, package: str, setting: str) -> None:
    if os.getuid() != 0 or shutil.which("apt-get") is None:
        raise Missing(
            f"{program} is needed by the tests: install it (on Debian: apt-get install {package}), or name the folder "
            f"that holds it in {setting}"
        )
    with (Path(tempfile.gettempdir()) / "xuzu-install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _looked_up(program) is not None:
            return
        with _services_left_alone():
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=True)
            subprocess.run(["apt-get", "install", "-y", "-qq", package], env=quiet, check=True)


@contextmanager
def _services_left_alone() -> Iterator[None]:
    """Debian asks this file before it starts what it has installed; 101 means no."""
    if _REFUSE_SERVICES.exists():
        yield
        return
    _REFUSE_SERVICES.write_text("#!/bin/sh\nexit 101\n")
    _REFUSE_SERVICES.chmod(0o755)
    try:
        yield
    finally:
        _REFUSE_SERVICES.unlink(missing_ok=True)
