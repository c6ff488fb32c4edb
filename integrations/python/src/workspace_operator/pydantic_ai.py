"""A capability for Pydantic AI: each request to the model is a step of a run. Needs `workspace-operator[pydantic-ai]`.

agent = Agent("openai:gpt-5", capabilities=[WorkspaceGate(prices, max_cost="0.05")])
with workspace.run(user_id="ada"):
    agent.run_sync("…")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.capabilities import AbstractCapability, WrapModelRequestHandler, WrapToolExecuteHandler
from pydantic_ai.messages import ModelResponse, ToolCallPart
from pydantic_ai.models import ModelRequestContext
from pydantic_ai.tools import ToolDefinition

from . import _gate
from .money import Amount
from .pricing import Prices, Tokens


class WorkspaceGate(AbstractCapability[Any]):
    """Asks before each request to the model, and settles it by the tokens that the model reports.

    `price` is a table or a function from a model's name and its tokens to US dollars. `max_cost` is the most that one
    request can cost: an amount, or a function of the `ModelRequestContext`; without one the operator's default is
    reserved. `run` is the run to ask, or a function that gives it; without one, that of the `with workspace.run(…)`
    block. `tool_costs` are fixed costs of tools by name; each call of such a tool is a step too. Other tools cost
    nothing, and are not called once the run has to stop. `failed_cost` tells what a request cost that raised an error;
    without it, or where it gives None, that is its whole reservation, as it is where tokens or price are not known.

    Raises `Refused`, out of `run` and the like, before the model is asked.
    """

    def __init__(
        self,
        price: Prices,
        *,
        max_cost: Amount | Callable[[ModelRequestContext], Amount] | None = None,
        run: _gate.RunSource = None,
        tool_costs: Mapping[str, Amount] | None = None,
        failed_cost: Callable[[BaseException], Amount | None] | None = None,
    ) -> None:
        super().__init__()
        self._gate: _gate.Gate[ModelRequestContext] = _gate.Gate(price, max_cost, run, tool_costs, failed_cost)

    @classmethod
    def get_serialization_name(cls) -> str | None:
        """None: a run or a function cannot be written into the file of an agent."""
        return None

    async def wrap_model_request(
        self,
        ctx: RunContext[Any],
        *,
        request_context: ModelRequestContext,
        handler: WrapModelRequestHandler,
    ) -> ModelResponse:
        model = request_context.model.model_name
        step = await _gate.aopen(self._gate.run(), self._gate.max_cost(request_context), model)
        try:
            response = await handler(request_context)
        except BaseException as error:
            await _gate.asettle(step, self._gate.failed_cost(step, error))
            raise
        await _gate.asettle(step, self._gate.cost(step, response.model_name or model, tokens_of(response)))
        return response

    async def wrap_tool_execute(
        self,
        ctx: RunContext[Any],
        *,
        call: ToolCallPart,
        tool_def: ToolDefinition,
        args: dict[str, Any],
        handler: WrapToolExecuteHandler,
    ) -> Any:
        step = await self._gate.aopen_tool(call.tool_name)
        try:
            return await handler(args)
        finally:
            if step is not None:
                await _gate.asettle(step, step.reserved)


def tokens_of(response: ModelResponse) -> Tokens | None:
    """None where the model told none, as a request without any token there is not; or where it was cut off, as what
    it went on to say was paid for too."""
    usage = response.usage
    if response.state in ("incomplete", "interrupted"):
        return None
    if not usage.input_tokens and not usage.output_tokens:
        return None
    return Tokens(usage.input_tokens, usage.output_tokens, usage.cache_read_tokens)
