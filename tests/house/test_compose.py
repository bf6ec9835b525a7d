"""The compose file and the image: what starts, in which order, with no secret written down."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.house.sources import ROOT

OURS = ("migrate", "web", "worker")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_the_services(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"postgres", "redis", *OURS}
    commands = {name: compose["services"][name]["command"] for name in OURS}
    assert commands == {
        "migrate": ["migrate"],
        "web": ["serve", "--role", "web"],
        "worker": ["serve", "--role", "worker"],
    }


def test_nothing_serves_before_the_schema_is_there(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}
    assert services["migrate"]["restart"] == "no"
    for name in ("web", "worker"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    for name in ("postgres", "redis"):
        assert services[name]["healthcheck"]["test"][0] == "CMD"


def test_only_the_web_is_reached_and_only_from_this_machine(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8080:8080"]}


def test_every_secret_comes_from_outside_and_is_demanded(compose: dict[str, Any]) -> None:
    for name in OURS:
        environment = compose["services"][name]["environment"]
        for setting in ("XUZU_DATABASE_URL", "XUZU_SEAL_KEY", "XUZU_LINK_KEY", "XUZU_DESK_KEY", "XUZU_OPERATORS"):
            assert re.search(r"\$\{[A-Z_]+:\?", environment[setting]), setting
    assert "POSTGRES_PASSWORD:?" in compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"]
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_our_containers_may_do_little(compose: dict[str, Any]) -> None:
    for name in OURS:
        service = compose["services"][name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])


def test_each_volume_is_declared(compose: dict[str, Any]) -> None:
    used = {
        mount.split(":")[0]
        for service in compose["services"].values()
        for mount in service.get("volumes", [])
        if not mount.startswith((".", "/"))
    }
    assert used == set(compose["volumes"])


def test_the_image_installs_by_hash_and_runs_as_nobody_special() -> None:
    image = (ROOT / "Dockerfile").read_text()
    steps = [line.split(maxsplit=1) for line in image.splitlines() if re.match(r"[A-Z]+ ", line)]
    assert any("--require-hashes --requirement requirements.lock" in rest for word, rest in steps if word == "RUN")
    words = [word for word, _ in steps]
    assert words.index("USER") > max(at for at, word in enumerate(words) if word == "RUN")
    copied = {part for word, rest in steps if word == "COPY" for part in rest.split()[:-1]}
    assert copied == {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert all((ROOT / name).exists() for name in copied)


def test_settings_named_in_compose_are_settings(compose: dict[str, Any]) -> None:
    from bot.settings import Settings

    known = {f"XUZU_{name.upper()}" for name in Settings.__struct_fields__}
    assert set(compose["services"]["web"]["environment"]) <= known
