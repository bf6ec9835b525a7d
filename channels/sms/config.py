"""What the SMS channel is configured with: two vendors, four approved texts, one way to carry a link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

TEXTS = ("reminder", "progress", "answer", "code")
"""The approved texts of ``messages/sms.toml``: everything we ever send by SMS."""


class AliyunConfig(msgspec.Struct, frozen=True):
    """``templates``: text name → TemplateCode."""

    access_key_id: str
    access_key_secret: str
    sign: str
    templates: Mapping[str, str]
    endpoint: str = "https://dysmsapi.aliyuncs.com"


class TencentConfig(msgspec.Struct, frozen=True):
    """``templates``: text name → TemplateId."""

    secret_id: str
    secret_key: str
    app_id: str
    sign: str
    templates: Mapping[str, str]
    region: str = "ap-guangzhou"
    endpoint: str = "https://sms.tencentcloudapi.com"


class SmsConfig(msgspec.Struct, frozen=True):
    """``page_url``: the constant link of the approved texts. ``price``: li (厘) a segment.

    ``secret``: path segment of the callbacks, which no vendor signs; ``sources``: addresses they may come from.
    """

    sign: str
    secret: str
    page_url: str
    link_mode: Literal["path_var", "code_only"] = "path_var"
    price: int = 45
    sources: tuple[str, ...] = ()
