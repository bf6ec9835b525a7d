"""A missing browser is named with what to type, not stumbled over."""

from __future__ import annotations

import pytest

from tests.journeys import chromium


def test_a_named_browser_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(chromium.SETTING, "/nowhere/browser")
    with pytest.raises(chromium.Missing, match="is no program"):
        chromium.binary.__wrapped__()


def test_what_cannot_be_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(chromium.SETTING, raising=False)
    monkeypatch.setattr("shutil.which", lambda program: None)
    with pytest.raises(chromium.Missing, match="apt-get install chromium fonts-noto-cjk"):
        chromium.binary.__wrapped__()
