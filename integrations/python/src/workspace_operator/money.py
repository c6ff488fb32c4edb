"""US dollars, exact to the micro-dollar. No float takes part in any sum."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal, InvalidOperation

Amount = Decimal | int | str
"""US dollars: a Decimal, an int, or a str such as "0.05". A float is refused: write it as a str."""

MICRO_USD = Decimal("0.000001")
HIGHEST = Decimal(1_000_000)
_WIDE = Context(prec=60, traps=[InvalidOperation])


def reservation(amount: Amount) -> Decimal:
    """The most that something may cost, rounded up to the micro-dollar. Raises ValueError or TypeError."""
    return _rounded(amount, ROUND_CEILING)


def spent(amount: Amount) -> Decimal:
    """What something did cost, rounded half up to the micro-dollar. Raises ValueError or TypeError."""
    return _rounded(amount, ROUND_HALF_UP)


def exact(amount: Amount) -> Decimal:
    """The amount as a Decimal, not rounded. Raises ValueError or TypeError."""
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int | str):
        raise TypeError(
            "An amount of US dollars is a Decimal, an int or a str such as '0.05', "
            f"not {type(amount).__name__} {amount!r}."
        )
    try:
        value = Decimal(amount)
    except InvalidOperation:
        raise ValueError(f"{amount!r} is no amount of US dollars. Write it as '0.05'.") from None
    if not value.is_finite() or value < 0 or value > HIGHEST:
        raise ValueError(f"{amount!r} is no amount of US dollars from 0 to {HIGHEST}.")
    return value


def _rounded(amount: Amount, rounding: str) -> Decimal:
    return exact(amount).quantize(MICRO_USD, rounding=rounding, context=_WIDE)


__all__ = ["HIGHEST", "MICRO_USD", "Amount", "exact", "reservation", "spent"]
