"""What a request to void says: the documented fields always, others only where the provider was asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.esign.fadada_voiding import check_voiding, voiding_fields
from backend.esign.port import ESignError
from tests.backend.esign.studio import ACCOUNT

DOCUMENTED = {"signTaskId", "abolishedInitiator", "docSource", "reason", "autoStart"}


def test_the_documented_fields_and_no_more() -> None:
    fields = voiding_fields(ACCOUNT, "17", "R1E1V1", "双方同意" * 100, "https://xuzu.example/callbacks/fadada")
    assert set(fields) == DOCUMENTED
    assert (fields["abolishedInitiator"], fields["autoStart"]) == ({"initiatorId": "corp0001"}, True)
    assert len(str(fields["reason"])) == 200


def test_more_where_the_provider_takes_it() -> None:
    asked = replace(ACCOUNT, voiding_takes=frozenset({"businessCode", "transReferenceId", "callbackUrl", "businessId"}))
    fields = voiding_fields(asked, "17", "R1E1V1", "双方同意", "")
    assert set(fields) - DOCUMENTED == {"businessCode", "transReferenceId", "businessId"}
    assert fields["businessCode"] == fields["transReferenceId"] == "R1E1V1"


def test_its_key_is_not_the_envelopes() -> None:
    check_voiding("R1E1", "R1E1V1", "双方同意")
    with pytest.raises(ESignError) as no:
        check_voiding("R1E1", "R1E1", "双方同意")
    assert no.value.final
