"""Amounts, prices and refusals: no clock, no socket."""

from __future__ import annotations

import pickle
import random
from decimal import Decimal
from typing import Any

import pytest

import workspace_operator as wo
from workspace_operator import _protocol
from workspace_operator.money import reservation, spent
from workspace_operator.pricing import Price, Tokens, price_function


@pytest.mark.parametrize(
    ("given", "reserved", "charged"),
    [
        ("0.05", "0.050000", "0.050000"),
        (5, "5.000000", "5.000000"),
        (0, "0.000000", "0.000000"),
        ("0.0000001", "0.000001", "0.000000"),
        ("0.0000005", "0.000001", "0.000001"),
        ("0.00000149", "0.000002", "0.000001"),
        (Decimal("1000000"), "1000000.000000", "1000000.000000"),
        ("0.1000000000000000000000000000000000000000001", "0.100001", "0.100000"),
        ("1e-3", "0.001000", "0.001000"),
    ],
)
def test_a_reservation_is_rounded_up_and_what_was_spent_half_up(given: Any, reserved: str, charged: str) -> None:
    assert str(reservation(given)) == reserved
    assert str(spent(given)) == charged


@pytest.mark.parametrize("given", [0.05, True, None, b"1", [1]])
def test_what_is_no_exact_amount_is_a_type_error(given: Any) -> None:
    with pytest.raises(TypeError, match=r"such as '0\.05'"):
        spent(given)


@pytest.mark.parametrize("given", ["", "x", "NaN", "-1", "Infinity", -1, 1_000_001, "1,5", "$1"])
def test_what_is_no_amount_of_dollars_is_a_value_error(given: Any) -> None:
    with pytest.raises(ValueError, match="no amount of US dollars"):
        reservation(given)


def test_an_amount_is_written_and_read_as_it_is() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        amount = Decimal(chance.randrange(10 ** chance.randrange(1, 13))).scaleb(-6)
        told = _protocol.parsed(_protocol.to_json({"cost_usd": spent(amount)}).encode())
        assert told == {"cost_usd": amount}


def test_tokens_cost_what_the_table_says() -> None:
    price = price_function(
        {"big": Price("2.50", "10.00", cached="1.25"), "small": ("0.15", "0.60"), "int": Price(1, 2)}
    )
    assert price("big", Tokens(1_000_000, 100_000, cached=400_000)) == Decimal("3.00")
    assert price("big-2026-08-06", Tokens(1000, 100)) == Decimal("0.0035")
    assert price("big-20260806", Tokens(1000, 100)) == Decimal("0.0035")
    assert price("small", Tokens(3, 7, cached=3)) == Decimal("0.00000465")
    assert price("int", Tokens(1, 1)) == Decimal("0.000003")
    assert price("big-mini", Tokens(1, 1)) is None


@pytest.mark.parametrize("table", [{"m": (0.1, 1)}, {"m": ("x", 1)}, {"m": Price("1", "-1")}])
def test_a_price_that_is_none_is_an_error_when_it_is_given(table: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        price_function(table)


def test_a_function_may_be_the_price() -> None:
    assert price_function(lambda model, tokens: tokens.output)("m", Tokens(1, 2)) == 2


def test_a_refusal_survives_pickling_and_is_raised_anew() -> None:
    problem = {"reason": "runaway agent", "latch": "Runtime"}
    refused = wo.KillSwitchActive("Stopped.", code="KILL_SWITCH_ACTIVE", status=403, problem=problem)
    for other in (pickle.loads(pickle.dumps(refused)), refused.again()):
        assert type(other) is wo.KillSwitchActive
        assert str(other) == "KILL_SWITCH_ACTIVE: Stopped. Reason: runaway agent"
        assert (other.code, other.status, other.latch) == ("KILL_SWITCH_ACTIVE", 403, "Runtime")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({}, None),
        (
            {
                "retry-after": "Tue, 24 Nov 2026 10:00:30 GMT",
                "date": "Tue, 24 Nov 2026 10:00:00 GMT",
            },
            30.0,
        ),
        ({"retry-after": "Tue, 24 Nov 2026 10:00:30 GMT"}, None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert _protocol.retry_after_of(headers) == seconds


def test_pauses_grow_and_end_with_patience() -> None:
    retries = _protocol.Retries(100.0, 60.0, wait=False)
    lost = _protocol.no_answer("http://x", OSError("gone"))
    now, pauses = 100.0, []
    with pytest.raises(wo.Unavailable):
        while True:
            pauses.append(retries.pause_after(lost, now))
            now += pauses[-1]
    assert 0.1 <= pauses[0] <= 0.2
    assert max(pauses) <= _protocol.LONGEST_WAIT + 0.25
    assert 54 < now - 100 <= 60


@pytest.mark.parametrize("value", ["", ".", "..", 5, None])
def test_what_is_no_id_is_asked_of_nobody(value: Any) -> None:
    with pytest.raises(ValueError, match="no id"):
        _protocol.get_run(value)


def test_an_id_stays_one_part_of_the_path() -> None:
    assert _protocol.get_run("../api-keys?x=1").path == "/v1/runs/..%2Fapi-keys%3Fx%3D1"
