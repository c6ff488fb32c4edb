"""The sync client against the real operator."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

import workspace_operator as wo
from conftest import Operator, await_that
from workspace_operator import Workspace

pytestmark = pytest.mark.server

THREADS = 50
UNKNOWN_ID = "019ab4c2-9e21-7d44-a1b0-3c5d7e9f1a2b"


@pytest.fixture
def workspace(operator: Operator) -> Any:
    with Workspace(operator.url, operator.key) as made:
        yield made


def new_user() -> str:
    return f"test-{uuid.uuid4()}"


def at_once(what: Callable[[int], Any], times: int = THREADS) -> list[Any]:
    """From as many threads, which begin together."""
    barrier = threading.Barrier(times)

    def one(number: int) -> Any:
        barrier.wait(10)
        return what(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_a_run_of_steps_is_charged_what_they_cost(workspace: Workspace) -> None:
    user = new_user()
    with workspace.run(user, lease_seconds=60, max_cost="1", labels={"agent": "test"}) as run:
        for cost in ("0.0123", "0", "0.02"):
            with run.step(max_cost="0.05", name="chat") as step:
                assert step.reserved == Decimal("0.05")
                step.settle(cost)
        told = workspace.get_run(run.id)
        assert (told["status"], told["user_id"], told["labels"]) == ("running", user, {"agent": "test"})
        assert run.blocked is None
        listed = workspace.list_runs(user_id=user, status="running")
        assert [it["id"] for it in listed["items"]] == [run.id]
    told = workspace.get_run(run.id)
    assert told["status"] == "succeeded"
    assert (told["spent_usd"], told["reserved_usd"]) == (Decimal("0.0323"), Decimal(0))
    users = {it["user_id"]: it["spent_usd"] for it in workspace.usage(limit=500)["users"]["items"]}
    assert users[user] == Decimal("0.0323")


def test_what_is_left_without_a_settle_stays_charged_and_is_corrected(workspace: Workspace) -> None:
    with workspace.run(new_user()) as run, run.step(max_cost="0.05") as step:
        pass
    assert workspace.get_run(run.id)["spent_usd"] == Decimal("0.05")
    step.settle("0.01")
    assert workspace.get_run(run.id)["spent_usd"] == Decimal("0.01")
    with pytest.raises(wo.CostFinal) as raised:
        step.settle("0.02")
    assert raised.value.code == "STEP_ALREADY_SETTLED"


def test_a_call_is_a_run_of_one_step(workspace: Workspace) -> None:
    with workspace.call(new_user(), max_cost="0.05", name="chat") as call:
        answer = call.settle("0.01")
    assert (answer["status"], answer["cost_usd"]) == ("succeeded", Decimal("0.01"))
    assert call.settle("0.01")["cost_usd"] == Decimal("0.01")
    with workspace.call(new_user(), max_cost="0.05") as forgotten:
        pass
    told = workspace.get_run(forgotten.id)
    assert (told["status"], told["spent_usd"]) == ("succeeded", Decimal("0.05"))
    opened = workspace.open_call(new_user(), max_cost="0.05")
    assert workspace.settle_call(opened.id, "0.07", "failed")["status"] == "failed"
    assert workspace.get_run(opened.id)["spent_usd"] == Decimal("0.07")


def test_the_same_key_again_has_one_effect(workspace: Workspace) -> None:
    key, user = str(uuid.uuid4()), new_user()
    first, second = (workspace.open_call(user, max_cost="0.02", idempotency_key=key) for _ in range(2))
    assert first.id == second.id
    assert len(workspace.list_runs(user_id=user)["items"]) == 1
    with pytest.raises(wo.IdempotencyKeyReused):
        workspace.open_call(user, max_cost="0.03", idempotency_key=key)
    first.settle("0.01")
    step_key = str(uuid.uuid4())
    with workspace.run(user) as run:
        steps = [run.open_step(max_cost="0.02", idempotency_key=step_key) for _ in range(3)]
        assert len({step.id for step in steps}) == 1
        steps[0].settle("0.01")
        steps[1].settle("0.01")
    assert workspace.get_run(run.id)["spent_usd"] == Decimal("0.01")


def test_the_cap_of_a_run_admits_exactly_what_it_holds(workspace: Workspace) -> None:
    with workspace.run(new_user(), max_cost="0.20") as run:

        def ask(_: int) -> list[wo.Step]:
            admitted = []
            try:
                for _ in range(3):
                    admitted.append(run.open_step(max_cost="0.01"))
            except wo.BudgetExceeded as refused:
                assert refused.budget == "run"
                assert refused.retry_after is not None
            return admitted

        steps = [step for admitted in at_once(ask) for step in admitted]
        assert len(steps) == 20
        assert len({step.id for step in steps}) == 20
        for step in steps:
            step.settle("0.01")
        with pytest.raises(wo.BudgetExceeded) as raised:
            run.open_step(max_cost="0.000001")
    assert raised.value.retry_after is None
    assert raised.value.limit_usd == raised.value.spent_usd == Decimal("0.20")
    assert workspace.get_run(run.id)["spent_usd"] == Decimal("0.20")


def user_budget(operator: Operator) -> Decimal:
    """Of a day; the workspace's own, where its manifest declares none a small one."""
    status, answer = operator.ask("PATCH", "/v1/workspace/", {"user_daily_budget_usd": 1})
    if status != 200:
        assert answer["code"] == "FIELD_MANAGED_DECLARATIVELY", answer
        status, answer = operator.ask("GET", "/v1/workspace/")
    budget = answer["user_daily_budget_usd"]
    assert budget is not None, "The workspace's manifest says that users have no budget. Take that out of it."
    return Decimal(str(budget))


