"""The most that a request can cost, of a model's prices as LiteLLM has them. Pure: no network, no clock.

A price sheet is LiteLLM's ``model_info`` of one deployment: a map of names like ``input_cost_per_token`` to US dollars. Whatever
a request may come to use counts: the dearest of the prices that can apply, of the dearest deployment that may serve it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from .money import NotAnAmount, exact


class Unbounded(Exception):
    """No highest cost can be told; the message says why, and what is missing."""


class BadRequest(Exception):
    """The request itself is wrong; the message says how to mend it."""


@dataclass(frozen=True)
class Asked:
    """What of a request decides its cost.

    Attributes:
        input_tokens: how many tokens go in.
        output_tokens: the most that may come out of one answer; ``None``: what the model can give.
        answers: how many answers are asked for (``n``).
        priority: a dearer class of service may be taken.
        audio: sound goes in, or may come out.
    """

    input_tokens: int
    output_tokens: int | None
    answers: int
    priority: bool = False
    audio: bool = False


Sheet = Mapping[str, object]

_ABOVE = re.compile(r"_above_(\d+)(k?)_tokens")
_OUTPUT_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")


def output_limit(body: Mapping[str, object]) -> int | None:
    """The most tokens of one answer that the body allows, the largest where it says it more than once.

    What is not a whole number above 0 allows anything: what becomes of it is for the model to say.
    """
    limits = [body[name] for name in _OUTPUT_LIMITS if body.get(name) is not None]
    whole = [limit for limit in limits if isinstance(limit, int) and not isinstance(limit, bool) and limit > 0]
    return max(whole) if whole and len(whole) == len(limits) else None


def answers(body: Mapping[str, object]) -> int:
    """How many answers the body asks for.

    Raises:
        BadRequest: it is not a whole number above 0, so that nobody can tell what they cost.
    """
    most = 1
    for name in ("n", "best_of"):
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise BadRequest(f"{name} must be a whole number of 1 or more, and is {value!r}")
        most = max(most, value)
    return most


def highest_cost(sheets: Iterable[tuple[str, Sheet]], asked: Asked) -> Decimal:
    """The most that ``asked`` can cost on any of these models, in US dollars, not rounded.

    Args:
        sheets: name and prices of each model that may come to serve it.

    Raises:
        Unbounded: one of them has no price, or no limit of what it may give; or there is none.
    """
    costs = [_cost(name, sheet, asked) for name, sheet in sheets]
    if not costs:
        raise Unbounded("the proxy has no such model")
    return max(costs)


def _cost(name: str, sheet: Sheet, asked: Asked) -> Decimal:
    per_request = _price(name, sheet, "input_cost_per_request", "output_cost_per_request") or Decimal(0)
    into = _dearest(name, sheet, asked, (*_INTO, _AUDIO_INTO) if asked.audio else _INTO)
    out = _dearest(name, sheet, asked, (*_OUT, _AUDIO_OUT) if asked.audio else _OUT)
    if into is None and out is None:
        if per_request:
            return per_request * asked.answers
        raise Unbounded(
            f"LiteLLM has no price of the model {name}: add input_cost_per_token and output_cost_per_token to its model_info"
        )
    tokens_out = asked.output_tokens
    most_out = _whole(sheet.get("max_output_tokens")) or _whole(sheet.get("max_tokens"))
    if most_out is not None:
        tokens_out = most_out if tokens_out is None else min(tokens_out, most_out)
    if out and tokens_out is None:
        raise Unbounded(
            f"nothing bounds what the model {name} may answer: send max_tokens, or add max_output_tokens to its model_info"
        )
    cost = (into or Decimal(0)) * asked.input_tokens
    cost += (out or Decimal(0)) * (tokens_out or 0) * asked.answers
    return cost + per_request


# What goes in and comes out as text, besides the price per token itself: a cache that is written costs more than none.
_INTO = ("input_cost_per_token", "cache_creation_input_token_cost")
_OUT = ("output_cost_per_token", "output_cost_per_reasoning_token")
# Classes of service that cost more, by the suffix of their prices.
_DEARER = ("_priority", "_ultrafast", "_balanced")
_AUDIO_INTO = "input_cost_per_audio_token"
_AUDIO_OUT = "output_cost_per_audio_token"


def _dearest(name: str, sheet: Sheet, asked: Asked, bases: tuple[str, ...]) -> Decimal | None:
    """The highest of the prices per token that may apply; ``None`` if there is none."""
    found: list[Decimal] = []
    for field, value in sheet.items():
        base = next((b for b in bases if field == b or field.startswith(b + "_")), None)
        if base is None or value is None:
            continue
        variant = field[len(base) :]
        above = _ABOVE.search(variant)
        if above and asked.input_tokens <= int(above.group(1)) * (1000 if above.group(2) else 1):
            continue
        if any(tier in variant for tier in _DEARER) and not asked.priority:
            continue
        if "_flex" in variant or "_batches" in variant or "per_token_" in variant:
            continue
        found.append(_amount(name, field, value))
    return max(found) if found else None


def _price(name: str, sheet: Sheet, *fields: str) -> Decimal | None:
    found = [_amount(name, field, sheet[field]) for field in fields if sheet.get(field) is not None]
    return sum(found, Decimal(0)) if found else None


def _amount(name: str, field: str, value: object) -> Decimal:
    try:
        return exact(value)
    except NotAnAmount as error:
        raise Unbounded(f"{field} of the model {name} is no price: {error}") from None


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    try:
        number = int(str(value))
    except ValueError:
        return None
    return number if number > 0 else None
