"""The capability on the real Pydantic AI, with its function and test models, against the real operator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import pytest
from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel
from pydantic_ai.usage import RequestUsage

import workspace_operator as wo
from conftest import Operator
from test_server import new_user
from workspace_operator import AsyncWorkspace, Workspace
from workspace_operator.pricing import Price, Tokens
from workspace_operator.pydantic_ai import WorkspaceGate

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("own_loop")]

PRICES = {"fake-1": Price("2.50", "10.00", cached="1.25")}
COST = Decimal("0.003000")
USAGE = RequestUsage(input_tokens=1000, output_tokens=100, cache_read_tokens=400)


def says(*parts: Any, usage: RequestUsage = USAGE) -> ModelResponse:
    return ModelResponse(parts=list(parts) or [TextPart("It is done.")], usage=usage, model_name="fake-1")


def agent_of(answers: Any, used: list[str] | None = None, **options: Any) -> Agent[None, str]:
    left = iter(answers)

    async def function(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        told = next(left)
        if isinstance(told, BaseException):
            raise told
        if callable(told):
            told = await told()
        assert isinstance(told, ModelResponse)
        return told

    model = FunctionModel(function, model_name="fake-1")
    gate = WorkspaceGate(PRICES, **{"max_cost": "0.05", **options})
    agent = Agent(model, capabilities=[gate])

    @agent.tool_plain
    def search(query: str) -> str:
        if used is not None:
            used.append(query)
        return "found"

    return agent


SEARCH = ToolCallPart("search", {"query": "x"})


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
    agent = agent_of([says(SEARCH), says()], used, tool_costs={"search": "0.0005"})
    with workspace.run(new_user()) as run:
        assert agent.run_sync("Do it.").output == "It is done."
    assert used == ["x"]
    assert workspace.get_run(run.id)["spent_usd"] == 2 * COST + Decimal("0.0005")


async def test_each_async_request_is_a_step_that_costs_its_tokens(aworkspace: AsyncWorkspace) -> None:
    used: list[str] = []
    agent = agent_of([says(SEARCH), says()], used, tool_costs={"search": "0.0005"})
    async with aworkspace.run(new_user()) as run:
        assert (await agent.run("Do it.")).output == "It is done."
    assert used == ["x"]
    assert (await aworkspace.get_run(run.id))["spent_usd"] == 2 * COST + Decimal("0.0005")


def streaming(price: Any) -> Agent[None, str]:
    return Agent(
        TestModel(custom_output_text="It is done now.", model_name="fake-1"),
        capabilities=[WorkspaceGate(price, max_cost="0.05")],
    )


async def test_a_stream_costs_its_tokens(aworkspace: AsyncWorkspace) -> None:
    told: list[Tokens] = []

    def price(model: str, tokens: Tokens) -> str:
        assert model == "fake-1"
        told.append(tokens)
        return "0.0123"

    async with aworkspace.run(new_user()) as run:
        async with streaming(price).run_stream("Do it.") as result:
            assert [part async for part in result.stream_text(delta=True, debounce_by=None)]
        usage = result.usage
    assert told == [Tokens(usage.input_tokens, usage.output_tokens)]
    assert told[0].output > 0
    assert (await aworkspace.get_run(run.id))["spent_usd"] == Decimal("0.0123")


async def test_a_stream_that_is_left_is_charged_its_reservation(aworkspace: AsyncWorkspace) -> None:
    async with aworkspace.run(new_user()) as run:
        async with streaming(PRICES).run_stream("Do it.") as result:
            async for _ in result.stream_text(delta=True, debounce_by=None):
                break
        assert (await aworkspace.get_run(run.id))["spent_usd"] == Decimal("0.05")


async def test_a_stream_that_is_refused_is_not_begun(aworkspace: AsyncWorkspace) -> None:
    with pytest.raises(wo.BudgetExceeded):
        async with aworkspace.run(new_user(), max_cost="0.01"):
            async with streaming(PRICES).run_stream("Do it."):
                pytest.fail("the stream was begun")


async def test_a_sync_run_is_asked_by_an_async_agent(workspace: Workspace) -> None:
    with workspace.run(new_user()) as run:
        await agent_of([says()]).run("Do it.")
    assert workspace.get_run(run.id)["spent_usd"] == COST


def test_a_refused_request_is_not_made(workspace: Workspace) -> None:
    answers = iter([says()])
    with pytest.raises(wo.BudgetExceeded) as raised, workspace.run(new_user(), max_cost="0.01"):
        agent_of(answers).run_sync("Do it.")
    assert raised.value.budget == "run"
    assert len(list(answers)) == 1


async def test_the_kill_switch_stops_the_agent_before_its_tool(aworkspace: AsyncWorkspace) -> None:
    used: list[str] = []
    with pytest.raises(wo.KillSwitchActive):
        async with aworkspace.run(new_user(), lease_seconds=5) as run:

            async def stopped() -> ModelResponse:
                await aworkspace.kill_switch(True, "runaway agent")
                await asyncio.wait_for(run.stopped.wait(), 5)
                return says(SEARCH)

            await agent_of([stopped], used).run("Do it.")
    assert not used
    ended = await aworkspace.get_run(run.id)
    assert (ended["status"], ended["spent_usd"]) == ("cancelled", COST)


def test_the_kill_switch_refuses_the_next_request(workspace: Workspace) -> None:
    with pytest.raises(wo.KillSwitchActive, match="runaway agent"), workspace.run(new_user()):
        workspace.kill_switch(True, "runaway agent")
        agent_of([says()]).run_sync("Do it.")


def test_a_request_that_fails_is_charged_its_reservation(workspace: Workspace) -> None:
    with workspace.run(new_user()) as run, pytest.raises(ZeroDivisionError):
        agent_of([ZeroDivisionError()]).run_sync("Do it.")
    assert workspace.get_run(run.id)["spent_usd"] == Decimal("0.05")
    with workspace.run(new_user()) as run, pytest.raises(ZeroDivisionError):
        agent_of([ZeroDivisionError()], failed_cost=lambda error: 0).run_sync("Do it.")
    assert workspace.get_run(run.id)["spent_usd"] == 0


async def test_a_cancelled_request_is_charged_its_reservation(aworkspace: AsyncWorkspace) -> None:
    async def hang() -> ModelResponse:
        await asyncio.sleep(60)
        return says()

    async with aworkspace.run(new_user()) as run:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(agent_of([hang]).run("Do it."), 1)
        assert (await aworkspace.get_run(run.id))["spent_usd"] == Decimal("0.05")


def test_without_a_run_nothing_is_asked() -> None:
    answers = iter([says()])
    with pytest.raises(RuntimeError, match="There is no run to ask"):
        agent_of(answers).run_sync("Do it.")
    assert len(list(answers)) == 1
