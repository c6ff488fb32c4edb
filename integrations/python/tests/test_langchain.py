"""The middleware on the real LangChain, with its fake model, against the real operator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.tools import tool

import workspace_operator as wo
from conftest import Operator
from test_server import new_user
from workspace_operator import AsyncWorkspace, Workspace
from workspace_operator.langchain import WorkspaceMiddleware
from workspace_operator.pricing import Price

pytestmark = pytest.mark.server

PRICES = {"fake-1": Price("2.50", "10.00", cached="1.25")}
# 1000 input tokens, 400 of them cached, and 100 output tokens.
COST = Decimal("0.003000")


class FakeModel(GenericFakeChatModel):
    """LangChain's own, which also takes tools and streams its usage."""

    model_name: str = "fake-1"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self

    def _stream(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        message = next(self.messages)
        assert isinstance(message, AIMessage)
        for word in str(message.content).split(" "):
            yield ChatGenerationChunk(message=AIMessageChunk(content=word + " "))
        yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=message.usage_metadata))


def answer(content: str = "It is done.", **more: Any) -> AIMessage:
    usage = {
        "input_tokens": 1000,
        "output_tokens": 100,
        "total_tokens": 1100,
        "input_token_details": {"cache_read": 400},
    }
    return AIMessage(content=content, **{"usage_metadata": usage, **more})


def use_tool(name: str) -> AIMessage:
    return answer("", tool_calls=[{"name": name, "args": {"query": "x"}, "id": "call-1"}])


class Failing(Exception):
    pass


def failing() -> Iterator[AIMessage]:
    raise Failing
    yield answer()


def agent_of(messages: Any, used: list[str] | None = None, **options: Any) -> Any:
    @tool
    def search(query: str) -> str:
        """Searches."""
        if used is not None:
            used.append(query)
        return "found"

    middleware = WorkspaceMiddleware(PRICES, **{"max_cost": "0.05", **options})
    return create_agent(FakeModel(messages=iter(messages)), [search], middleware=[middleware])


ASKED: Any = {"messages": [("user", "Do it.")]}


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
    agent = agent_of([use_tool("search"), answer()], used, tool_costs={"search": "0.0005"})
    with workspace.run(new_user()) as run:
        told = agent.invoke(ASKED)
    assert told["messages"][-1].content == "It is done."
    assert used == ["x"]
    assert workspace.get_run(run.id)["spent_usd"] == 2 * COST + Decimal("0.0005")


async def test_each_async_request_is_a_step_that_costs_its_tokens(aworkspace: AsyncWorkspace) -> None:
    used: list[str] = []
    agent = agent_of([use_tool("search"), answer()], used, tool_costs={"search": "0.0005"})
    async with aworkspace.run(new_user()) as run:
        await agent.ainvoke(ASKED)
    assert used == ["x"]
    assert (await aworkspace.get_run(run.id))["spent_usd"] == 2 * COST + Decimal("0.0005")


def test_a_stream_costs_its_tokens(workspace: Workspace) -> None:
    with workspace.run(new_user()) as run:
        parts = [part.content for part, _ in agent_of([answer()]).stream(ASKED, stream_mode="messages")]
    assert len(parts) > 2
    assert workspace.get_run(run.id)["spent_usd"] == COST


async def test_an_async_stream_costs_its_tokens(aworkspace: AsyncWorkspace) -> None:
    async with aworkspace.run(new_user()) as run:
        stream = agent_of([answer()]).astream(ASKED, stream_mode="messages")
        parts = [part.content async for part, _ in stream]
    assert len(parts) > 2
    assert (await aworkspace.get_run(run.id))["spent_usd"] == COST


async def test_an_async_stream_that_is_left_is_charged_its_reservation(aworkspace: AsyncWorkspace) -> None:
    async with aworkspace.run(new_user()) as run:
        stream = agent_of([answer("a b c d e f")]).astream(ASKED, stream_mode="messages")
        async for _ in stream:
            break
        await stream.aclose()
    assert (await aworkspace.get_run(run.id))["spent_usd"] == Decimal("0.05")


async def test_a_sync_run_is_asked_by_an_async_agent(workspace: Workspace) -> None:
    with workspace.run(new_user()) as run:
        await agent_of([answer()]).ainvoke(ASKED)
    assert workspace.get_run(run.id)["spent_usd"] == COST


