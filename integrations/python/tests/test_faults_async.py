"""The async client where things break, and where tasks are cancelled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

import workspace_operator as wo
from conftest import Answer, FaultServer, problem, run_answer, step_answer
from test_faults import LOST, UNUSABLE, Broken
from workspace_operator import AsyncWorkspace


def workspace_of(faults: FaultServer, **options: Any) -> AsyncWorkspace:
    return AsyncWorkspace(faults.url, "wsk_test", **options)


async def until(condition: Callable[[], bool], within: float = 10) -> None:
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("lost", LOST, ids=["before", "within"])
@pytest.mark.parametrize("what", ["/v1/runs", "/steps", "/v1/calls"])
async def test_what_makes_something_is_repeated_with_the_same_key_after_a_lost_answer(
    faults: FaultServer, what: str, lost: Answer
) -> None:
    faults.plan(what, lost, lost)
    async with workspace_of(faults) as workspace:
        if what == "/v1/calls":
            async with workspace.call("ada") as call:
                await call.settle(0)
        else:
            async with workspace.run("ada") as run, run.step() as step:
                await step.settle(0)
    asked = faults.of(what)
    assert len(asked) == 3
    assert asked[0].idempotency_key
    assert len({it.idempotency_key for it in asked}) == 1


@pytest.mark.parametrize("what", ["/v1/runs", "/steps", "/v1/calls"])
@pytest.mark.parametrize("unusable", UNUSABLE.values(), ids=UNUSABLE.keys())
async def test_without_an_answer_the_body_is_not_run(faults: FaultServer, what: str, unusable: Answer) -> None:
    faults.always(what, unusable)
    began = time.monotonic()
    async with workspace_of(faults, patience=0.2, timeout=1.0) as workspace:
        with pytest.raises(wo.Unavailable):
            if what == "/v1/calls":
                async with workspace.call("ada"):
                    pytest.fail("the body was run")
            else:
                async with workspace.run("ada") as run:
                    if what == "/v1/runs":
                        pytest.fail("the body was run")
                    async with run.step(max_cost="0.01"):
                        pytest.fail("the body was run")
    assert time.monotonic() - began < 5


async def test_retry_after_is_waited_for(faults: FaultServer) -> None:
    faults.plan("/v1/calls", problem(503, "STORE_UNAVAILABLE", 1))
    async with workspace_of(faults) as workspace:
        await workspace.open_call("ada")
    first, second = faults.of("/v1/calls")
    assert 1.0 <= second.at - first.at < 3.0


async def test_blocked_stops_the_run_and_its_next_step(faults: FaultServer) -> None:
    told: list[wo.Refused] = []

    async def on_stop(refused: wo.Refused) -> None:
        await asyncio.sleep(0)
        told.append(refused)

    latches = [{"source": "Runtime", "since": "2026-11-24T09:30:00Z", "reason": "runaway agent"}]
    faults.plan("/heartbeat", Answer(200, run_answer()), Answer(200, run_answer(blocked="KILL_SWITCH_ACTIVE")))
    faults.always("/v1/workspace/settings", Answer(200, {"latches": latches}))
    async with workspace_of(faults) as workspace:
        with pytest.raises(wo.KillSwitchActive) as raised:
            async with workspace.run("ada", lease_seconds=1, on_stop=on_stop) as run, run.step() as step:
                await asyncio.wait_for(run.stopped.wait(), 5)
                await step.settle("0.01")
                await until(lambda: len(faults.of("/settings")) == 1)
                await asyncio.sleep(0.2)
                async with run.step():
                    pytest.fail("a step was admitted after the stop")
    assert raised.value.reason == "runaway agent"
    assert [refused.code for refused in told] == ["KILL_SWITCH_ACTIVE"]
    assert len(faults.of("/steps")) == 1
    assert faults.of("/settle")[0].json == {"cost_usd": 0.01}
    assert faults.of("/finish")[0].json == {"outcome": "cancelled"}


@pytest.mark.parametrize(
    "fault",
    [Answer(fault="reset"), Answer(fault="hang"), Answer(200, {})],
    ids=["reset", "hang", "no blocked"],
)
async def test_a_lease_that_is_over_stops_the_run(faults: FaultServer, fault: Answer) -> None:
    faults.always("/heartbeat", fault)
    async with workspace_of(faults) as workspace:
        with pytest.raises(wo.LeaseLost):
            async with workspace.run("ada", lease_seconds=1) as run:
                began = time.monotonic()
                await asyncio.wait_for(run.stopped.wait(), 5)
                assert 0.5 < time.monotonic() - began < 2.0
                async with run.step():
                    pytest.fail("a step was admitted after the lease")
    assert not faults.of("/steps")
    assert faults.of("/finish")[0].json == {"outcome": "cancelled"}


async def test_a_run_that_has_to_stop_keeps_its_slot_until_it_is_finished(faults: FaultServer) -> None:
    told: list[wo.Refused] = []
    faults.always("/heartbeat", Answer(200, run_answer(blocked="KILL_SWITCH_ACTIVE")))
    async with workspace_of(faults) as workspace, workspace.run("ada", lease_seconds=1, on_stop=told.append) as run:
        await asyncio.wait_for(run.stopped.wait(), 5)
        await until(lambda: len(faults.of("/heartbeat")) >= 4)
    assert len(told) == 1


async def test_a_refused_step_tells_of_the_stop_too(faults: FaultServer) -> None:
    faults.plan("/steps", problem(403, "KILL_SWITCH_ACTIVE", reason="runaway agent"))
    async with workspace_of(faults) as workspace:
        with pytest.raises(wo.KillSwitchActive) as raised:
            async with workspace.run("ada", cancel_on_stop=True) as run:
                with pytest.raises(wo.KillSwitchActive):
                    await run.open_step()
                await asyncio.sleep(60)
    assert raised.value.reason == "runaway agent"


async def test_a_wait_ends_at_once_when_the_run_is_stopped(faults: FaultServer) -> None:
    faults.always("/steps", problem(503, "OVERLOADED", 30))
    faults.always("/heartbeat", Answer(200, run_answer(blocked="RUN_CANCELLED")))
    began = time.monotonic()
    async with workspace_of(faults) as workspace:
        with pytest.raises(wo.RunEnded):
            async with workspace.run("ada", lease_seconds=1) as run, run.step():
                pytest.fail("the body was run")
    assert time.monotonic() - began < 5


async def test_a_stop_can_cancel_the_block(faults: FaultServer) -> None:
    faults.always("/heartbeat", Answer(200, run_answer(blocked="RUN_CANCELLED")))
    async with workspace_of(faults) as workspace:
        with pytest.raises(wo.RunEnded) as raised:
            async with workspace.run("ada", lease_seconds=1, cancel_on_stop=True) as run, run.step() as step:
                try:
                    await asyncio.sleep(60)
                finally:
                    await step.settle("0.003")
    assert raised.value.code == "RUN_CANCELLED"
    assert faults.of("/settle")[0].json == {"cost_usd": 0.003}
    assert faults.of("/finish")[0].json == {"outcome": "cancelled"}
    await asyncio.sleep(0)  # Nothing of the cancellation is left.


async def test_without_that_a_stop_cancels_nothing(faults: FaultServer) -> None:
    faults.always("/heartbeat", Answer(200, run_answer(blocked="RUN_CANCELLED")))
    async with workspace_of(faults) as workspace, workspace.run("ada", lease_seconds=1) as run:
        await asyncio.wait_for(run.stopped.wait(), 5)
        await asyncio.sleep(0.2)
    assert faults.of("/finish")[0].json == {"outcome": "cancelled"}


async def test_a_cancellation_of_somebody_else_stays_one(faults: FaultServer) -> None:
    started = asyncio.Event()

    async def work() -> None:
        async with workspace_of(faults) as workspace, workspace.run("ada", cancel_on_stop=True):
            started.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [asked.json for asked in faults.of("/finish")] == [{"outcome": "cancelled"}]


async def test_a_settle_happens_although_the_task_is_cancelled_meanwhile(faults: FaultServer) -> None:
    faults.plan("/settle", problem(503, "STORE_UNAVAILABLE", 1))

    async def work() -> None:
        async with workspace_of(faults) as workspace, workspace.run("ada") as run:
            # Without a block, whose end would tell it once more.
            step = await run.open_step()
            await step.settle("0.012")
            pytest.fail("the cancellation was lost")

    task = asyncio.create_task(work())
    await until(lambda: len(faults.of("/settle")) == 1)
    task.cancel()
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [asked.json for asked in faults.of("/settle")] == [{"cost_usd": 0.012}] * 2
    assert [asked.json for asked in faults.of("/finish")] == [{"outcome": "cancelled"}]


async def test_the_end_of_a_block_tells_what_a_hard_end_of_its_settle_has_lost(
    faults: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with workspace_of(faults) as workspace:
        close, lost = workspace._close, iter([asyncio.CancelledError()])

        async def cut(request: Any) -> Any:
            for error in lost:
                raise error
            return await close(request)

        with pytest.raises(asyncio.CancelledError):
            async with workspace.run("ada") as run, run.step() as step:
                monkeypatch.setattr(workspace, "_close", cut)
                await step.settle("0.012")
    assert [asked.json for asked in faults.of("/settle")] == [{"cost_usd": 0.012}]


async def test_a_settle_in_finally_happens_after_a_cancellation(faults: FaultServer) -> None:
    started = asyncio.Event()

    async def work() -> None:
        async with workspace_of(faults) as workspace, workspace.run("ada") as run, run.step() as step:
            try:
                started.set()
                await asyncio.sleep(60)
            finally:
                await step.settle("0.004")

    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [asked.json for asked in faults.of("/settle")] == [{"cost_usd": 0.004}]


def test_a_settle_happens_although_the_loop_is_told_to_end(faults: FaultServer) -> None:
    """As by Ctrl-C: asyncio.run cancels the main task and waits for it."""
    faults.plan("/settle", problem(503, "STORE_UNAVAILABLE", 1))

    async def work() -> None:
        async with workspace_of(faults) as workspace, workspace.run("ada") as run, run.step() as step:
            await step.settle("0.012")

    async def main() -> None:
        task = asyncio.create_task(work())
        await until(lambda: len(faults.of("/settle")) == 1)
        del task  # Left to the end of the loop, which cancels it.

    asyncio.run(main())
    assert len(faults.of("/settle")) == 2


async def test_a_call_that_is_cancelled_is_charged_its_reservation(faults: FaultServer) -> None:
    started = asyncio.Event()

    async def work() -> None:
        async with workspace_of(faults) as workspace, workspace.call("ada"):
            started.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [asked.json for asked in faults.of("/settle")] == [{"cost_usd": 0.05, "outcome": "cancelled"}]


async def test_a_failed_settle_is_raised(faults: FaultServer) -> None:
    faults.plan("/settle", problem(409, "STEP_ALREADY_SETTLED"))
    async with workspace_of(faults) as workspace, workspace.run("ada") as run, run.step() as step:
        with pytest.raises(wo.CostFinal):
            await step.settle("0.012")


@pytest.mark.parametrize(("error", "outcome"), [(None, "succeeded"), (Broken(), "failed")])
async def test_the_end_of_the_block_finishes_the_run(
    faults: FaultServer, error: Exception | None, outcome: str
) -> None:
    async with workspace_of(faults) as workspace:
        if error is None:
            async with workspace.run("ada"):
                pass
        else:
            with pytest.raises(type(error)):
                async with workspace.run("ada"):
                    raise error
    assert [asked.json for asked in faults.of("/finish")] == [{"outcome": outcome}]


async def test_a_finish_that_fails_is_logged_and_masks_nothing(
    faults: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    faults.always("/finish", problem(409, "RUN_NOT_RUNNING"))
    async with workspace_of(faults) as workspace:
        with pytest.raises(Broken):
            async with workspace.run("ada"):
                raise Broken
    assert "was not finished as failed" in caplog.text


async def test_a_step_that_is_admitted_while_the_run_is_stopped_is_not_run(faults: FaultServer) -> None:
    async with workspace_of(faults) as workspace, workspace.run("ada") as run:
        faults.plan("/steps", Answer(201, step_answer(name="x" * 20), fault="drip"))
        asyncio.get_running_loop().call_later(0.3, run._stop, wo.RunEnded("stop", code="RUN_CANCELLED"))
        with pytest.raises(wo.RunEnded):
            async with run.step():
                pytest.fail("the body was run")
    assert faults.of("/settle")[0].json == {"cost_usd": 0}


async def test_heartbeats_end_with_the_run(faults: FaultServer) -> None:
    async with workspace_of(faults) as workspace, workspace.run("ada", lease_seconds=1):
        await until(lambda: len(faults.of("/heartbeat")) >= 2)
    count = len(faults.of("/heartbeat"))
    await asyncio.sleep(0.8)
    assert len(faults.of("/heartbeat")) <= count + 1
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_runs_of_two_tasks_do_not_mix(faults: FaultServer) -> None:
    async def work() -> bool:
        async with workspace_of(faults) as workspace, workspace.run("ada") as run:
            await asyncio.sleep(0.05)
            return wo.current_run() is run

    assert all(await asyncio.gather(work(), work()))
    assert wo.current_run() is None
