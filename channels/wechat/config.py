"""What one WeChat service account (服务号) is configured with."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

API = "https://api.weixin.qq.com"
OAUTH = "https://open.weixin.qq.com"
QR_IMAGE = "https://mp.weixin.qq.com/cgi-bin/showqrcode"
"""Where the picture of a binding code is fetched by its ticket. Confirm with the provider."""
NOTICE_FIELDS = {"thing": "thing1", "unit": "thing2", "no": "character_string3", "time": "time4"}
"""Our value names → the field names of the approved template (类目模板). Confirm with the provider."""


class WeChatConfig(msgspec.Struct, frozen=True):
    """``token``, ``aes_key`` (43 characters) and ``previous_aes_key`` as set in the account's console.

    ``notice_template``: id of the template that carries notices, ``subscribe_template``: of the one-time subscription
    notice; the ``…_fields`` name their fields. ``menu`` and ``bizmsgmenu``: may this account try them at all?
    """

    appid: str
    secret: str
    token: str
    aes_key: str
    previous_aes_key: str = ""
    api_base: str = API
    notice_template: str = ""
    notice_fields: Mapping[str, str] = msgspec.field(default_factory=NOTICE_FIELDS.copy)
    subscribe_template: str = ""
    subscribe_fields: Mapping[str, str] = msgspec.field(default_factory=NOTICE_FIELDS.copy)
    oauth_base: str = OAUTH
    qr_image_base: str = QR_IMAGE
    menu: bool = True
    bizmsgmenu: bool = True
