"""The token's life and the ways a call can go wrong, over loopback HTTP."""

from __future__ import annotations

import logging

import pytest

from backend.esign.fadada_calls import Calls
from backend.esign.fadada_shapes import Page
from backend.esign.port import ESignError
from backend.sandbox.fadada_faults import Fault
from tests.backend.esign.studio import ACCOUNT, Studio

WISH: dict[str, object] = {"ownerId": {"idType": "corp", "openId": "corp0001"}}


async def test_one_token_serves_until_it_runs_out(studio: Studio) -> None:
    for _ in range(3):
        await studio.esign.find("R1E1")
    assert len(studio.sandbox.gate.tokens) == 1
    studio.clock.move(hours=3)
    await studio.esign.find("R1E1")
    assert len(studio.sandbox.gate.tokens) == 2


async def test_a_token_forgotten_by_the_provider_is_fetched_once_more(studio: Studio) -> None:
    await studio.esign.find("R1E1")
    studio.sandbox.faults.next(Fault.STALE_ACCESS)
    assert await studio.esign.find("R1E1") is None
    studio.sandbox.faults.next(Fault.STALE_ACCESS, Fault.STALE_ACCESS)
    with pytest.raises(ESignError) as twice:
        await studio.esign.find("R1E1")
    assert (twice.value.code, twice.value.retry) == ("100002", True)


async def test_a_clock_that_is_off_is_worth_another_try(studio: Studio) -> None:
    await studio.esign.find("R1E1")
    late = Calls(ACCOUNT, studio.session, lambda: studio.clock().replace(year=2025), api=studio.api)
    with pytest.raises(ESignError) as stale:
        await late.ask("/sign-task/owner/get-list", WISH, Page)
    assert (stale.value.code, stale.value.retry, stale.value.unknown) == ("100001", True, False)


async def test_a_wrong_application_is_final_although_its_code_says_try_again(studio: Studio) -> None:
    with pytest.raises(ESignError) as no:
        await studio.another(app_id="99999999").find("R1E1")
    assert (no.value.code, no.value.final) == ("100001", True)


async def test_an_upload_address_that_ran_out_is_no_loss(studio: Studio) -> None:
    calls = Calls(ACCOUNT, studio.session, studio.clock, api=studio.api)
    with pytest.raises(ESignError) as gone:
        await calls.put(f"{studio.origin}/upload/nothing", b"paper")
    assert (gone.value.code, gone.value.retry) == ("HTTP_403", True)
    with pytest.raises(ESignError):
        await calls.get(f"{studio.origin}/signed/nothing")


async def test_a_refusal_leaves_a_line_without_personal_data(studio: Studio, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "xuzu.esign"), pytest.raises(ESignError):
        await studio.esign.state("404")
    assert "/sign-task/app/get-detail" in caplog.text
    assert "100011" in caplog.text
    assert ACCOUNT.app_secret not in caplog.text
