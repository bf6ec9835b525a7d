"""A proof counts for one renewal, a month at most, never longer than the link, and not past a revocation."""

from __future__ import annotations

from datetime import timedelta

from channels.page.links import Link
from channels.page.proof import is_proven, proof_cookie, read_visit, seal_proof, seal_visit
from tests.channels.page.conftest import LINKS
from tests.journeys.samples import NOW

LINK = Link(1, NOW + timedelta(days=60), "j-1", NOW)
SHORT = Link(1, NOW + timedelta(days=3), "j-2", NOW)
OTHER = Link(2, NOW + timedelta(days=60), "j-3", NOW)


def test_a_proof_lives_a_month_or_as_long_as_its_link() -> None:
    for link, days in ((LINK, 30), (SHORT, 3)):
        cookie, seconds = seal_proof(LINKS, link, "phone", NOW)
        assert seconds == days * 86400
        assert is_proven(LINKS, link, cookie, NOW + timedelta(days=days, seconds=-1), None)
        assert not is_proven(LINKS, link, cookie, NOW + timedelta(days=days), None)


def test_it_opens_every_link_to_this_renewal_and_none_to_another() -> None:
    cookie, _ = seal_proof(LINKS, LINK, "wechat", NOW)
    assert is_proven(LINKS, SHORT, cookie, NOW, None)
    assert not is_proven(LINKS, OTHER, cookie, NOW, None)
    assert proof_cookie(LINK) == proof_cookie(SHORT) != proof_cookie(OTHER)


def test_a_revocation_ends_what_was_proven_before_it() -> None:
    cookie, _ = seal_proof(LINKS, LINK, "phone", NOW)
    assert is_proven(LINKS, LINK, cookie, NOW, NOW)
    assert not is_proven(LINKS, LINK, cookie, NOW, NOW + timedelta(seconds=1))


def test_nobody_else_can_write_one() -> None:
    cookie, _ = seal_proof(LINKS, LINK, "phone", NOW)
    visit = seal_visit(LINKS, LINK, "o-1", NOW)
    for forged in ("", "x", cookie[:-2] + "xx", visit):
        assert not is_proven(LINKS, LINK, forged, NOW, None)


def test_a_visit_is_kept_for_half_an_hour_and_one_renewal() -> None:
    visit = seal_visit(LINKS, LINK, "o-1", NOW)
    assert read_visit(LINKS, LINK, visit, NOW) == "o-1"
    assert read_visit(LINKS, OTHER, visit, NOW) is None
    assert read_visit(LINKS, LINK, visit, NOW + timedelta(minutes=30)) is None
    assert read_visit(LINKS, LINK, seal_proof(LINKS, LINK, "phone", NOW)[0], NOW) is None