def test_the_budget_of_a_user_admits_exactly_what_it_holds(workspace: Workspace, operator: Operator) -> None:
    part = user_budget(operator) / 10
    user = new_user()
    with workspace.run(user) as run:

        def ask(_: int) -> wo.Step | str | None:
            try:
                return run.open_step(max_cost=part)
            except wo.BudgetExceeded as refused:
                return refused.budget

        told = at_once(ask)
        steps = [it for it in told if isinstance(it, wo.Step)]
        assert Counter(it for it in told if not isinstance(it, wo.Step)) == {"user_daily": THREADS - 10}
        assert len(steps) == 10
        for step in steps:
            step.settle(0)


def test_a_full_workspace_is_told_and_waited_for(workspace: Workspace) -> None:
    cap, calls = workspace.get()["max_concurrent_runs"], []
    with pytest.raises(wo.ConcurrencyLimit) as raised:
        for _ in range(cap + 1):
            calls.append(workspace.open_call(new_user(), max_cost="0.01", patience=0))
    assert len(calls) == cap
    assert raised.value.retry_after is not None
    timer = threading.Timer(0.5, calls[0].settle, (0,))
    timer.start()
    with workspace.call(new_user(), max_cost="0.01") as waited:
        waited.settle(0)
    timer.join()


def test_the_kill_switch_stops_a_step_that_is_under_way(workspace: Workspace) -> None:
    told: list[wo.Refused] = []
    with (
        pytest.raises(wo.KillSwitchActive) as raised,
        workspace.run(new_user(), lease_seconds=5, on_stop=told.append) as run,
        run.step(max_cost="0.05") as step,
    ):
        workspace.kill_switch(True, "runaway agent")
        assert run.stopped.wait(5)
        step.settle("0.003")
        await_that(lambda: _reason_of(run) is not None)
        run.open_step(max_cost="0.01")
    assert (raised.value.reason, raised.value.latch) == ("runaway agent", "Runtime")
    assert [refused.code for refused in told] == ["KILL_SWITCH_ACTIVE"]
    ended = workspace.get_run(run.id)
    assert (ended["status"], ended["spent_usd"]) == ("cancelled", Decimal("0.003"))
    assert workspace.settings()["latches"][0]["reason"] == "runaway agent"
    with pytest.raises(wo.KillSwitchActive, match="Reason: runaway agent"), workspace.call(new_user()):
        pytest.fail("the body was run")
    assert workspace.kill_switch(False)["kill_switch"] is False


