"""The async client against the real operator."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from decimal import Decimal

import pytest

import workspace_operator as wo
from conftest import Operator
from test_server import new_user, user_budget
from workspace_operator import AsyncWorkspace

pytestmark = pytest.mark.server

TASKS = 50


async def test_a_run_of_steps_is_charged_what_they_cost(operator: Operator) -> None:
    async with AsyncWorkspace(operator.url, operator.key) as workspace:
        async with workspace.run(new_user(), max_cost="1") as run:
            for cost in ("0.0123", "0", "0.02"):
                async with run.step(max_cost="0.05", name="chat") as step:
                    await step.settle(cost)
        told = await workspace.get_run(run.id)
        assert told["status"] == "succeeded"
        assert (told["spent_usd"], told["reserved_usd"]) == (Decimal("0.0323"), Decimal(0))
        async with workspace.call(new_user(), max_cost="0.05") as call:
            await call.settle("0.01")
        assert (await workspace.get_run(call.id))["spent_usd"] == Decimal("0.01")
        assert (await workspace.usage())["spent_usd"] > 0
        assert (await workspace.settings())["latches"] == []
        assert (await workspace.list_runs(limit=1))["items"]


async def test_the_same_key_again_has_one_effect(operator: Operator) -> None:
    async with AsyncWorkspace(operator.url, operator.key) as workspace:
        key, user = str(uuid.uuid4()), new_user()
        calls = await asyncio.gather(
            *(workspace.open_call(user, max_cost="0.02", idempotency_key=key) for _ in range(10))
        )
        assert len({call.id for call in calls}) == 1
        assert len((await workspace.list_runs(user_id=user))["items"]) == 1
        await calls[0].settle(0)


async def test_the_cap_of_a_run_admits_exactly_what_it_holds(operator: Operator) -> None:
    async with AsyncWorkspace(operator.url, operator.key) as workspace:
        async with workspace.run(new_user(), max_cost="0.20") as run:

            async def ask() -> list[wo.AsyncStep]:
                admitted = []
                try:
                    for _ in range(3):
                        admitted.append(await run.open_step(max_cost="0.01"))
                except wo.BudgetExceeded as refused:
                    assert refused.budget == "run"
                return admitted

            told = await asyncio.gather(*(ask() for _ in range(TASKS)))
            steps = [step for admitted in told for step in admitted]
            assert len(steps) == 20
            assert len({step.id for step in steps}) == 20
            await asyncio.gather(*(step.settle("0.01") for step in steps))
            with pytest.raises(wo.BudgetExceeded):
                await run.open_step(max_cost="0.000001")
        assert (await workspace.get_run(run.id))["spent_usd"] == Decimal("0.20")


async def test_the_budget_of_a_user_admits_exactly_what_it_holds(operator: Operator) -> None:
    part = user_budget(operator) / 10
    async with AsyncWorkspace(operator.url, operator.key) as workspace, workspace.run(new_user()) as run:
        told = await asyncio.gather(*(run.open_step(max_cost=part) for _ in range(TASKS)), return_exceptions=True)
        steps = [it for it in told if isinstance(it, wo.AsyncStep)]
        assert len(steps) == 10
        budgets = Counter(it.budget for it in told if isinstance(it, wo.BudgetExceeded))
        assert budgets == {"user_daily": TASKS - 10}
        await asyncio.gather(*(step.settle(0) for step in steps))


async def test_the_kill_switch_cancels_a_step_that_is_under_way(operator: Operator) -> None:
    async with AsyncWorkspace(operator.url, operator.key) as workspace:
        began = time.monotonic()
        with pytest.raises(wo.KillSwitchActive):
            async with (
                workspace.run(new_user(), lease_seconds=5, cancel_on_stop=True) as run,
                run.step(max_cost="0.05") as step,
            ):
                await workspace.kill_switch(True, "runaway agent")
                try:
                    await asyncio.sleep(60)
                finally:
                    await step.settle("0.003")
        assert time.monotonic() - began < 5
        ended = await workspace.get_run(run.id)
        assert (ended["status"], ended["spent_usd"]) == ("cancelled", Decimal("0.003"))
        with pytest.raises(wo.KillSwitchActive, match="Reason: runaway agent"):
            async with workspace.call(new_user()):
                pytest.fail("the body was run")
        await workspace.kill_switch(False)


async def test_nothing_is_admitted_once_the_kill_switch_was_answered(operator: Operator) -> None:
    async with AsyncWorkspace(operator.url, operator.key) as workspace:
        admitted: list[float] = []
        async with workspace.run(new_user()) as run:

            async def ask() -> None:
                while True:
                    at = time.monotonic()
                    step = await run.open_step(max_cost="0.0001")
                    admitted.append(at)
                    await step.settle(0)

            tasks = [asyncio.create_task(ask()) for _ in range(TASKS)]
            await asyncio.sleep(0.5)
            await workspace.kill_switch(True, "enough")
            answered = time.monotonic()
            told = await asyncio.gather(*tasks, return_exceptions=True)
        assert Counter(type(it) for it in told) == {wo.KillSwitchActive: TASKS}
        assert len(admitted) > 10
        assert not [at for at in admitted if at > answered]
        assert (await workspace.get_run(run.id))["status"] == "cancelled"


async def test_a_cancelled_task_settles_and_cancels_its_run(operator: Operator) -> None:
    ids: list[str] = []

    async def work() -> None:
        async with (
            AsyncWorkspace(operator.url, operator.key) as workspace,
            workspace.run(new_user()) as run,
            run.step(max_cost="0.05") as step,
        ):
            ids.append(run.id)
            try:
                await asyncio.sleep(60)
            finally:
                await step.settle("0.004")

    task = asyncio.create_task(work())
    while not ids:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with AsyncWorkspace(operator.url, operator.key) as workspace:
        ended = await workspace.get_run(ids[0])
    assert (ended["status"], ended["spent_usd"]) == ("cancelled", Decimal("0.004"))


async def test_a_wrong_key_is_unauthorized(operator: Operator) -> None:
    async with AsyncWorkspace(operator.url, "wsk_" + "x" * 48) as workspace:
        with pytest.raises(wo.Unauthorized):
            async with workspace.run("ada"):
                pytest.fail("the body was run")
