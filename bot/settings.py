"""What the engineer sets: environment variables, each secret also as ``NAME_FILE``; nothing secret has a default."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec


class SettingsError(ValueError):
    """A setting is missing or wrong; the text names it and says what to do."""


class WeChatSettings(msgspec.Struct, frozen=True):
    appid: str
    secret: str
    token: str
    aes_key: str
    previous_aes_key: str = ""
    api_base: str = "https://api.weixin.qq.com"
    notice_template: str = ""
    """Template id of the approved 类目模板 that carries notices; its field names are in ``channels/wechat``."""


class FadadaSettings(msgspec.Struct, frozen=True):
    app_id: str
    app_secret: str
    open_corp_id: str
    api_base: str = "https://api.fadada.com/api/v5"
    business_id: str = ""
    """Scene code of the 免验证签 grant; without it the landlord's seal is set by hand."""


class PaySettings(msgspec.Struct, frozen=True):
    mchid: str
    appid: str
    merchant_serial: str
    merchant_key_pem: str
    apiv3_key: str
    platform_serial: str
    platform_key_pem: str
    api_base: str = "https://api.mch.weixin.qq.com"
    pay_page: str = ""
    """A page that shows an order outside WeChat, with ``{prepay}`` in it; empty: JSAPI on the tenant's page."""


class LockSettings(msgspec.Struct, frozen=True):
    client_id: str
    client_secret: str
    username: str
    password: str
    api_base: str = "https://cnapi.ttlock.com"


class Settings(msgspec.Struct, frozen=True):
    database_url: str
    seal_key: str
    link_key: str
    operators: tuple[str, ...]
    redis_url: str = ""
    public_url: str = "http://127.0.0.1:8080"
    host: str = "127.0.0.1"
    port: int = 8080
    role: str = "all"
    """``web``, ``worker`` or ``all``."""
    desk_key: str = ""
    open_desk: bool = False
    """Serve the desk without a key: only ever on loopback (the demo)."""
    clock_file: str = ""
    poll_seconds: float = 1.0
    callback_path: str = ""
    """A secret path segment in front of the callbacks, where a provider does not sign them."""
    wechat: WeChatSettings | None = None
    fadada: FadadaSettings | None = None
    pay: PaySettings | None = None
    lock: LockSettings | None = None


_GROUPS: dict[str, type[msgspec.Struct]] = {
    "wechat": WeChatSettings,
    "fadada": FadadaSettings,
    "pay": PaySettings,
    "lock": LockSettings,
}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from ``XUZU_*``: ``XUZU_DATABASE_URL``, ``XUZU_WECHAT_APPID`` … Raises SettingsError."""
    values = _values(Settings, "XUZU_", environ)
    for name, group in _GROUPS.items():
        inner = _values(group, f"XUZU_{name.upper()}_", environ)
        if inner:
            values[name] = inner
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as wrong:
        raise SettingsError(f"setting missing or wrong: {wrong}. Names are XUZU_ + the path in capitals.") from None
    if settings.open_desk and settings.host not in ("127.0.0.1", "::1", "localhost"):
        raise SettingsError("XUZU_OPEN_DESK serves personal data without a key: allowed on 127.0.0.1 only")
    return settings


def _values(shape: type[msgspec.Struct], prefix: str, environ: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for field in shape.__struct_fields__:
        if field in _GROUPS:
            continue
        value = _one(f"{prefix}{field.upper()}", environ)
        if value:
            found[field] = value.split(",") if field == "operators" else value
    return found


def _one(name: str, environ: Mapping[str, str]) -> str | None:
    if name in environ:
        return environ[name]
    path = environ.get(f"{name}_FILE")
    if path is None:
        return None
    try:
        return Path(path).read_text().strip()
    except OSError as fault:
        raise SettingsError(f"{name}_FILE names a file that cannot be read: {fault.strerror}") from None
