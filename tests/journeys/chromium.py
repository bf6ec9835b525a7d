"""Where the browser of the journeys is: named by the environment, on the path, or freshly installed with its glyphs."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

SETTING = "XUZU_CHROMIUM"
PACKAGES = ("chromium", "fonts-noto-cjk")
WAIT_FOR_OTHERS = "DPkg::Lock::Timeout=300"


class Missing(RuntimeError):
    """There is no browser here, and it cannot be installed."""


@cache
def binary() -> str:
    """The program to run. Raises Missing, which says what to type."""
    if named := os.environ.get(SETTING):
        if shutil.which(named) is None:
            raise Missing(f"{SETTING}={named} is no program")
        return named
    found = shutil.which("chromium")
    if found is None or not _has_glyphs():
        _install()
        found = shutil.which("chromium")
    if found is None:
        raise Missing("chromium was installed, but it is not on the path")
    return found


def _has_glyphs() -> bool:
    """Without a Chinese font every character is an empty box, and a picture of the page shows nothing."""
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    return bool(subprocess.run([lister, ":lang=zh"], capture_output=True, check=True).stdout.strip())


def _install() -> None:
    if os.getuid() != 0 or shutil.which("apt-get") is None:
        raise Missing(
            f"the journeys need a browser and a Chinese font: install them (on Debian: apt-get install "
            f"{' '.join(PACKAGES)}), or name the browser in {SETTING}"
        )
    with (Path(tempfile.gettempdir()) / "xuzu-install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        apt = ["apt-get", "-o", WAIT_FOR_OTHERS, "-qq"]
        subprocess.run([*apt, "update"], env=quiet, check=True)
        subprocess.run([*apt, "install", "-y", "--no-install-recommends", *PACKAGES], env=quiet, check=True)
