"""A receipt settles its call, and nobody makes one without the workspace's key."""

from decimal import Decimal

import pytest

from workspace_operator_litellm.open_calls import Receipt, signed
from workspace_operator_litellm.rest import Admitted

CALL = Admitted("019ab4c2-b7d1-7e20-9f31-6a7b8c9d0e1f", None, Decimal("0.000616"))
STEP = Admitted("019ab4c2-a3f0-7b11-8c22-5d6e7f809112", "019ab4c2-9e21-7d44-a1b0-3c5d7e9f1a2b", Decimal(2))


@pytest.mark.parametrize("admitted", [CALL, STEP])
def test_there_and_back(admitted: Admitted) -> None:
    text = Receipt(admitted, "WORKSPACE_API_KEY").text("wsk_a")
    assert "wsk_a" not in text
    parsed = Receipt.parse(text)
    assert parsed is not None
    receipt, fields, signature = parsed
    assert receipt == Receipt(admitted, "WORKSPACE_API_KEY")
    assert signed(fields, signature, "wsk_a")
    assert not signed(fields, signature, "wsk_b")
    assert not signed(fields.replace("0.000616", "0.000001").replace(":2:", ":1:"), signature, "wsk_a")


@pytest.mark.parametrize("text", [None, 1, "", "a:b:c", "a:-:x:K:s", "a:-:NaN:K:s", "a:-:-1:K:s", {"a": 1}])
def test_what_is_none(text: object) -> None:
    assert Receipt.parse(text) is None
