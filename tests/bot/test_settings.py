"""Settings: what is missing or wrong is named; secrets come from files too; the open desk stays on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import FadadaSettings, Settings, SettingsError, WeChatSettings, read_settings

LEAST = {
    "XUZU_DATABASE_URL": "sqlite:///x.db",
    "XUZU_SEAL_KEY": "5e" * 32,
    "XUZU_LINK_KEY": "k" * 32,
    "XUZU_OPERATORS": "寓居生活,另一家",
}
WECHAT = {
    "XUZU_WECHAT_APPID": "wx1",
    "XUZU_WECHAT_SECRET": "s",
    "XUZU_WECHAT_TOKEN": "t",
    "XUZU_WECHAT_AES_KEY": "a" * 43,
}


def test_the_least_is_enough_and_connects_nothing() -> None:
    settings = read_settings(LEAST)
    assert settings.operators == ("寓居生活", "另一家")
    assert (settings.host, settings.port, settings.role) == ("127.0.0.1", 8080, "all")
    assert (settings.wechat, settings.fadada, settings.pay, settings.lock) == (None, None, None, None)
    assert not settings.open_desk
    assert settings.desk_key == ""


@pytest.mark.parametrize("name", LEAST)
def test_a_missing_setting_is_named_and_so_is_an_empty_one(name: str) -> None:
    field = name.removeprefix("XUZU_").lower()
    for environ in ({key: value for key, value in LEAST.items() if key != name}, {**LEAST, name: ""}):
        with pytest.raises(SettingsError, match=rf"`{field}`.*XUZU_"):
            read_settings(environ)


def test_numbers_and_switches_are_read_from_text() -> None:
    settings = read_settings({**LEAST, "XUZU_PORT": "9000", "XUZU_POLL_SECONDS": "0.5", "XUZU_OPEN_DESK": "1"})
    assert (settings.port, settings.poll_seconds, settings.open_desk) == (9000, 0.5, True)


def test_a_number_that_is_none_is_named() -> None:
    with pytest.raises(SettingsError, match=r"\$\.port"):
        read_settings({**LEAST, "XUZU_PORT": "often"})


def test_a_group_is_whole_or_absent() -> None:
    assert read_settings({**LEAST, **WECHAT}).wechat == WeChatSettings("wx1", "s", "t", "a" * 43)
    with pytest.raises(SettingsError, match=r"`secret`.*\$\.wechat"):
        read_settings({**LEAST, "XUZU_WECHAT_APPID": "wx1"})


def test_the_fields_of_an_approved_template_are_told_by_name() -> None:
    wechat = read_settings({**LEAST, **WECHAT, "XUZU_WECHAT_NOTICE_FIELDS": "thing=thing7, time=date2"}).wechat
    assert wechat is not None
    assert wechat.notice_fields == {"thing": "thing7", "time": "date2"}
    with pytest.raises(SettingsError, match="notice_fields"):
        read_settings({**LEAST, **WECHAT, "XUZU_WECHAT_NOTICE_FIELDS": "titel=thing7"})


def test_groups_do_not_take_each_others_names() -> None:
    fadada = {"XUZU_FADADA_APP_ID": "1", "XUZU_FADADA_APP_SECRET": "s", "XUZU_FADADA_OPEN_CORP_ID": "c"}
    settings = read_settings({**LEAST, **fadada})
    assert settings.fadada == FadadaSettings("1", "s", "c")
    assert settings.wechat is None


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush\n")
    environ = {key: value for key, value in WECHAT.items() if key != "XUZU_WECHAT_SECRET"}
    settings = read_settings({**LEAST, **environ, "XUZU_WECHAT_SECRET_FILE": str(secret)})
    assert settings.wechat is not None
    assert settings.wechat.secret == "hush"


def test_the_variable_itself_comes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file")
    settings = read_settings({**LEAST, "XUZU_DESK_KEY": "said", "XUZU_DESK_KEY_FILE": str(tmp_path / "key")})
    assert settings.desk_key == "said"


def test_a_file_that_is_not_there_is_named_by_its_setting_only(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"XUZU_DESK_KEY_FILE names a file that cannot be read: No such file"):
        read_settings({**LEAST, "XUZU_DESK_KEY_FILE": str(tmp_path / "nowhere")})


def test_what_is_wrong_is_told_without_the_secrets_beside_it() -> None:
    with pytest.raises(SettingsError) as wrong:
        read_settings({**LEAST, "XUZU_DESK_KEY": "do-not-print-me", "XUZU_PORT": "x"})
    assert "do-not-print-me" not in str(wrong.value)
    assert LEAST["XUZU_SEAL_KEY"] not in str(wrong.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_an_open_desk_on_this_machine(host: str) -> None:
    assert read_settings({**LEAST, "XUZU_OPEN_DESK": "1", "XUZU_HOST": host}).open_desk


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "desk.example"])
def test_no_open_desk_for_others(host: str) -> None:
    with pytest.raises(SettingsError, match="XUZU_OPEN_DESK serves personal data without a key"):
        read_settings({**LEAST, "XUZU_OPEN_DESK": "1", "XUZU_HOST": host})


def test_it_is_a_value() -> None:
    assert read_settings(LEAST) == Settings("sqlite:///x.db", "5e" * 32, "k" * 32, ("寓居生活", "另一家"))


def test_further_merchant_accounts_have_names_of_their_own() -> None:
    account = {
        f"XUZU_PAY_EAST_{name}": name.lower()
        for name in (
            "MCHID", "APPID", "MERCHANT_SERIAL", "MERCHANT_KEY_PEM", "APIV3_KEY", "PLATFORM_SERIAL", "PLATFORM_KEY_PEM",
        )
    }  # fmt: skip
    settings = read_settings(LEAST | account | {"XUZU_PAYEES": "east"})
    assert (settings.pay, settings.pay_of["east"].mchid, settings.alipay_of) == (None, "mchid", {})


@pytest.mark.parametrize("name", ["west", "East", "a-b"])
def test_a_payee_without_an_account_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match="XUZU_PAYEES"):
        read_settings(LEAST | {"XUZU_PAYEES": name})
