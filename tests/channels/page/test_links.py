"""The tenant's link cannot be made, changed or prolonged by anybody else, and says nothing about a person."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.page.links import EPOCH, TOKEN_MAX, LinkError, Links
from tests.journeys.samples import NOW

OLD, NEW = b"o" * 32, b"n" * 32
LINKS = Links({"k2": NEW, "k1": OLD}, "k2")
UNTIL = NOW + timedelta(days=30)
TOKEN = LINKS.mint(41, UNTIL, NOW)


def refused(token: str, now: datetime = NOW, links: Links = LINKS) -> str:
    with pytest.raises(LinkError) as caught:
        links.read(token, now)
    return caught.value.kind


def test_a_link_says_which_renewal_and_until_when() -> None:
    link = LINKS.read(LINKS.mint(41, UNTIL), NOW)
    assert (link.renewal_id, link.expires_at) == (41, UNTIL)
    assert link.jti


def test_two_links_are_never_the_same() -> None:
    assert LINKS.mint(41, UNTIL) != LINKS.mint(41, UNTIL)


def test_the_payload_holds_an_id_an_end_and_a_number_of_its_own() -> None:
    _, _, payload, _ = LINKS.mint(41, UNTIL).split(".")
    inside = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert set(inside) == {"r", "e", "j", "i"}


def test_a_link_ends_on_the_second() -> None:
    token = LINKS.mint(41, UNTIL)
    assert LINKS.read(token, UNTIL - timedelta(seconds=1)).renewal_id == 41
    assert refused(token, UNTIL) == "expired"


@given(st.data())
def test_any_changed_character_makes_it_forged(data: st.DataObject) -> None:
    token = TOKEN
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("abcXYZ019-_.").filter(lambda letter: letter != token[place]))
    assert refused(token[:place] + other + token[place + 1 :]) == "forged"


@given(st.text(max_size=80))
def test_junk_is_forged_and_nothing_worse(junk: str) -> None:
    assert refused(junk) == "forged"


def test_a_long_token_is_not_even_looked_at() -> None:
    assert refused("v1.k2." + "A" * TOKEN_MAX + ".x") == "forged"


def test_an_expired_forgery_is_forged() -> None:
    """Who cannot sign learns nothing about which links once were ours."""
    token = Links({"k2": b"x" * 32}, "k2").mint(41, NOW - timedelta(days=1))
    assert refused(token) == "forged"


def test_the_old_key_still_reads_and_the_new_one_writes() -> None:
    sent_before = Links({"k1": OLD}, "k1").mint(7, UNTIL)
    assert LINKS.read(sent_before, NOW).renewal_id == 7
    assert LINKS.mint(7, UNTIL).startswith("v1.k2.")


def test_a_key_taken_away_ends_its_links() -> None:
    assert refused(LINKS.mint(7, UNTIL), links=Links({"k3": b"3" * 32}, "k3")) == "forged"


def test_a_key_id_cannot_be_swapped() -> None:
    head, _, payload, signature = LINKS.mint(7, UNTIL).split(".")
    assert refused(f"{head}.k1.{payload}.{signature}") == "forged"


def test_a_form_token_belongs_to_one_link_in_one_browser() -> None:
    link, other = (LINKS.read(LINKS.mint(7, UNTIL), NOW) for _ in range(2))
    token = LINKS.form_token(link, "cookie-a")
    assert LINKS.is_form_token(link, "cookie-a", token)
    assert not LINKS.is_form_token(link, "cookie-b", token)
    assert not LINKS.is_form_token(other, "cookie-a", token)
    assert not LINKS.is_form_token(link, "cookie-a", "")
    assert not LINKS.is_form_token(link, "cookie-a", "签名")


@pytest.mark.parametrize(
    ("keys", "current"), [({"k": b"short"}, "k"), ({"k": NEW}, "other"), ({}, "k"), ({"a.b": NEW}, "a.b")]
)
def test_bad_keys_do_not_start(keys: dict[str, bytes], current: str) -> None:
    with pytest.raises(ValueError, match="key"):
        Links(keys, current)


def test_a_link_knows_since_when_and_an_old_one_is_from_ever() -> None:
    late = NOW.replace(microsecond=1)
    assert LINKS.read(LINKS.mint(41, UNTIL, late), NOW).issued_at == NOW.replace(microsecond=1000), "rounded up"
    assert LINKS.read(LINKS.mint(41, UNTIL), NOW).issued_at == EPOCH
    unsaid = b'{"r":41,"e":%d,"j":"j-1"}' % int(UNTIL.timestamp())
    head = "v1.k2." + base64.urlsafe_b64encode(unsaid).rstrip(b"=").decode()
    signature = base64.urlsafe_b64encode(hmac.digest(NEW, head.encode(), "sha256")).rstrip(b"=").decode()
    assert LINKS.read(f"{head}.{signature}", NOW).issued_at == EPOCH, "sent before this was noted"


def test_what_is_sealed_for_one_purpose_opens_for_no_other() -> None:
    sealed = LINKS.seal("proof", b"said")
    assert LINKS.unseal("proof", sealed) == b"said"
    assert LINKS.unseal("visit", sealed) is None
    kid, text, signature = sealed.split(".")
    for spoilt in (
        f"k1.{text}.{signature}",
        f"{kid}.{text}A.{signature}",
        f"k9.{text}.{signature}",
        "",
        "签.名.!",
        "a" * 600,
    ):
        assert LINKS.unseal("proof", spoilt) is None


def test_the_door_of_codes_has_a_form_token_of_its_own() -> None:
    link = LINKS.read(LINKS.mint(7, UNTIL), NOW)
    token = LINKS.form_token(None, "cookie-a")
    assert LINKS.is_form_token(None, "cookie-a", token)
    assert not LINKS.is_form_token(None, "cookie-b", token)
    assert not LINKS.is_form_token(link, "cookie-a", token)
