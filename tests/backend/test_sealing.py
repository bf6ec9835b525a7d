"""What is sealed opens with any key we hold, and with no other; what is blind is found again and leads nowhere."""

from __future__ import annotations

import pytest

from backend.sealing import SealBroken, Sealer, mask_phone, sealer_of

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def test_sealed_and_opened() -> None:
    sealer = sealer_of(OLD.hex())
    sealed = sealer.seal("王小明 13800001234")
    assert sealer.open(sealed) == "王小明 13800001234"
    assert "1380000" not in sealed
    assert sealed != sealer.seal("王小明 13800001234")
    assert sealer.seal("") == sealer.open("") == ""


def test_keys_roll_over() -> None:
    before, rolled = Sealer({"1": OLD}, "1"), Sealer({"1": OLD, "2": NEW}, "2")
    assert rolled.open(before.seal("旧")) == "旧"
    assert rolled.seal("新").startswith("2.")
    assert rolled.blind("13800001234") == before.blind("13800001234")
    with pytest.raises(SealBroken):
        before.open(rolled.seal("新"))


@pytest.mark.parametrize("broken", ["1.AAAA", "1.not base64!", "9.AAAA", "nothing", "1."])
def test_what_nobody_sealed_stays_shut(broken: str) -> None:
    with pytest.raises(SealBroken):
        sealer_of(OLD.hex()).open(broken)


def test_a_changed_seal_is_noticed() -> None:
    sealer = sealer_of(OLD.hex())
    sealed = sealer.seal("租金 3200")
    with pytest.raises(SealBroken):
        sealer.open(sealed[:-4] + ("AAA=" if sealed[-4:] != "AAA=" else "BBB="))


def test_blinds_tell_texts_and_keys_apart() -> None:
    sealer = sealer_of(OLD.hex())
    assert sealer.blind("13800001234") == sealer.blind("13800001234") != sealer.blind("13800001235")
    assert sealer.blind("13800001234") != sealer_of(NEW.hex()).blind("13800001234")


@pytest.mark.parametrize("keys", [{}, {"1": b"short"}, {"2": OLD}])
def test_keys_that_will_not_do(keys: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="key"):
        Sealer(keys, "1")


def test_masks() -> None:
    assert (mask_phone("13800001234"), mask_phone("12345")) == ("138****1234", "*****")
