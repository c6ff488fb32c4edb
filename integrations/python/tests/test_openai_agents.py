"""The hooks on the real OpenAI Agents SDK, with a model that asks nobody, against the real operator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import pytest
from agents import Agent, Model, ModelResponse, Runner, Usage, function_tool, set_tracing_disabled
from agents.exceptions import UserError
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseUsage,
)
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails

import workspace_operator as wo
from conftest import Operator
from test_server import new_user
from workspace_operator import AsyncWorkspace, Workspace
from workspace_operator.openai_agents import WorkspaceHooks
from workspace_operator.pricing import Price

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("own_loop")]

PRICES = {"fake-1": Price("2.50", "10.00", cached="1.25")}
COST = Decimal("0.003000")
set_tracing_disabled(True)


def text() -> ResponseOutputMessage:
    content = ResponseOutputText(type="output_text", text="It is done.", annotations=[])
    return ResponseOutputMessage(id="m", type="message", role="assistant", status="completed", content=[content])


def search_call(number: int = 1) -> ResponseFunctionToolCall:
    return ResponseFunctionToolCall(
        id=f"c{number}",
        call_id=f"call-{number}",
        type="function_call",
        name="search",
        arguments='{"query": "x"}',
    )


class FakeModel(Model):
    """Says what it is given, with 1000 input tokens, 400 of them cached, and 100 output tokens."""

    model = "fake-1"

    def __init__(self, outputs: Any, usage: bool = True) -> None:
        self.left = iter(outputs)
        self.usage = usage

    async def _next(self) -> list[Any]:
        told = next(self.left)
        if isinstance(told, BaseException):
            raise told
        if callable(told):
            told = await told()
        assert isinstance(told, list)
        return told

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        output = await self._next()
        usage = Usage()
        if self.usage:
            usage = Usage(
                requests=1,
                input_tokens=1000,
                output_tokens=100,
                total_tokens=1100,
                input_tokens_details=_details(),
            )
        return ModelResponse(output=output, usage=usage, response_id=None)

    async def stream_response(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        output = await self._next()
        usage = ResponseUsage(
            input_tokens=1000,
            output_tokens=100,
            total_tokens=1100,
            input_tokens_details=_details(),
            output_tokens_details=OutputTokensDetails(reasoning_tokens=0),
        )
        response = Response(
            id="r",
            created_at=0,
            model="fake-1",
            object="response",
            output=output,
            tool_choice="auto",
            tools=[],
            parallel_tool_calls=False,
            usage=usage if self.usage else None,
        )
        yield ResponseCompletedEvent(type="response.completed", response=response, sequence_number=0)


def _details() -> InputTokensDetails:
    members: dict[str, Any] = {"cached_tokens": 400, "cache_write_tokens": 0}
    return InputTokensDetails(**{it: members[it] for it in InputTokensDetails.model_fields if it in members})


def agent_of(outputs: Any, used: list[str] | None = None, usage: bool = True) -> Agent[Any]:
    async def search(query: str) -> str:
        """Searches."""
        if used is not None:
            used.append(query)
        return "found"

    return Agent(name="agent", model=FakeModel(outputs, usage), tools=[function_tool(search)])


def hooks_of(**options: Any) -> WorkspaceHooks:
    return WorkspaceHooks(PRICES, **{"max_cost": "0.05", **options})


@pytest.fixture
def workspace(operator: Operator) -> Iterator[Workspace]:
    with Workspace(operator.url, operator.key) as made:
        yield made


@pytest.fixture
async def aworkspace(operator: Operator) -> AsyncIterator[AsyncWorkspace]:
    async with AsyncWorkspace(operator.url, operator.key) as made:
        yield made


def test_each_request_is_a_step_that_costs_its_tokens(workspace: Workspace) -> None:
    used: list[str] = []
    agent = agent_of([[search_call()], [text()]], used)
    with workspace.run(new_user()) as run:
        told = Runner.run_sync(agent, "Do it.", hooks=hooks_of(tool_costs={"search": "0.0005"}))
    assert told.final_output == "It is done."
    assert used == ["x"]
    assert workspace.get_run(run.id)["spent_usd"] == 2 * COST + Decimal("0.0005")


async def test_each_async_request_is_a_step_that_costs_its_tokens(aworkspace: AsyncWorkspace) -> None:
    used: list[str] = []
    agent = agent_of([[search_call(1), search_call(2)], [text()]], used)
    async with aworkspace.run(new_user()) as run:
        await Runner.run(agent, "Do it.", hooks=hooks_of(tool_costs={"search": "0.0005"}))
        assert (await aworkspace.get_run(run.id))["reserved_usd"] == 0
    assert used == ["x", "x"]
    assert (await aworkspace.get_run(run.id))["spent_usd"] == 2 * COST + 2 * Decimal("0.0005")


async def test_a_stream_costs_its_tokens(aworkspace: AsyncWorkspace) -> None:
    async with aworkspace.run(new_user()) as run:
        result = Runner.run_streamed(agent_of([[search_call()], [text()]]), "Do it.", hooks=hooks_of())
        assert [event async for event in result.stream_events()]
        assert (await aworkspace.get_run(run.id))["reserved_usd"] == 0
    assert result.final_output == "It is done."
    assert (await aworkspace.get_run(run.id))["spent_usd"] == 2 * COST


async def test_a_stream_that_is_cancelled_is_charged_when_the_run_ends(aworkspace: AsyncWorkspace) -> None:
    asked = asyncio.Event()

    async def hang() -> list[Any]:
        asked.set()
        await asyncio.sleep(60)
        return [text()]

    async with aworkspace.run(new_user()) as run:
        result = Runner.run_streamed(agent_of([hang]), "Do it.", hooks=hooks_of())
        await asyncio.wait_for(asked.wait(), 10)
        result.cancel()
        async for _ in result.stream_events():
            pass
    assert (await aworkspace.get_run(run.id))["spent_usd"] == Decimal("0.05")


async def test_one_set_of_hooks_serves_runs_at_once(aworkspace: AsyncWorkspace) -> None:
    hooks = hooks_of()

    async def work() -> Decimal:
        async with aworkspace.run(new_user()) as run:
            await asyncio.gather(
                *(Runner.run(agent_of([[search_call()], [text()]]), "Do it.", hooks=hooks) for _ in range(3))
            )
        return (await aworkspace.get_run(run.id))["spent_usd"]

    assert list(await asyncio.gather(work(), work())) == [6 * COST] * 2
    assert not hooks._steps


def test_a_refused_request_is_not_made(workspace: Workspace) -> None:
    outputs = iter([[text()]])
    with pytest.raises(wo.BudgetExceeded) as raised, workspace.run(new_user(), max_cost="0.01"):
        Runner.run_sync(agent_of(outputs), "Do it.", hooks=hooks_of())
    assert raised.value.budget == "run"
    assert len(list(outputs)) == 1


async def test_a_stream_that_is_refused_is_not_begun(aworkspace: AsyncWorkspace) -> None:
    outputs = iter([[text()]])
    with pytest.raises(wo.BudgetExceeded):
        async with aworkspace.run(new_user(), max_cost="0.01"):
            result = Runner.run_streamed(agent_of(outputs), "Do it.", hooks=hooks_of())
            async for _ in result.stream_events():
                pass
    assert len(list(outputs)) == 1


async def test_the_kill_switch_stops_the_agent_before_its_tool(aworkspace: AsyncWorkspace) -> None:
    used: list[str] = []
    with pytest.raises(UserError, match="KILL_SWITCH_ACTIVE") as raised:
        async with aworkspace.run(new_user(), lease_seconds=5) as run:

            async def stopped() -> list[Any]:
                await aworkspace.kill_switch(True, "runaway agent")
                await asyncio.wait_for(run.stopped.wait(), 5)
                return [search_call()]

            await Runner.run(agent_of([stopped], used), "Do it.", hooks=hooks_of())
    assert isinstance(raised.value.__cause__, wo.KillSwitchActive)
    assert not used
    ended = await aworkspace.get_run(run.id)
    assert (ended["status"], ended["spent_usd"]) == ("cancelled", COST)


def test_a_request_that_fails_is_charged_when_the_run_ends(workspace: Workspace) -> None:
    with workspace.run(new_user()) as run, pytest.raises(ZeroDivisionError):
        Runner.run_sync(agent_of([ZeroDivisionError()]), "Do it.", hooks=hooks_of())
    assert workspace.get_run(run.id)["spent_usd"] == Decimal("0.05")


def test_what_is_not_known_is_charged_its_reservation(workspace: Workspace) -> None:
    with workspace.run(new_user()) as run:
        Runner.run_sync(agent_of([[text()]], usage=False), "Do it.", hooks=hooks_of())
    assert workspace.get_run(run.id)["spent_usd"] == Decimal("0.05")


def test_without_a_run_nothing_is_asked() -> None:
    outputs = iter([[text()]])
    with pytest.raises(RuntimeError, match="There is no run to ask"):
        Runner.run_sync(agent_of(outputs), "Do it.", hooks=hooks_of())
    assert len(list(outputs)) == 1
