"""What tokens cost, by a table or a function that you give. No price comes with this package: they change."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from .money import Amount, exact

_MILLION = Decimal(1_000_000)
_DATE = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8})$")


@dataclass(frozen=True)
class Tokens:
    """What one request to a model used. `cached` of `input` were read from the provider's cache."""

    input: int
    output: int
    cached: int = 0


@dataclass(frozen=True)
class Price:
    """US dollars for 1,000,000 tokens. Without a `cached` price, such tokens cost as much as others."""

    input: Amount
    output: Amount
    cached: Amount | None = None

    def cost(self, tokens: Tokens) -> Decimal:
        """US dollars, not rounded."""
        cached = min(tokens.cached, tokens.input)
        cached_price = self.input if self.cached is None else self.cached
        return (
            (tokens.input - cached) * exact(self.input)
            + cached * exact(cached_price)
            + tokens.output * exact(self.output)
        ) / _MILLION


PriceFunction = Callable[[str, Tokens], Amount | None]
"""From a model's name and its tokens to US dollars; None if it is not known."""

Prices = PriceFunction | Mapping[str, Price | tuple[Amount, Amount]]
"""Such a function, or a table: `{"gpt-4o": Price("2.50", "10.00")}`, or pairs of (input, output)."""


def price_function(prices: Prices) -> PriceFunction:
    """A table's model is found by its name, also with a date after it, as in `gpt-4o-2024-08-06`. Raises ValueError
    or TypeError where a price is none."""
    if callable(prices):
        return prices
    table = {model: price if isinstance(price, Price) else Price(*price) for model, price in prices.items()}
    for price in table.values():
        price.cost(Tokens(1, 1, 1))

    def cost(model: str, tokens: Tokens) -> Amount | None:
        price = table.get(model) or table.get(_DATE.sub("", model))
        return None if price is None else price.cost(tokens)

    return cost
