"""Amounts: US dollars as ``Decimal`` with at most six decimals (a micro-dollar), as the operator's API takes them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, ROUND_UP, Decimal, InvalidOperation

MICRO_USD = Decimal("0.000001")

# The most that the operator's API takes as one cost.
MOST_USD = Decimal(1_000_000)


class NotAnAmount(ValueError):
    """What should be an amount is not a number, not finite, or negative."""


def exact(value: object) -> Decimal:
    """The number that ``value`` shows, as LiteLLM has it: an int, a float, a ``Decimal`` or a numeral.

    A float counts as the shortest numeral that stands for it, so that 0.1 is a tenth. From there on there is no
    floating-point arithmetic.

    Raises:
        NotAnAmount: it is not a number, not finite, or negative.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise NotAnAmount(f"{value!r} is not a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise NotAnAmount(f"{value!r} is not a number") from None
    if not number.is_finite() or number < 0:
        raise NotAnAmount(f"{value!r} is not a number of 0 or more")
    return number


def reservation(amount: Decimal) -> Decimal:
    """Rounded up to the micro-dollar: a reservation is never less than what it is for."""
    return amount.quantize(MICRO_USD, rounding=ROUND_UP)


def charge(amount: Decimal) -> Decimal:
    """Rounded to the nearest micro-dollar, a half up: over many calls that neither adds to what was spent nor takes from it."""
    return amount.quantize(MICRO_USD, rounding=ROUND_HALF_UP)