def _reason_of(run: wo.Run) -> str | None:
    try:
        run.raise_if_blocked()
    except wo.Refused as refused:
        return refused.reason
    return None


def test_nothing_is_admitted_once_the_kill_switch_was_answered(workspace: Workspace) -> None:
    asked: list[tuple[float, bool]] = []
    over = threading.Event()
    with workspace.run(new_user(), lease_seconds=60) as run:
        began = threading.Event()

        def ask(_: int) -> None:
            while not over.is_set():
                at = time.monotonic()
                try:
                    step = run.open_step(max_cost="0.0001")
                except wo.KillSwitchActive:
                    asked.append((at, False))
                    return
                asked.append((at, True))
                step.settle(0)
                began.set()

        with ThreadPoolExecutor(THREADS) as pool:
            for number in range(THREADS):
                pool.submit(ask, number)
            assert began.wait(10)
            time.sleep(0.5)
            workspace.kill_switch(True, "enough")
            answered = time.monotonic()
            # Those that ask from now on, past what this client knows already.
            for _ in range(20):
                with pytest.raises(wo.KillSwitchActive):
                    workspace.open_call(new_user(), max_cost="0.0001")
            over.set()
    assert len([at for at, admitted in asked if admitted]) > 10
    assert not [at for at, admitted in asked if admitted and at > answered]
    assert run.stopped.is_set()
    assert workspace.get_run(run.id)["status"] == "cancelled"


def test_a_run_that_on_call_cancels_is_stopped(workspace: Workspace) -> None:
    with (
        pytest.raises(wo.RunEnded) as raised,
        workspace.run(new_user(), lease_seconds=5) as run,
    ):
        workspace.cancel_run(run.id, "It loops.")
        run.open_step(max_cost="0.01")
    assert raised.value.code == "RUN_CANCELLED"
    assert run.stopped.is_set()


def test_a_run_outlives_its_lease_by_heartbeats(workspace: Workspace) -> None:
    with workspace.run(new_user(), lease_seconds=5) as run:
        time.sleep(6.5)
        with run.step(max_cost="0.01") as step:
            step.settle(0)
    assert workspace.get_run(run.id)["status"] == "succeeded"


@pytest.mark.parametrize("key", ["wsk_" + "x" * 48, "nonsense"])
def test_a_wrong_key_is_unauthorized(operator: Operator, key: str) -> None:
    with (
        Workspace(operator.url, key) as workspace,
        pytest.raises(wo.Unauthorized) as raised,
        workspace.run("ada"),
    ):
        pytest.fail("the body was run")
    assert raised.value.code == "UNAUTHENTICATED"
    assert key not in str(raised.value)


def test_a_key_without_the_scope_is_forbidden(operator: Operator) -> None:
    status, made = operator.ask(
        "POST", "/v1/api-keys", {"name": f"reader-{uuid.uuid4()}", "scopes": ["workspace:read"]}
    )
    assert status == 201, made
    try:
        with Workspace(operator.url, made["key"]) as workspace:
            assert workspace.get()["max_concurrent_runs"] > 0
            with pytest.raises(wo.Forbidden) as raised:
                workspace.open_call("ada")
            assert raised.value.code == "INSUFFICIENT_SCOPE"
    finally:
        operator.ask("DELETE", f"/v1/api-keys/{made['id']}")


def test_mistakes_are_told_all_at_once(workspace: Workspace) -> None:
    with pytest.raises(wo.InvalidRequest) as raised:
        workspace.run("", lease_seconds=1).start()
    assert {error["pointer"] for error in raised.value.errors} == {"#/user_id", "#/lease_seconds"}


def test_what_is_not_there_is_not_found(workspace: Workspace) -> None:
    with pytest.raises(wo.NotFound):
        workspace.get_run(UNKNOWN_ID)
    with pytest.raises(wo.NotFound):
        workspace.settle_call(UNKNOWN_ID, 0)