def test_a_refused_request_is_not_made(workspace: Workspace) -> None:
    messages = iter([answer()])
    with pytest.raises(wo.BudgetExceeded) as raised, workspace.run(new_user(), max_cost="0.01"):
        agent_of(messages).invoke(ASKED)
    assert raised.value.budget == "run"
    assert len(list(messages)) == 1


def test_the_kill_switch_stops_the_agent_before_its_tool(workspace: Workspace) -> None:
    used: list[str] = []

    def messages() -> Iterator[AIMessage]:
        yield use_tool("search")

    agent = agent_of(messages(), used)
    with pytest.raises(wo.KillSwitchActive), workspace.run(new_user(), lease_seconds=5) as run:

        def stopped() -> Iterator[AIMessage]:
            workspace.kill_switch(True, "runaway agent")
            assert run.stopped.wait(5)
            yield use_tool("search")

        agent = agent_of(stopped(), used)
        agent.invoke(ASKED)
    assert not used
    ended = workspace.get_run(run.id)
    assert (ended["status"], ended["spent_usd"]) == ("cancelled", COST)


async def test_the_kill_switch_refuses_the_next_request(aworkspace: AsyncWorkspace) -> None:
    with pytest.raises(wo.KillSwitchActive, match="runaway agent"):
        async with aworkspace.run(new_user()):
            await aworkspace.kill_switch(True, "runaway agent")
            await agent_of([answer()]).ainvoke(ASKED)


def test_a_request_that_fails_is_charged_its_reservation(workspace: Workspace) -> None:
    with workspace.run(new_user()) as run, pytest.raises(Failing):
        agent_of(failing()).invoke(ASKED)
    assert workspace.get_run(run.id)["spent_usd"] == Decimal("0.05")
    with workspace.run(new_user()) as run, pytest.raises(Failing):
        agent_of(failing(), failed_cost=lambda error: 0 if isinstance(error, Failing) else None).invoke(ASKED)
    assert workspace.get_run(run.id)["spent_usd"] == 0


async def test_a_cancelled_request_is_charged_its_reservation(aworkspace: AsyncWorkspace) -> None:
    class Hanging(FakeModel):
        async def _agenerate(self, *args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(60)

    agent = create_agent(Hanging(messages=iter([])), [], middleware=[WorkspaceMiddleware(PRICES, max_cost="0.05")])
    async with aworkspace.run(new_user()) as run:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(agent.ainvoke(ASKED), 1)
        assert (await aworkspace.get_run(run.id))["spent_usd"] == Decimal("0.05")


@pytest.mark.parametrize("more", [{"usage_metadata": None}, {"response_metadata": {"model_name": "other"}}])
def test_what_is_not_known_is_charged_its_reservation(
    workspace: Workspace, more: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with workspace.run(new_user()) as run:
        agent_of([answer(**more)]).invoke(ASKED)
    assert workspace.get_run(run.id)["spent_usd"] == Decimal("0.05")
    assert "is charged its reservation" in caplog.text


def test_the_highest_cost_may_depend_on_the_request(workspace: Workspace) -> None:
    seen: list[int] = []

    def max_cost(request: Any) -> str:
        seen.append(len(request.messages))
        return "0.0001" if seen[1:] else "0.05"

    with workspace.run(new_user()) as run:
        agent_of([answer(), answer(usage_metadata=None)], max_cost=max_cost).invoke(ASKED)
        agent_of([answer(usage_metadata=None)], max_cost=max_cost).invoke(ASKED)
    assert seen == [1, 1]
    assert workspace.get_run(run.id)["spent_usd"] == COST + Decimal("0.0001")


def test_without_a_run_nothing_is_asked() -> None:
    messages = iter([answer()])
    with pytest.raises(RuntimeError, match="There is no run to ask"):
        agent_of(messages).invoke(ASKED)
    assert len(list(messages)) == 1


async def test_a_run_may_be_given(aworkspace: AsyncWorkspace) -> None:
    run = await aworkspace.run(new_user()).start()
    await agent_of([answer()], run=lambda: run).ainvoke(ASKED)
    with pytest.raises(RuntimeError, match="the run is an AsyncRun"):
        agent_of([answer()], run=run).invoke(ASKED)
    assert (await run.finish())["spent_usd"] == COST
