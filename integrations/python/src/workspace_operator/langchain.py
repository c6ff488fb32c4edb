"""Middleware for LangChain agents: each request to the model is a step of a run. Needs `workspace-operator[langchain]`.

    agent = create_agent(model, tools, middleware=[WorkspaceMiddleware(prices, max_cost="0.05")])
    with workspace.run(user_id="ada"):
        agent.invoke({"messages": [("user", "…")]})

Put it last among the middlewares: what is inside of it, such as one that repeats a request, is one step.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from langchain.agents.middleware import (
    AgentMiddleware,
    AgentState,
    ModelRequest,
    ModelResponse,
    ToolCallRequest,
)
from langchain_core.messages import AIMessage, ToolMessage
from langgraph.types import Command

from . import _gate
from .money import Amount
from .pricing import Prices, Tokens


class WorkspaceMiddleware(AgentMiddleware[AgentState[Any], Any, Any]):
    """Asks before each request to the model, and settles it by the tokens that the model reports.

    `price` is a table or a function from a model's name and its tokens to US dollars. `max_cost` is the most that one
    request can cost: an amount, or a function of the `ModelRequest`; without one the operator's default is reserved.
    `run` is the run to ask, or a function that gives it; without one, that of the `with workspace.run(…)` block.
    `tool_costs` are fixed costs of tools by name; each call of such a tool is a step too. Other tools cost nothing,
    and are not called once the run has to stop. `failed_cost` tells what a request cost that raised an error; without
    it, or where it gives None, that is its whole reservation, as it is where tokens or price are not known.

    Raises `Refused`, out of `invoke` and the like, before the model is asked.
    """

    def __init__(
        self,
        price: Prices,
        *,
        max_cost: Amount | Callable[[ModelRequest[Any]], Amount] | None = None,
        run: _gate.RunSource = None,
        tool_costs: Mapping[str, Amount] | None = None,
        failed_cost: Callable[[BaseException], Amount | None] | None = None,
    ) -> None:
        super().__init__()
        self._gate: _gate.Gate[ModelRequest[Any]] = _gate.Gate(price, max_cost, run, tool_costs, failed_cost)

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        model = model_of(request)
        run = self._gate.sync_run()
        step = run.open_step(max_cost=self._gate.max_cost(request), name=_gate.step_name(model))
        try:
            response = handler(request)
        except BaseException as error:
            _gate.settle(step, self._gate.failed_cost(step, error))
            raise
        told, tokens = usage_of(response)
        _gate.settle(step, self._gate.cost(step, told or model, tokens))
        return response

    async def awrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        model = model_of(request)
        step = await _gate.aopen(self._gate.run(), self._gate.max_cost(request), model)
        try:
            response = await handler(request)
        except BaseException as error:
            await _gate.asettle(step, self._gate.failed_cost(step, error))
            raise
        told, tokens = usage_of(response)
        await _gate.asettle(step, self._gate.cost(step, told or model, tokens))
        return response

    def wrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], ToolMessage | Command[Any]],
    ) -> ToolMessage | Command[Any]:
        step = self._gate.open_tool(request.tool_call["name"])
        try:
            return handler(request)
        finally:
            if step is not None:
                _gate.settle(step, step.reserved)

    async def awrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]],
    ) -> ToolMessage | Command[Any]:
        step = await self._gate.aopen_tool(request.tool_call["name"])
        try:
            return await handler(request)
        finally:
            if step is not None:
                await _gate.asettle(step, step.reserved)


def model_of(request: ModelRequest[Any]) -> str:
    """The model's name, as LangChain's models have it in one attribute or another."""
    for attribute in ("model_name", "model"):
        name = getattr(request.model, attribute, None)
        if isinstance(name, str) and name:
            return name
    return type(request.model).__name__


def usage_of(response: ModelResponse[Any]) -> tuple[str | None, Tokens | None]:
    """The model that answered, as it says, and its tokens; None where it says nothing."""
    name: str | None = None
    total: Tokens | None = None
    for message in response.result:
        if not isinstance(message, AIMessage):
            continue
        told = message.response_metadata.get("model_name")
        name = told if isinstance(told, str) else name
        usage = message.usage_metadata
        if usage is not None:
            before = total or Tokens(0, 0, 0)
            cached = usage.get("input_token_details", {}).get("cache_read") or 0
            total = Tokens(
                before.input + usage["input_tokens"],
                before.output + usage["output_tokens"],
                before.cached + cached,
            )
    return name, total
