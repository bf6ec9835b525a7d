"""Throw-away servers for the bench: a PostgreSQL that syncs every commit, and children that answer on a port."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

LOOPBACK = "127.0.0.1"
READY_SECONDS = 60
DURABLE = (
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "max_connections=200",
    "shared_buffers=256MB",
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
    "jit=off",
)


class BenchFailed(RuntimeError):
    """The bench cannot be run here; the text says what is missing."""


class Cluster(msgspec.Struct, frozen=True):
    """A running PostgreSQL; ``pid`` is its postmaster."""

    port: int
    pid: int
    binaries: Path

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://xuzu@{LOOPBACK}:{self.port}/{database}"

    def create(self, database: str) -> str:
        """A fresh database; its address. Raises BenchFailed."""
        self._client("createdb", database)
        return self.url(database)

    def settle(self) -> None:
        """Clean tables, fresh statistics, nothing left to write: what follows measures only itself."""
        self._client("vacuumdb", "--all", "--analyze", "--quiet")
        self._client("psql", "-q", "-d", "postgres", "-c", "CHECKPOINT")

    def _client(self, program: str, *words: str) -> None:
        command = [str(self.binaries / program), "-h", LOOPBACK, "-p", str(self.port), "-U", "xuzu", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        if done.returncode:
            raise BenchFailed(f"{program}: {done.stderr.strip()[-500:]}")


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster in an empty folder, gone afterwards. Raises BenchFailed where PostgreSQL's programs are missing."""
    binaries, user = _binaries(), _somebody()
    home = folder / "postgres"
    home.mkdir()
    if user is not None:
        _let_in(folder)
        os.chown(home, user.pw_uid, user.pw_gid)
    cluster_home, port = home / "cluster", free_port()
    words = ["-D", str(cluster_home), "-U", "xuzu", "-A", "trust", "-E", "UTF8", "--locale=C"]
    _as(user, [str(binaries / "initdb"), *words], home)
    settings = (f"port={port}", f"listen_addresses={LOOPBACK}", f"unix_socket_directories={home}", *DURABLE)
    control = [str(binaries / "pg_ctl"), "-D", str(cluster_home), "-w"]
    options = " ".join(f"-c {one}" for one in settings)
    _as(user, [*control, "-t", str(READY_SECONDS), "-l", str(home / "log"), "-o", options, "start"], home)
    try:
        pid = int((cluster_home / "postmaster.pid").read_text().splitlines()[0])
        yield Cluster(port, pid, binaries)
    finally:
        _as(user, [*control, "-m", "immediate", "stop"], home)


@contextmanager
def child(command: list[str], environ: Mapping[str, str], port: int, log: Path) -> Iterator[int]:
    """A server in a process of its own; its pid once the port answers. Raises BenchFailed with its last words."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=out, stderr=out)  # noqa: S603 - ditto
    try:
        _await(process, port, log)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder for everything the bench writes (``TMPDIR`` says where), gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="xuzu-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sync_milliseconds(folder: Path, times: int = 50) -> float:
    """What one small durable write costs in this folder; near zero means that nothing here is durable."""
    with (folder / "sync").open("wb", buffering=0) as file:
        started = time.perf_counter()
        for _ in range(times):
            file.write(b"x" * 512)
            os.fdatasync(file.fileno())
        return (time.perf_counter() - started) / times * 1e3


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.05)
    raise BenchFailed(f"no answer on port {port}: {log.read_text(errors='replace')[-2000:]}")


def _binaries() -> Path:
    """Named by ``XUZU_PG_BIN``, on the path, or where Debian puts them."""
    named = os.environ.get("XUZU_PG_BIN") or None
    on_path = shutil.which("initdb", path=named) if named else shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    if named or not versions:
        raise BenchFailed("PostgreSQL is needed: install it, or name the folder of its programs in XUZU_PG_BIN")
    return versions[-1].parent


def _somebody() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to be root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _let_in(folder: Path) -> None:
    folder.chmod(0o711)


def _as(user: pwd.struct_passwd | None, command: list[str], folder: Path) -> None:
    uid, gid = (user.pw_uid, user.pw_gid) if user is not None else (None, None)
    with (folder / "words").open("wb") as out:
        done = subprocess.run(command, cwd=folder, stdout=out, stderr=out, user=uid, group=gid, check=False)  # noqa: S603
    if done.returncode:
        raise BenchFailed(f"{Path(command[0]).name}: {(folder / 'words').read_text(errors='replace')[-1000:]}")
