"""What the middlewares of all frameworks share: which run to ask, and how to settle.

A settle that fails is logged, and the model's answer is kept: the reservation stays charged, and the next step is not
admitted while the operator cannot be reached.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from ._current import current_run
from .aio import AsyncRun, AsyncStep
from .client import Run, Step
from .errors import Refused
from .money import Amount, exact
from .pricing import Prices, Tokens, price_function

log = logging.getLogger("workspace_operator")

Q = TypeVar("Q")
AnyRun = Run | AsyncRun
AnyStep = Step | AsyncStep
RunSource = Run | AsyncRun | Callable[[], Run | AsyncRun] | None


class Gate(Generic[Q]):
    """Asks before a model's request, of the type `Q`, and before a tool."""

    def __init__(
        self,
        price: Prices,
        max_cost: Amount | Callable[[Q], Amount] | None,
        run: RunSource,
        tool_costs: Mapping[str, Amount] | None,
        failed_cost: Callable[[BaseException], Amount | None] | None,
    ) -> None:
        self._price = price_function(price)
        self._max_cost = max_cost
        self._run = run
        self._tool_costs = dict(tool_costs or {})
        for cost in (
            *self._tool_costs.values(),
            *([] if max_cost is None or callable(max_cost) else [max_cost]),
        ):
            exact(cost)
        self._failed_cost = failed_cost

    def run(self) -> AnyRun:
        """The run that was given, else the one whose block this is in. Raises RuntimeError if there is none."""
        given = self._run
        run = given if isinstance(given, Run | AsyncRun) else given() if given is not None else current_run()
        if run is None:
            raise RuntimeError("There is no run to ask. Call the agent within 'with workspace.run(…):', or give run=….")
        return run

    def sync_run(self) -> Run:
        run = self.run()
        if isinstance(run, AsyncRun):
            raise RuntimeError("This is called without await, and the run is an AsyncRun. Use Workspace instead.")
        return run

    def max_cost(self, request: Q) -> Amount | None:
        return self._max_cost(request) if callable(self._max_cost) else self._max_cost

    def tool_cost(self, tool: str) -> Amount | None:
        return self._tool_costs.get(tool)

    def cost(self, step: AnyStep, model: str, tokens: Tokens | None) -> Amount:
        """What the request cost; the whole reservation where that is not known."""
        if tokens is None:
            log.warning("%s told no token usage: step %s is charged its reservation.", model, step.id)
            return step.reserved
        cost = self._price(model, tokens)
        if cost is None:
            log.warning("There is no price of %s: step %s is charged its reservation.", model, step.id)
            return step.reserved
        return cost

    def failed_cost(self, step: AnyStep, error: BaseException) -> Amount:
        """What a request cost that raised. Nobody knows unless told, so it is the whole reservation."""
        cost = self._failed_cost(error) if self._failed_cost is not None else None
        return step.reserved if cost is None else cost

    def open_tool(self, tool: str) -> Step | None:
        run = self.sync_run()
        cost = self.tool_cost(tool)
        if cost is None:
            run.raise_if_blocked()
            return None
        return run.open_step(max_cost=cost, name=step_name(tool))

    async def aopen_tool(self, tool: str) -> AnyStep | None:
        run = self.run()
        cost = self.tool_cost(tool)
        if cost is None:
            run.raise_if_blocked()
            return None
        return await aopen(run, cost, tool)


def settle(step: Step, cost: Amount) -> None:
    try:
        step.settle(cost)
    except Refused as refused:
        _tell(step, cost, refused)


async def aopen(run: AnyRun, max_cost: Amount | None, name: str) -> AnyStep:
    """Asks, without holding up the event loop where the run is a sync one."""
    if isinstance(run, AsyncRun):
        return await run.open_step(max_cost=max_cost, name=step_name(name))
    return await asyncio.to_thread(run.open_step, max_cost=max_cost, name=step_name(name))


async def asettle(step: AnyStep, cost: Amount) -> None:
    try:
        if isinstance(step, AsyncStep):
            await step.settle(cost)
        else:
            # A thread is not cancelled with the task: it tells the cost to its end.
            await asyncio.shield(asyncio.to_thread(settle, step, cost))
    except Refused as refused:
        _tell(step, cost, refused)


def step_name(name: str) -> str:
    """As the operator takes it: at most 200 characters, none that controls."""
    return "".join(c for c in name if c.isprintable())[:200] or "model"


def _tell(step: AnyStep, cost: Amount, refused: Refused) -> None:
    log.warning("Step %s was not settled with %s, so its reservation stays charged: %s", step.id, cost, refused)
