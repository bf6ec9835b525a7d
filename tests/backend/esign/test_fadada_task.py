"""What a create request says, and what it leaves unsaid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend.esign.fadada_task import LANDLORD, Paper, file_name, task_fields
from backend.esign.port import ESignError
from tests.backend.esign.studio import ACCOUNT, FRIEND, PAPER, TENANT, Studio

EXPIRES = datetime(2026, 9, 27, 4, 0, tzinfo=UTC)


def test_our_key_stands_in_both_fields_and_it_starts_by_itself() -> None:
    fields = task_fields(ACCOUNT, Paper("R1E1", "续租", "9"), (TENANT,), EXPIRES)
    assert (fields["businessCode"], fields["transReferenceId"]) == ("R1E1", "R1E1")
    assert (fields["autoStart"], fields["expiresTime"]) == (True, "1790481600000")


def test_the_landlord_signs_beside_everybody_else() -> None:
    fields = task_fields(ACCOUNT, Paper("R1E1", "续租", "9"), (TENANT, FRIEND), EXPIRES)
    actors = fields["actors"]
    assert isinstance(actors, list)
    assert [one["actor"]["actorId"] for one in actors] == [LANDLORD, "T1", "T2"]
    assert actors[0]["signConfigInfo"]["requestVerifyFree"] is True


def test_an_id_number_is_sent_only_where_the_provider_takes_it() -> None:
    paper = Paper("R1E1", "续租", "9")
    assert TENANT.id_number not in str(task_fields(ACCOUNT, paper, (TENANT,), EXPIRES))
    asked = replace(ACCOUNT, match_id_number=True)
    assert TENANT.id_number in str(task_fields(asked, paper, (TENANT,), EXPIRES))


def test_the_extension_tells_the_truth() -> None:
    assert (file_name("R1-E:1", b"%PDF-1.7"), file_name("R1E1", PAPER)) == ("R1E1.pdf", "R1E1.html")


async def test_without_the_grant_the_landlord_seals_by_hand(studio: Studio) -> None:
    for scene in ("", "scene-not-granted"):
        key = f"R{len(scene)}E1"
        opened = await studio.another(business_id=scene).open(key, "续租", PAPER, (TENANT,), studio.expires())
        assert await studio.plays(opened.ref, "T1") == 200
        assert (await studio.esign.state(opened.ref)).signed_by == ("T1",)
        assert await studio.plays(opened.ref, LANDLORD) == 200
        assert (await studio.esign.state(opened.ref)).state == "signed"


async def test_a_provider_that_refuses_id_numbers_says_so_for_good(studio: Studio) -> None:
    studio.sandbox.tasks.rules = studio.sandbox.tasks.rules._replace(strict=True)
    choosy = studio.another(match_id_number=True)
    with pytest.raises(ESignError) as no:
        await choosy.open("R1E1", "续租", PAPER, (TENANT,), studio.expires())
    assert (no.value.code, no.value.final) == ("211132", True)
