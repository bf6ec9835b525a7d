"""Who may pass: Fadada's own check of headers, clock, token, signature and nonce, written from the sheet alone."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import unquote_plus

from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.hmac import HMAC

SKEW = timedelta(minutes=5)
NONCE_LIFE = timedelta(minutes=10)
TOKEN_LIFE = timedelta(seconds=7200)
_ALWAYS = ("X-FASC-App-Id", "X-FASC-Sign-Type", "X-FASC-Timestamp", "X-FASC-Nonce", "X-FASC-Api-SubVersion")


class Refused(Exception):
    """Answered with this code; HTTP 200 unless ``status`` says otherwise."""

    def __init__(self, code: str, msg: str, status: int = 200) -> None:
        super().__init__(msg)
        self.code = code
        self.status = status


def seal(secret: str, stamp: str, pairs: Mapping[str, str]) -> str:
    """Two steps: a key made of secret and timestamp seals the digest of the sorted pairs."""
    text = "&".join("=".join(pair) for pair in sorted(pairs.items()) if pair[1] != "")
    inner = Hash(SHA256())
    inner.update(text.encode("utf-8"))
    return _hmac(_hmac(secret.encode("utf-8"), stamp.encode("utf-8")), inner.finalize().hex().encode()).hex()


def biz_content(raw: bytes) -> str:
    """The one form field there is, as it was before url-encoding. Raises Refused."""
    name, equals, value = raw.decode("latin-1").partition("=")
    if name != "bizContent" or not equals or "&" in value:
        raise Refused("100011", "请求参数非法: bizContent")
    try:
        return unquote_plus(value, encoding="utf-8", errors="strict")
    except UnicodeDecodeError:
        raise Refused("100011", "请求参数非法: bizContent") from None


@dataclass
class Gate:
    """One application. Times are aware instants of the sandbox's clock."""

    app_id: str
    app_secret: str
    seed: int = 0
    tokens: dict[str, datetime] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    """Codes of the requests turned away at the gate."""
    _nonces: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def admit(self, headers: Mapping[str, str], biz: str | None, now: datetime) -> None:
        """Raises Refused. ``biz`` None: the call that asks for a token."""
        try:
            self._check(headers, biz, now)
        except Refused as no:
            self.refused.append(no.code)
            raise

    def token(self, now: datetime) -> str:
        """The one still valid, renewed, or a new one."""
        alive = [one for one, until in self.tokens.items() if until > now]
        token = alive[-1] if alive else self._random.randbytes(24).hex()
        self.tokens[token] = now + TOKEN_LIFE
        return token

    def forget_tokens(self) -> None:
        self.tokens.clear()

    def _check(self, headers: Mapping[str, str], biz: str | None, now: datetime) -> None:
        last = "X-FASC-Grant-Type" if biz is None else "X-FASC-AccessToken"
        for name in (*_ALWAYS, "X-FASC-Sign"):
            if not headers.get(name):
                raise Refused("100012", f"{name} 不能为空")
        if headers["X-FASC-App-Id"] != self.app_id:
            raise Refused("100001", "未获取有效的平台信息")
        self._check_clock(headers["X-FASC-Timestamp"], now)
        self._check_last(headers.get(last, ""), biz is None, now)
        pairs = {name: headers[name] for name in (*_ALWAYS, last)}
        if biz is not None:
            pairs["bizContent"] = biz
        wanted = seal(self.app_secret, headers["X-FASC-Timestamp"], pairs)
        if headers["X-FASC-Sign-Type"] != "HMAC-SHA256" or not _same(wanted, headers["X-FASC-Sign"]):
            raise Refused("100003", "接口签名错误")
        self._spend(headers["X-FASC-Nonce"], now)

    def _check_clock(self, stamp: str, now: datetime) -> None:
        if not stamp.isdecimal() or abs(int(stamp) - now.timestamp() * 1000) > SKEW.total_seconds() * 1000:
            raise Refused("100001", "请求已过期")

    def _check_last(self, value: str, grant: bool, now: datetime) -> None:
        if grant:
            if value != "client_credential":
                raise Refused("100011", "请求参数非法: X-FASC-Grant-Type")
            return
        if self.tokens.get(value, now) <= now:
            raise Refused("100002", "访问凭证失效", 401)
        self.tokens[value] = now + TOKEN_LIFE

    def _spend(self, nonce: str, now: datetime) -> None:
        if len(nonce) > 32:
            raise Refused("100011", "请求参数非法: X-FASC-Nonce")
        self._nonces = {one: at for one, at in self._nonces.items() if now - at < NONCE_LIFE}
        if nonce in self._nonces:
            raise Refused("100009", "不允许重复请求")
        self._nonces[nonce] = now


def _hmac(key: bytes, message: bytes) -> bytes:
    mac = HMAC(key, SHA256())
    mac.update(message)
    return mac.finalize()


def _same(wanted: str, got: str) -> bool:
    return bytes_eq(wanted.encode(), got.encode())
