"""What the engineer sets: environment variables, each secret also as ``NAME_FILE``; nothing secret has a default."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec


class SettingsError(ValueError):
    """A setting is missing or wrong; the text names it and says what to do."""


Noticed = Literal["thing", "unit", "no", "time"]
"""What a notice tells: the matter, the room, the lease's number, the day."""


class WeChatSettings(msgspec.Struct, frozen=True):
    appid: str
    secret: str
    token: str
    aes_key: str
    previous_aes_key: str = ""
    api_base: str = "https://api.weixin.qq.com"
    notice_template: str = ""
    """Template id of the approved 类目模板 that carries notices; its field names are in ``channels/wechat``."""
    subscribe_template: str = ""
    """Template id of the one-time subscription notice (订阅通知); empty: none is asked for."""
    oauth_base: str = "https://open.weixin.qq.com"
    qr_image_base: str = "https://mp.weixin.qq.com/cgi-bin/showqrcode"
    """Where the picture of a binding QR code is fetched. Confirm with the provider."""
    bizmsgmenu: bool = True
    """Tappable words in a plain text where menus are refused: the client handles them, no document promises it."""
    menu: bool = True
    """Off: this account was never granted menus, none is tried."""
    notice_fields: dict[Noticed, str] = {}
    """``thing=thing1,unit=thing2,no=character_string3,time=time4``: our values, the approved template's fields."""
    subscribe_fields: dict[Noticed, str] = {}


class SmsSettings(msgspec.Struct, frozen=True):
    """What both vendors share. ``vendors``: in the order in which they are tried."""

    sign: str
    """签名, without the brackets."""
    secret: str
    """Path segment of the callbacks: neither vendor signs them."""
    vendors: tuple[str, ...] = ("aliyun", "tencent")
    link_mode: Literal["path_var", "code_only"] = "path_var"
    """``path_var``: the code is the end of the link; ``code_only``: a constant link, the tenant types the code."""
    page_url: str = ""
    """The constant link of the approved texts; empty: the public url."""
    price: int = 45
    """Li (厘) a segment."""
    sources: tuple[str, ...] = ()
    """Addresses the callbacks may come from; empty: any."""


class AliyunSmsSettings(msgspec.Struct, frozen=True):
    """``templates``: ``reminder=SMS_1,progress=SMS_2,answer=SMS_3,code=SMS_4``."""

    access_key_id: str
    access_key_secret: str
    templates: dict[str, str]
    endpoint: str = "https://dysmsapi.aliyuncs.com"


class TencentSmsSettings(msgspec.Struct, frozen=True):
    secret_id: str
    secret_key: str
    app_id: str
    templates: dict[str, str]
    region: str = "ap-guangzhou"
    endpoint: str = "https://sms.tencentcloudapi.com"


class FadadaSettings(msgspec.Struct, frozen=True):
    app_id: str
    app_secret: str
    open_corp_id: str
    api_base: str = "https://api.fadada.com/api/v5"
    business_id: str = ""
    """Scene code of the 免验证签 grant; without it the landlord's seal is set by hand."""
    voiding_takes: tuple[str, ...] = ()
    """Fields beyond the sheet's that a request to void may carry, once the provider confirmed them."""


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


class EntrustSettings(msgspec.Struct, frozen=True):
    """A plan of entrusted deduction 委托代扣 at the same WeChat Pay merchant; needs ``XUZU_PAY_…`` too."""

    apiv2_key: str
    plan_id: str
    limit: int
    """Fen up to which a first bill is taken by deduction where the tenant's mandate stands."""
    mode: Literal["notice", "day"] = "notice"
    """As on the plan: announced first, or charged 24 h after it was asked."""
    window_days: int = 7
    signs_with: Literal["HMAC-SHA256", "MD5"] = "HMAC-SHA256"


class AlipaySettings(msgspec.Struct, frozen=True):
    """One application at Alipay. Public-key mode with ``alipay_key_pem``; certificate mode with all three
    certificates instead. Deductions are offered where ``sign_scene`` is set."""

    app_id: str
    app_key_pem: str
    alipay_key_pem: str = ""
    alipay_cert_pem: str = ""
    app_cert_pem: str = ""
    root_cert_pem: str = ""
    seller_id: str = ""
    gateway: str = "https://openapi.alipay.com/gateway.do"
    cycle_product: str = "GENERAL_WITHHOLDING"
    sign_scene: str = ""
    days_before: int = 3
    limit: int = 0
    """Fen up to which a first bill is taken by deduction where the tenant's mandate stands."""


class LockSettings(msgspec.Struct, frozen=True):
    client_id: str
    client_secret: str
    username: str
    password: str
    api_base: str = "https://cnapi.ttlock.com"


class ErpSettings(msgspec.Struct, frozen=True):
    """The operator's own receivables; the wire stands in ``backend/ledger/erp.py``. Not set: the built-in ledger."""

    url: str
    secret: str


class LockWebhookSettings(msgspec.Struct, frozen=True):
    """A lock system of the operator's own; the wire stands in ``backend/locks/webhook.py``."""

    url: str
    secret: str


