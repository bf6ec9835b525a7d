"""The emulator's envelope agrees with a foreign library's both ways, so neither can be wrong alone."""

from __future__ import annotations

import base64
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException
from wechatpy.utils import WeChatSigner

from backend.sandbox.wechat_seal import Box, Broken, field_of, signature

APPID, TOKEN = "wx1234567890abcdef", "tok"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WORDS = st.text(st.characters(codec="utf-8"), max_size=200)
KEYS = st.binary(min_size=32, max_size=32).map(lambda raw: base64.b64encode(raw).decode()[:43])
APPIDS = st.from_regex(r"wx[0-9a-f]{16}", fullmatch=True)


def box(key: str = AES_KEY, appid: str = APPID, seed: int = 1) -> Box:
    return Box(key, appid, random.Random(seed))


@given(xml=WORDS, key=KEYS, appid=APPIDS, seed=st.integers())
def test_what_we_close_the_library_opens(xml: str, key: str, appid: str, seed: int) -> None:
    foreign = WeChatCrypto(TOKEN, key, appid)
    assert PrpCrypto(foreign.key).decrypt(box(key, appid, seed).close(xml), appid) == xml


@given(xml=WORDS, key=KEYS, appid=APPIDS)
def test_what_the_library_closes_we_open(xml: str, key: str, appid: str) -> None:
    foreign = WeChatCrypto(TOKEN, key, appid)
    sealed = field_of(foreign.encrypt_message(xml, "nonce1", "1700000000"), "Encrypt")
    assert box(key, appid).open(sealed) == xml


@given(parts=st.lists(WORDS, min_size=1, max_size=5))
def test_both_sign_alike(parts: list[str]) -> None:
    foreign = WeChatSigner()
    foreign.add_data(*parts)
    ours = signature(*parts)
    assert ours == foreign.signature


def test_the_vectors_of_the_sheet() -> None:
    assert signature("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    sealed = (
        "Q3stYC6hdFzMh9T8HCvyDABg/St6gyAQr9CXQpH3/rKUjJoJe8uR8izGnmx1dQL5p6NXsB9xaLbDbJ3Ku/EpKmsOPjqCmCqmvQ6fMkttCuYNP/"
        "BVLMPYXT9p6NLYcPnk"
    )
    assert box().open(sealed) == "<xml><MsgType>text</MsgType></xml>"
    assert signature(TOKEN, "1700000000", "nonce1", sealed) == "fa4630dcf84e60f58d2779fa07e12cc595b59111"


def test_one_seed_gives_one_envelope_and_two_give_two() -> None:
    assert box(seed=3).close("<xml/>") == box(seed=3).close("<xml/>")
    assert box(seed=3).close("<xml/>") != box(seed=4).close("<xml/>")


@pytest.mark.parametrize("key", [AES_KEY, "0" * 43], ids=["another account", "another key"])
def test_what_is_not_for_us_is_broken_for_both(key: str) -> None:
    sealed = box(key, "wx0000000000others").close("<xml/>")
    with pytest.raises(Broken):
        box().open(sealed)
    with pytest.raises((InvalidAppIdException, ValueError, struct.error)):
        PrpCrypto(WeChatCrypto(TOKEN, AES_KEY, APPID).key).decrypt(sealed, APPID)


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_broken_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(Broken):
        box().open(base64.b64encode(raw).decode())


@pytest.mark.parametrize("sealed", ["", "!", "好", "QUJD", "QUJ"])
def test_what_is_no_envelope_is_broken(sealed: str) -> None:
    with pytest.raises(Broken):
        box().open(sealed)


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ("<xml><A>1</A></xml>", "1"),
        ("<xml><A><![CDATA[<b>&]]></A></xml>", "<b>&"),
        ("<xml><B>0</B><A></A></xml>", ""),
        ("<xml><A><![CDATA[两\n行]]></A></xml>", "两\n行"),
    ],
)
def test_a_field_of_a_flat_xml(xml: str, value: str) -> None:
    assert field_of(xml, "A") == value


def test_a_field_that_is_not_there_is_broken() -> None:
    with pytest.raises(Broken, match="no <C>"):
        field_of("<xml><A>1</A></xml>", "C")
