"""Hooks for the OpenAI Agents SDK: each request to the model is a step of a run. Needs
`workspace-operator[openai-agents]`.

    hooks = WorkspaceHooks(prices, max_cost="0.05")
    async with workspace.run(user_id="ada"):
        await Runner.run(agent, "…", hooks=hooks)

The SDK has no hook for a request that fails: its step is charged its whole reservation when the run ends. What the SDK
repeats of one request by itself (`ModelSettings.retry`) is one step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agents import Agent, ModelResponse, RunContextWrapper, RunHooks, Tool

from . import _gate
from .money import Amount
from .pricing import Prices, Tokens


@dataclass(frozen=True)
class LlmRequest:
    """What is about to be asked of the model."""

    agent: Agent[Any]
    system_prompt: str | None
    input_items: list[Any]


class WorkspaceHooks(RunHooks[Any]):
    """Asks before each request to the model, and settles it by the tokens that the model reports.

    `price` is a table or a function from a model's name and its tokens to US dollars. The name is that of the agent's
    model; `model` is the one where the agent has none. `max_cost` is the most that one request can cost: an amount, or
    a function of the `LlmRequest`; without one the operator's default is reserved. `run` is the run to ask, or a
    function that gives it; without one, that of the `with workspace.run(…)` block. `tool_costs` are fixed costs of
    tools by name; each call of such a tool is a step too. Other tools cost nothing, and are not called once the run has
    to stop.

    Raises `Refused`, out of `Runner.run` and the like, before the model is asked. Before a tool the SDK makes an
    `agents.UserError` of it, whose `__cause__` it is.
    """

    def __init__(
        self,
        price: Prices,
        *,
        max_cost: Amount | Callable[[LlmRequest], Amount] | None = None,
        run: _gate.RunSource = None,
        tool_costs: Mapping[str, Amount] | None = None,
        model: str | None = None,
    ) -> None:
        self._gate: _gate.Gate[LlmRequest] = _gate.Gate(price, max_cost, run, tool_costs, None)
        self._model = model
        # By the context of the SDK's run, which asks one model at a time, and the tool's call. Each entry keeps its
        # context alive, so that no other has its id.
        self._steps: dict[tuple[int, str], tuple[object, _gate.AnyStep]] = {}

    def _keep(self, context: object, tool_call: str, step: _gate.AnyStep) -> None:
        # What failed was never ended; it was charged with its run.
        self._steps = {key: kept for key, kept in self._steps.items() if not kept[1].run.is_over}
        self._steps[id(context), tool_call] = (context, step)

    async def on_llm_start(
        self,
        context: RunContextWrapper[Any],
        agent: Agent[Any],
        system_prompt: str | None,
        input_items: list[Any],
    ) -> None:
        max_cost = self._gate.max_cost(LlmRequest(agent, system_prompt, input_items))
        step = await _gate.aopen(self._gate.run(), max_cost, self._model_of(agent))
        self._keep(context, "", step)

    async def on_llm_end(self, context: RunContextWrapper[Any], agent: Agent[Any], response: ModelResponse) -> None:
        _, step = self._steps.pop((id(context), ""))
        await _gate.asettle(step, self._gate.cost(step, self._model_of(agent), tokens_of(response)))

    async def on_tool_start(self, context: RunContextWrapper[Any], agent: Agent[Any], tool: Tool) -> None:
        step = await self._gate.aopen_tool(tool.name)
        if step is not None:
            self._keep(context, _tool_call(context, tool), step)

    async def on_tool_end(self, context: RunContextWrapper[Any], agent: Agent[Any], tool: Tool, result: object) -> None:
        _, step = self._steps.pop((id(context), _tool_call(context, tool)), (None, None))
        if step is not None:
            await _gate.asettle(step, step.reserved)

    def _model_of(self, agent: Agent[Any]) -> str:
        model = agent.model
        name = model if isinstance(model, str) else getattr(model, "model", None)
        return name if isinstance(name, str) and name else self._model or type(model).__name__


def _tool_call(context: RunContextWrapper[Any], tool: Tool) -> str:
    call_id = getattr(context, "tool_call_id", None)
    return call_id if isinstance(call_id, str) else tool.name


def tokens_of(response: ModelResponse) -> Tokens | None:
    """None where the model told none: a request without any token there is not."""
    usage = response.usage
    if not usage.input_tokens and not usage.output_tokens:
        return None
    details = usage.input_tokens_details
    return Tokens(usage.input_tokens, usage.output_tokens, (details.cached_tokens or 0) if details else 0)
