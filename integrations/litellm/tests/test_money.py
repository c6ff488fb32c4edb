"""Amounts are exact, and rounded as money.py says."""

from decimal import Decimal

import pytest

from workspace_operator_litellm.money import NotAnAmount, charge, exact, reservation
from workspace_operator_litellm.rest import with_amount


@pytest.mark.parametrize(
    ("amount", "reserved", "charged"),
    [
        ("0.0000001", "0.000001", "0.000000"),
        ("0.0000005", "0.000001", "0.000001"),
        ("0.00000049", "0.000001", "0.000000"),
        ("0.0000015", "0.000002", "0.000002"),
        ("0.000002", "0.000002", "0.000002"),
        ("0", "0", "0"),
    ],
)
def test_rounding(amount: str, reserved: str, charged: str) -> None:
    assert reservation(Decimal(amount)) == Decimal(reserved)
    assert charge(Decimal(amount)) == Decimal(charged)


def test_a_float_counts_as_its_numeral() -> None:
    assert exact(0.1) == Decimal("0.1")
    assert exact(0.1) * 3 == Decimal("0.3")
    assert exact(1.5e-07) == Decimal("0.00000015")


@pytest.mark.parametrize("value", [-1, "-0.1", float("nan"), float("inf"), "ten", None, True, [1]])
def test_what_is_no_amount(value: object) -> None:
    with pytest.raises(NotAnAmount):
        exact(value)


def test_an_amount_is_written_as_the_number_that_it_is() -> None:
    assert with_amount({"a": "b"}, "cost_usd", Decimal("0.000001")) == '{"cost_usd": 0.000001, "a": "b"}'
    assert with_amount({}, "cost_usd", Decimal("1E+2")) == '{"cost_usd": 100}'
