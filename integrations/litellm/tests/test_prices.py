"""The highest cost of a request, of price sheets as LiteLLM has them."""

from decimal import Decimal

import pytest

from workspace_operator_litellm.prices import Asked, BadRequest, Sheet, Unbounded, answers, highest_cost, output_limit

PLAIN: Sheet = {"input_cost_per_token": 0.000001, "output_cost_per_token": 0.000002, "max_output_tokens": 1000}


@pytest.mark.parametrize(
    ("sheet", "asked", "cost"),
    [
        (PLAIN, Asked(10, 20, 1), "0.00005"),
        (PLAIN, Asked(10, 20, 3), "0.00013"),
        (PLAIN, Asked(10, None, 1), "0.00201"),
        (PLAIN, Asked(10, 10**9, 1), "0.00201"),
        ({**PLAIN, "input_cost_per_token_above_200k_tokens": 0.000004}, Asked(200_000, 0, 1), "0.2"),
        ({**PLAIN, "input_cost_per_token_above_200k_tokens": 0.000004}, Asked(200_001, 0, 1), "0.800004"),
        ({**PLAIN, "output_cost_per_token_above_200k_tokens": 0.000009}, Asked(200_001, 1, 1), "0.20001"),
        ({**PLAIN, "cache_creation_input_token_cost": 0.00000125}, Asked(100, 0, 1), "0.000125"),
        ({**PLAIN, "cache_creation_input_token_cost_above_1hr": 0.000002}, Asked(100, 0, 1), "0.0002"),
        ({**PLAIN, "input_cost_per_token_priority": 0.000009}, Asked(100, 0, 1), "0.0001"),
        ({**PLAIN, "input_cost_per_token_priority": 0.000009}, Asked(100, 0, 1, priority=True), "0.0009"),
        ({**PLAIN, "input_cost_per_token_flex": 0.5, "input_cost_per_token_batches": 0.5}, Asked(100, 0, 1), "0.0001"),
        ({**PLAIN, "output_cost_per_reasoning_token": 0.00001}, Asked(0, 10, 1), "0.0001"),
        ({**PLAIN, "output_cost_per_audio_token": 0.00001}, Asked(0, 10, 1), "0.00002"),
        ({**PLAIN, "output_cost_per_audio_token": 0.00001}, Asked(0, 10, 1, audio=True), "0.0001"),
        ({"input_cost_per_token": 0.0001, "output_cost_per_token": 0}, Asked(10, None, 1), "0.001"),
        ({**PLAIN, "input_cost_per_request": 0.01}, Asked(10, 20, 1), "0.01005"),
        ({"input_cost_per_token": 0, "output_cost_per_token": 0}, Asked(10, None, 1), "0"),
    ],
)
def test_highest_cost(sheet: Sheet, asked: Asked, cost: str) -> None:
    assert highest_cost([("m", sheet)], asked) == Decimal(cost)


def test_the_dearest_model_that_may_serve_it() -> None:
    dear = {**PLAIN, "output_cost_per_token": 0.000005}
    assert highest_cost([("m", PLAIN), ("dear", dear)], Asked(0, 10, 1)) == Decimal("0.00005")


@pytest.mark.parametrize(
    ("sheet", "why"),
    [
        ({}, "no price"),
        ({"max_output_tokens": 10}, "no price"),
        ({"input_cost_per_token": 0.1, "output_cost_per_token": 0.1}, "max_tokens"),
        ({**PLAIN, "input_cost_per_token": "a lot"}, "is no price"),
        ({**PLAIN, "input_cost_per_token": -1}, "is no price"),
    ],
)
def test_what_has_no_highest_cost(sheet: Sheet, why: str) -> None:
    with pytest.raises(Unbounded, match=why):
        highest_cost([("m", sheet)], Asked(10, None, 1))


def test_one_without_a_price_spoils_all() -> None:
    with pytest.raises(Unbounded):
        highest_cost([("m", PLAIN), ("n", {})], Asked(10, 10, 1))
    with pytest.raises(Unbounded):
        highest_cost([], Asked(10, 10, 1))


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        ({}, None),
        ({"max_tokens": 10}, 10),
        ({"max_tokens": 10, "max_completion_tokens": 30}, 30),
        ({"max_output_tokens": 5}, 5),
        ({"max_tokens": None, "max_output_tokens": 5}, 5),
        ({"max_tokens": 0}, None),
        ({"max_tokens": -1}, None),
        ({"max_tokens": "10"}, None),
        ({"max_tokens": 1.5}, None),
        ({"max_tokens": True}, None),
        ({"max_tokens": -1, "max_completion_tokens": 10}, None),
    ],
)
def test_output_limit(body: dict[str, object], limit: int | None) -> None:
    assert output_limit(body) == limit


def test_answers() -> None:
    assert answers({}) == 1
    assert answers({"n": None}) == 1
    assert answers({"n": 100}) == 100
    assert answers({"n": 2, "best_of": 5}) == 5
    for odd in (0, -1, "2", 1.5, True):
        with pytest.raises(BadRequest, match="whole number"):
            answers({"n": odd})