class AssistantSettings(msgspec.Struct, frozen=True):
    """A language model that is asked about messages the rules and weights are unsure of; not set: nobody is asked.

    Any OpenAI-compatible address: ``url`` is what stands before ``/chat/completions``.
    """

    url: str
    model: str
    key: str = ""
    milliseconds: int = 1500
    """How long an answer may take; WeChat waits five seconds for ours."""
    below: float = 0.5
    """Asked only when our own confidence is lower."""


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
    page_proof: bool = True
    """Ask whoever opens a link to prove who they are; off on loopback only."""
    wechat: WeChatSettings | None = None
    sms: SmsSettings | None = None
    aliyun_sms: AliyunSmsSettings | None = None
    tencent_sms: TencentSmsSettings | None = None
    fadada: FadadaSettings | None = None
    pay: PaySettings | None = None
    entrust: EntrustSettings | None = None
    alipay: AlipaySettings | None = None
    payees: tuple[str, ...] = ()
    """Further merchant accounts by name, each with ``XUZU_PAY_<NAME>_…``, ``XUZU_ALIPAY_<NAME>_…`` or both."""
    pay_of: dict[str, PaySettings] = {}
    alipay_of: dict[str, AlipaySettings] = {}
    lock: LockSettings | None = None
    lock_webhook: LockWebhookSettings | None = None
    erp: ErpSettings | None = None
    assistant: AssistantSettings | None = None


_GROUPS: dict[str, type[msgspec.Struct]] = {
    "wechat": WeChatSettings,
    "sms": SmsSettings,
    "aliyun_sms": AliyunSmsSettings,
    "tencent_sms": TencentSmsSettings,
    "fadada": FadadaSettings,
    "pay": PaySettings,
    "entrust": EntrustSettings,
    "alipay": AlipaySettings,
    "lock": LockSettings,
    "lock_webhook": LockWebhookSettings,
    "erp": ErpSettings,
    "assistant": AssistantSettings,
}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from ``XUZU_*``: ``XUZU_DATABASE_URL``, ``XUZU_WECHAT_APPID`` … Raises SettingsError."""
    values = _values(Settings, "XUZU_", environ)
    for name, group in _GROUPS.items():
        inner = _values(group, f"XUZU_{name.upper()}_", environ)
        if inner:
            values[name] = inner
    for name in values.get("payees", ()):  # type: ignore[attr-defined]
        _account(str(name), values, environ)
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as wrong:
        raise SettingsError(f"setting missing or wrong: {wrong}. Names are XUZU_ + the path in capitals.") from None
    if settings.lock is not None and settings.lock_webhook is not None:
        raise SettingsError("XUZU_LOCK_… and XUZU_LOCK_WEBHOOK_… are both set: name the one lock system that is used")
    if settings.entrust is not None and settings.pay is None:
        raise SettingsError("XUZU_ENTRUST_… is set, but XUZU_PAY_… is not: a deduction belongs to a merchant")
    for ali in (*([settings.alipay] if settings.alipay is not None else []), *settings.alipay_of.values()):
        certificates = (ali.alipay_cert_pem, ali.app_cert_pem, ali.root_cert_pem)
        if bool(ali.alipay_key_pem) == any(certificates) or (any(certificates) and not all(certificates)):
            raise SettingsError(
                "XUZU_ALIPAY_… wants either ALIPAY_KEY_PEM, or ALIPAY_CERT_PEM, APP_CERT_PEM and ROOT_CERT_PEM"
            )
    if settings.open_desk and settings.host not in ("127.0.0.1", "::1", "localhost"):
        raise SettingsError("XUZU_OPEN_DESK serves personal data without a key: allowed on 127.0.0.1 only")
    if not settings.page_proof and settings.host not in ("127.0.0.1", "::1", "localhost"):
        raise SettingsError("XUZU_PAGE_PROOF off shows a lease to whoever holds its link: allowed on 127.0.0.1 only")
    return settings


def _account(name: str, values: dict[str, object], environ: Mapping[str, str]) -> None:
    """One further merchant account, of either payer. Raises SettingsError."""
    found = {
        group: _values(shape, f"XUZU_{group.upper()}_{name.upper()}_", environ)
        for group, shape in (("pay", PaySettings), ("alipay", AlipaySettings))
    }
    if not (name.isascii() and name.isalnum() and name == name.lower()) or not any(found.values()):
        raise SettingsError(f"XUZU_PAYEES names {name!r}: small letters and digits, with XUZU_PAY_{name.upper()}_… set")
    for group, inner in found.items():
        if inner:
            values[f"{group}_of"] = {**values.get(f"{group}_of", {}), name: inner}  # type: ignore[dict-item]


def _values(shape: type[msgspec.Struct], prefix: str, environ: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for field in shape.__struct_fields__:
        if field in _GROUPS or field in ("pay_of", "alipay_of"):
            continue
        value = _one(f"{prefix}{field.upper()}", environ)
        if value:
            found[field] = _shaped(field, value)
    return found


_LISTS = frozenset({"operators", "payees", "vendors", "sources", "voiding_takes"})
_PAIRS = frozenset({"templates", "notice_fields", "subscribe_fields"})


def _shaped(field: str, value: str) -> object:
    """``a,b`` where a list is wanted, ``a=1,b=2`` where names are."""
    parts = [one.strip() for one in value.split(",")]
    if field in _LISTS:
        return parts
    if field not in _PAIRS:
        return value
    pairs = [one.partition("=") for one in parts]
    return {name: said for name, _, said in pairs}


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
