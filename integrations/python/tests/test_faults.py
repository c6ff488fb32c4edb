"""The sync client where things break: lost answers, waiting, hanging, nonsense. No decision of the gate is judged."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import workspace_operator as wo
from conftest import Answer, FaultServer, await_that, call_answer, problem, run_answer, step_answer
from workspace_operator import Workspace


def workspace_of(faults: FaultServer, **options: Any) -> Workspace:
    return Workspace(faults.url, "wsk_test", **options)


LOST = [Answer(fault="reset"), Answer(201, run_answer(), fault="cut")]


@pytest.mark.parametrize("lost", LOST, ids=["before", "within"])
@pytest.mark.parametrize("what", ["/v1/runs", "/steps", "/v1/calls"])
def test_what_makes_something_is_repeated_with_the_same_key_after_a_lost_answer(
    faults: FaultServer, what: str, lost: Answer
) -> None:
    faults.plan(what, lost, lost)
    with workspace_of(faults) as workspace:
        if what == "/v1/calls":
            with workspace.call("ada") as call:
                call.settle(0)
        else:
            with workspace.run("ada") as run, run.step() as step:
                step.settle(0)
    asked = faults.of(what)
    assert len(asked) == 3
    assert asked[0].idempotency_key
    assert len({it.idempotency_key for it in asked}) == 1
    assert len({it.body for it in asked}) == 1


def test_each_effect_has_a_key_of_its_own(faults: FaultServer) -> None:
    with workspace_of(faults) as workspace, workspace.run("ada") as run:
        for _ in range(3):
            with run.step() as step:
                step.settle(0)
    keys = [asked.idempotency_key for end in ("/v1/runs", "/steps") for asked in faults.of(end)]
    assert len(set(keys)) == 4


def test_a_key_that_is_given_is_sent(faults: FaultServer) -> None:
    with workspace_of(faults) as workspace:
        call = workspace.open_call("ada", idempotency_key="request 7")
        call.settle("0.01")
    assert faults.of("/v1/calls")[0].idempotency_key == "request 7"


@pytest.mark.parametrize("key", ["", " a", "a ", "ä", "a\n", "x" * 256])
def test_a_key_that_no_header_can_have_is_an_error_at_once(faults: FaultServer, key: str) -> None:
    with workspace_of(faults) as workspace, pytest.raises(ValueError, match="idempotency key"):
        workspace.open_call("ada", idempotency_key=key)
    assert not faults.asked


@pytest.mark.parametrize(
    "answer",
    [
        problem(429, "TOO_MANY_REQUESTS", 1),
        problem(429, "MAX_CONCURRENT_RUNS_EXCEEDED", 1),
        problem(503, "STORE_UNAVAILABLE", 1),
        problem(503, "OVERLOADED", 1),
    ],
    ids=lambda answer: answer.body["code"],
)
def test_retry_after_is_waited_for(faults: FaultServer, answer: Answer) -> None:
    faults.plan("/v1/calls", answer)
    with workspace_of(faults) as workspace:
        workspace.open_call("ada")
    first, second = faults.of("/v1/calls")
    assert 1.0 <= second.at - first.at < 3.0
    assert first.idempotency_key == second.idempotency_key


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_that_knows_nothing_is_asked_again(faults: FaultServer, status: int) -> None:
    faults.plan("/v1/calls", Answer(status, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}))
    with workspace_of(faults) as workspace:
        workspace.open_call("ada")
    assert len(faults.of("/v1/calls")) == 2


def test_patience_ends(faults: FaultServer) -> None:
    faults.always("/v1/runs", problem(503, "STORE_UNAVAILABLE", 1))
    began = time.monotonic()
    with (
        workspace_of(faults, patience=2.5) as workspace,
        pytest.raises(wo.Unavailable) as raised,
        workspace.run("ada"),
    ):
        pytest.fail("the body was run")
    assert 1.0 < time.monotonic() - began < 4.0
    assert len(faults.of("/v1/runs")) in (2, 3)
    assert (raised.value.code, raised.value.status, raised.value.retry_after) == ("STORE_UNAVAILABLE", 503, 1)
    assert raised.value.request_id == "r-1"


@pytest.mark.parametrize("status", [402, 409])
def test_402_and_409_raise_at_once_also_with_retry_after(faults: FaultServer, status: int) -> None:
    code = "RUN_BUDGET_EXCEEDED" if status == 402 else "RUN_NOT_RUNNING"
    faults.plan("/steps", problem(status, code, 1))
    with (
        workspace_of(faults) as workspace,
        pytest.raises((wo.BudgetExceeded, wo.RunEnded)),
        workspace.run("ada") as run,
        run.step(max_cost=1),
    ):
        pytest.fail("the body was run")
    assert len(faults.of("/steps")) == 1


def test_402_with_retry_after_is_waited_for_if_that_is_asked(faults: FaultServer) -> None:
    faults.plan("/steps", problem(402, "DAILY_BUDGET_EXCEEDED", 1))
    with (
        workspace_of(faults) as workspace,
        workspace.run("ada") as run,
        run.step(max_cost=1, wait=True) as step,
    ):
        step.settle("0.5")
    assert len(faults.of("/steps")) == 2


def test_402_without_retry_after_is_final(faults: FaultServer) -> None:
    faults.plan("/steps", problem(402, "DAILY_BUDGET_EXCEEDED", resets_at="2026-11-25T00:00:00Z"))
    with (
        workspace_of(faults) as workspace,
        pytest.raises(wo.BudgetExceeded) as raised,
        workspace.run("ada") as run,
        run.step(max_cost=1, wait=True),
    ):
        pytest.fail("the body was run")
    assert raised.value.budget == "daily"
    assert raised.value.resets_at == "2026-11-25T00:00:00Z"
    assert len(faults.of("/steps")) == 1


# Fails closed


UNUSABLE = {
    "hang": Answer(fault="hang"),
    "reset": Answer(fault="reset"),
    "drip": Answer(201, step_answer(name="x" * 200), fault="drip"),
    "not JSON": Answer(201, b"<html>Welcome</html>"),
    "not an object": Answer(201, b"[1, 2]"),
    "nested": Answer(201, b"[" * 100_000),
    "no id": Answer(201, {"reserved_usd": 1}),
    "empty": Answer(201, b""),
    "10 MB": Answer(201, b'{"id": "' + b"x" * 10_000_000 + b'"}'),
    "redirect": Answer(307, b"", {"Location": "http://127.0.0.1:1/v1/runs"}),
    "not what its encoding says": Answer(201, b"x" * 100, {"Content-Encoding": "gzip"}),
    "500": problem(500, "INTERNAL_ERROR"),
    "unknown status": Answer(599, b""),
}


@pytest.mark.parametrize("what", ["/v1/runs", "/steps", "/v1/calls"])
@pytest.mark.parametrize("unusable", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_without_an_answer_the_body_is_not_run(faults: FaultServer, what: str, unusable: Answer) -> None:
    faults.always(what, unusable)
    began = time.monotonic()
    with workspace_of(faults, patience=0.2, timeout=1.0) as workspace, pytest.raises(wo.Unavailable):
        if what == "/v1/calls":
            with workspace.call("ada"):
                pytest.fail("the body was run")
        else:
            with workspace.run("ada") as run:
                if what == "/v1/runs":
                    pytest.fail("the body was run")
                with run.step(max_cost="0.01"):
                    pytest.fail("the body was run")
    assert time.monotonic() - began < 5


def test_nobody_at_the_address_is_unavailable() -> None:
    with Workspace("http://127.0.0.1:1", "wsk_test", patience=0.3) as workspace:
        with pytest.raises(wo.Unavailable, match=r"No answer from http://127\.0\.0\.1:1"):
            workspace.open_call("ada")


def test_a_redirect_is_not_followed_and_the_credential_stays(faults: FaultServer) -> None:
    other = FaultServer()
    try:
        faults.always("/v1/calls", Answer(307, b"", {"Location": f"{other.url}/v1/calls"}))
        with workspace_of(faults) as workspace, pytest.raises(wo.UnexpectedAnswer, match="redirect"):
            workspace.open_call("ada")
        assert len(faults.of("/v1/calls")) == 1
        assert not other.asked
    finally:
        other.close()


def test_a_code_that_is_new_is_judged_by_its_status(faults: FaultServer) -> None:
    faults.plan("/v1/calls", problem(403, "SOMETHING_NEW"))
    with workspace_of(faults) as workspace, pytest.raises(wo.Forbidden, match="SOMETHING_NEW: This is"):
        workspace.open_call("ada")


def test_every_mistake_of_a_body_is_in_the_message(faults: FaultServer) -> None:
    errors = [
        {"pointer": "#/user_id", "detail": "It is too long."},
        {"pointer": "#/labels", "detail": "Too many."},
    ]
    faults.plan("/v1/calls", problem(422, "VALIDATION_FAILED", errors=errors))
    with workspace_of(faults) as workspace, pytest.raises(wo.InvalidRequest) as raised:
        workspace.open_call("ada")
    assert raised.value.errors == errors
    assert "#/user_id: It is too long. #/labels: Too many." in str(raised.value)


# The credential


def test_the_file_of_the_credential_is_read_for_each_request(
    faults: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    monkeypatch.setenv("WORKSPACE_API_URL", faults.url)
    monkeypatch.setenv("WORKSPACE_API_KEY_FILE", str(file))
    monkeypatch.setenv("WORKSPACE_API_KEY", "other")
    with Workspace() as workspace:
        call = workspace.open_call("ada")
        file.write_text("second\n")
        call.settle(0)
        file.unlink()
        with pytest.raises(wo.Unauthorized, match="WORKSPACE_API_KEY_FILE cannot be read"):
            workspace.open_call("ada")
    assert [asked.headers["authorization"] for asked in faults.asked] == ["Bearer first", "Bearer second"]


def test_a_callable_gives_the_credential_each_time(faults: FaultServer) -> None:
    keys = iter(["one", "two"])
    with Workspace(faults.url, lambda: next(keys)) as workspace:
        workspace.open_call("ada").settle(0)
        with pytest.raises(wo.Unauthorized, match="cannot be had"):
            workspace.open_call("ada")
    assert [asked.headers["authorization"] for asked in faults.asked] == ["Bearer one", "Bearer two"]


@pytest.mark.parametrize("credential", ["wsk_ä", "a b", "a\r\nX: y"])
def test_a_credential_that_no_header_can_have_is_not_sent(faults: FaultServer, credential: str) -> None:
    with Workspace(faults.url, credential) as workspace, pytest.raises(wo.Unauthorized) as raised:
        workspace.open_call("ada")
    assert credential not in str(raised.value)
    assert not faults.asked


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "Set WORKSPACE_API_URL"),
        ({"WORKSPACE_API_URL": "http://x"}, "Set WORKSPACE_API_KEY or"),
        ({"WORKSPACE_API_URL": "x:8080", "WORKSPACE_API_KEY": "k"}, "https://workspaces.example.com"),
        ({"WORKSPACE_API_URL": "http://u:p@x", "WORKSPACE_API_KEY": "k"}, "https://workspaces.example.com"),
        ({"WORKSPACE_API_URL": "http://x:port", "WORKSPACE_API_KEY": "k"}, "url is"),
    ],
)
def test_what_is_missing_or_wrong_is_a_sentence(
    variables: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WORKSPACE_API_URL", "WORKSPACE_API_KEY", "WORKSPACE_API_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=told):
        Workspace()


# The heartbeat


def test_blocked_stops_the_run_and_its_next_step(faults: FaultServer) -> None:
    told: list[wo.Refused] = []
    latches = [{"source": "Runtime", "since": "2026-11-24T09:30:00Z", "reason": "runaway agent"}]
    faults.plan("/heartbeat", Answer(200, run_answer()), Answer(200, run_answer(blocked="KILL_SWITCH_ACTIVE")))
    faults.always("/v1/workspace/settings", Answer(200, {"latches": latches}))
    with (
        workspace_of(faults) as workspace,
        pytest.raises(wo.KillSwitchActive) as raised,
        workspace.run("ada", lease_seconds=1, on_stop=told.append) as run,
        run.step() as step,
    ):
        assert run.stopped.wait(5)
        step.settle("0.01")
        faults.await_asked("/settings")
        await_that(lambda: _reason(run) is not None)
        assert run.blocked == "KILL_SWITCH_ACTIVE"
        with run.step():
            pytest.fail("a step was admitted after the stop")
    assert raised.value.reason == "runaway agent"
    assert raised.value.latch == "Runtime"
    assert [refused.code for refused in told] == ["KILL_SWITCH_ACTIVE"]
    assert len(faults.of("/steps")) == 1
    assert faults.of("/settle")[0].json == {"cost_usd": 0.01}
    assert faults.of("/finish")[0].json == {"outcome": "cancelled"}


def _reason(run: wo.Run) -> str | None:
    try:
        run.raise_if_blocked()
    except wo.Refused as refused:
        return refused.reason
    return None


def test_heartbeats_come_each_third_of_the_lease_and_end_with_the_run(faults: FaultServer) -> None:
    before = set(threading.enumerate())
    with workspace_of(faults) as workspace, workspace.run("ada", lease_seconds=1):
        beats = faults.await_asked("/heartbeat", 4)
    pauses = [after.at - before.at for before, after in itertools.pairwise(beats)]
    assert all(0.2 < pause < 0.6 for pause in pauses), pauses
    count = len(faults.of("/heartbeat"))
    time.sleep(0.8)
    assert len(faults.of("/heartbeat")) <= count + 1
    after = set(threading.enumerate()) - before
    assert not [thread for thread in after if thread.name.startswith("workspace-operator-")]


@pytest.mark.parametrize(
    "fault",
    [
        Answer(fault="reset"),
        Answer(fault="hang"),
        problem(401, "UNAUTHENTICATED"),
        Answer(200, b"?"),
        Answer(200, {}),
    ],
    ids=["reset", "hang", "401", "not JSON", "no blocked"],
)
def test_a_lease_that_is_over_stops_the_run(faults: FaultServer, fault: Answer) -> None:
    faults.always("/heartbeat", fault)
    with (
        workspace_of(faults) as workspace,
        pytest.raises(wo.LeaseLost) as raised,
        workspace.run("ada", lease_seconds=1) as run,
    ):
        began = time.monotonic()
        assert run.stopped.wait(5)
        assert 0.5 < time.monotonic() - began < 2.0
        with run.step():
            pytest.fail("a step was admitted after the lease")
    assert raised.value.code == "RUN_NOT_RUNNING"
    assert isinstance(raised.value.__cause__, wo.Refused)
    assert not faults.of("/steps")
    assert faults.of("/finish")[0].json == {"outcome": "cancelled"}


def test_a_heartbeat_that_fails_for_a_while_does_not_stop_the_run(faults: FaultServer) -> None:
    faults.plan("/heartbeat", Answer(fault="reset"), problem(503, "OVERLOADED"), Answer(fault="reset"))
    with workspace_of(faults) as workspace, workspace.run("ada", lease_seconds=2) as run:
        faults.await_asked("/heartbeat", 6)
        assert not run.stopped.is_set()
    assert faults.of("/finish")[0].json == {"outcome": "succeeded"}


def test_a_run_that_has_to_stop_keeps_its_slot_until_it_is_finished(faults: FaultServer) -> None:
    told: list[wo.Refused] = []
    faults.always("/heartbeat", Answer(200, run_answer(blocked="KILL_SWITCH_ACTIVE")))
    with workspace_of(faults) as workspace, workspace.run("ada", lease_seconds=1, on_stop=told.append) as run:
        assert run.stopped.wait(5)
        faults.await_asked("/heartbeat", 4)
    assert len(told) == 1


def test_a_run_that_has_ended_sends_no_heartbeat(faults: FaultServer) -> None:
    faults.always("/heartbeat", Answer(200, run_answer(blocked="RUN_CANCELLED")))
    with workspace_of(faults) as workspace, workspace.run("ada", lease_seconds=1) as run:
        assert run.stopped.wait(5)
        time.sleep(1)
    assert len(faults.of("/heartbeat")) == 1


def test_a_wait_ends_at_once_when_the_run_is_stopped(faults: FaultServer) -> None:
    faults.always("/steps", problem(503, "OVERLOADED", 30))
    faults.always("/heartbeat", Answer(200, run_answer(blocked="RUN_CANCELLED")))
    began = time.monotonic()
    with (
        workspace_of(faults) as workspace,
        pytest.raises(wo.RunEnded) as raised,
        workspace.run("ada", lease_seconds=1) as run,
        run.step(),
    ):
        pytest.fail("the body was run")
    assert time.monotonic() - began < 5
    assert raised.value.code == "RUN_CANCELLED"


def test_a_step_that_is_admitted_while_the_run_is_stopped_is_not_run(faults: FaultServer) -> None:
    with workspace_of(faults) as workspace, workspace.run("ada") as run:
        faults.plan("/steps", Answer(201, step_answer(name="x" * 20), fault="drip"))

        def stop_it() -> None:
            faults.await_asked("/steps")
            run._stop(wo.RunEnded("stop", code="RUN_CANCELLED"))

        stop = threading.Thread(target=stop_it)
        stop.start()
        with pytest.raises(wo.RunEnded), run.step():
            pytest.fail("the body was run")
        stop.join()
    assert faults.of("/settle")[0].json == {"cost_usd": 0}


@pytest.mark.parametrize("code", ["KILL_SWITCH_ACTIVE", "RUN_CANCELLED", "WORKSPACE_ARCHIVED"])
def test_a_step_that_is_refused_so_stops_the_others_of_its_run(faults: FaultServer, code: str) -> None:
    faults.plan("/steps", problem(403 if code != "RUN_CANCELLED" else 409, code))
    with workspace_of(faults) as workspace, workspace.run("ada") as run:
        with pytest.raises(wo.Refused), run.step():
            pytest.fail("the body was run")
        assert run.stopped.is_set()
        assert run.blocked == code


def test_a_step_that_a_budget_refuses_leaves_the_run_as_it_is(faults: FaultServer) -> None:
    faults.plan("/steps", problem(402, "RUN_BUDGET_EXCEEDED"))
    with workspace_of(faults) as workspace, workspace.run("ada") as run:
        with pytest.raises(wo.BudgetExceeded), run.step(max_cost=1):
            pytest.fail("the body was run")
        assert not run.stopped.is_set()
        with run.step(max_cost="0.01") as step:
            step.settle("0.01")
    assert faults.of("/finish")[0].json == {"outcome": "succeeded"}


def test_on_stop_that_fails_is_logged(faults: FaultServer, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: wo.Refused) -> None:
        raise ZeroDivisionError

    faults.always("/heartbeat", Answer(200, run_answer(blocked="RUN_CANCELLED")))
    with workspace_of(faults) as workspace, workspace.run("ada", lease_seconds=1, on_stop=fail) as run:
        assert run.stopped.wait(5)
        await_that(lambda: "on_stop of run" in caplog.text)


# How a run ends


class Broken(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "succeeded"),
        (Broken(), "failed"),
        (KeyboardInterrupt(), "cancelled"),
        (SystemExit(0), "succeeded"),
        (SystemExit(1), "failed"),
        (wo.KillSwitchActive("stop", code="KILL_SWITCH_ACTIVE"), "cancelled"),
        (wo.BudgetExceeded("no", code="RUN_BUDGET_EXCEEDED"), "failed"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value,
)
def test_the_end_of_the_block_finishes_the_run(faults: FaultServer, error: BaseException | None, outcome: str) -> None:
    with workspace_of(faults) as workspace:
        if error is None:
            with workspace.run("ada"):
                pass
        else:
            with pytest.raises(type(error)), workspace.run("ada"):
                raise error
    assert [asked.json for asked in faults.of("/finish")] == [{"outcome": outcome}]


def test_a_run_that_a_budget_stopped_has_failed(faults: FaultServer) -> None:
    faults.always("/heartbeat", Answer(200, run_answer(blocked="DAILY_BUDGET_EXCEEDED")))
    with workspace_of(faults) as workspace, workspace.run("ada", lease_seconds=1) as run:
        assert run.stopped.wait(5)
    assert faults.of("/finish")[0].json == {"outcome": "failed"}


def test_a_finish_that_fails_is_logged_and_masks_nothing(faults: FaultServer, caplog: pytest.LogCaptureFixture) -> None:
    faults.always("/finish", problem(409, "RUN_NOT_RUNNING"))
    with workspace_of(faults) as workspace, pytest.raises(Broken), workspace.run("ada"):
        raise Broken
    with workspace_of(faults) as workspace, workspace.run("ada"):
        pass
    told = [record for record in caplog.records if "was not finished as" in record.getMessage()]
    assert [record.levelno for record in told] == [logging.WARNING] * 2
    assert {record.name for record in told} == {"workspace_operator"}


def test_a_finish_is_repeated_for_the_closing_patience(faults: FaultServer) -> None:
    faults.plan("/finish", Answer(fault="reset"), problem(503, "STORE_UNAVAILABLE", 1))
    with workspace_of(faults) as workspace, workspace.run("ada"):
        pass
    assert [asked.json for asked in faults.of("/finish")] == [{"outcome": "succeeded"}] * 3


# What things cost


def test_a_step_that_is_left_without_a_settle_is_not_settled(faults: FaultServer) -> None:
    with workspace_of(faults) as workspace, workspace.run("ada") as run:
        with run.step(max_cost="0.05"):
            pass
        with pytest.raises(Broken), run.step(max_cost="0.05"):
            raise Broken
    assert not faults.of("/settle")


def test_a_settle_after_a_stop_is_told(faults: FaultServer) -> None:
    faults.always("/heartbeat", Answer(200, run_answer(blocked="RUN_CANCELLED")))
    faults.plan("/settle", Answer(fault="reset"), problem(503, "OVERLOADED", 1))
    with workspace_of(faults) as workspace, workspace.run("ada", lease_seconds=1) as run, run.step() as step:
        assert run.stopped.wait(5)
        step.settle("0.012")
        assert step.cost == Decimal("0.012")
    assert [asked.json for asked in faults.of("/settle")] == [{"cost_usd": 0.012}] * 3


def test_ctrl_c_within_a_settle_tells_the_cost_again(faults: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = workspace_of(faults)
    close, calls = workspace._close, iter([KeyboardInterrupt()])

    def interrupted(request: object) -> object:
        for error in calls:
            raise error
        return close(request)  # type: ignore[arg-type]

    with pytest.raises(KeyboardInterrupt), workspace, workspace.run("ada") as run, run.step() as step:
        monkeypatch.setattr(workspace, "_close", interrupted)
        step.settle("0.02")
    assert [asked.json for asked in faults.of("/settle")] == [{"cost_usd": 0.02}]
    assert faults.of("/finish")[0].json == {"outcome": "cancelled"}


@pytest.mark.parametrize(
    ("error", "outcome"), [(None, "succeeded"), (Broken(), "failed"), (KeyboardInterrupt(), "cancelled")]
)
def test_a_call_that_is_left_without_a_settle_is_charged_its_reservation(
    faults: FaultServer, error: BaseException | None, outcome: str
) -> None:
    with workspace_of(faults) as workspace:
        if error is None:
            with workspace.call("ada"):
                pass
        else:
            with pytest.raises(type(error)), workspace.call("ada"):
                raise error
    assert [asked.json for asked in faults.of("/settle")] == [{"cost_usd": 0.05, "outcome": outcome}]


def test_a_call_is_settled_once(faults: FaultServer) -> None:
    with workspace_of(faults) as workspace:
        with workspace.call("ada", max_cost="0.05") as call:
            call.settle("0.01", "failed")
        workspace.settle_call(call.id, "0.02")
    assert [asked.json for asked in faults.of("/settle")] == [
        {"cost_usd": 0.01, "outcome": "failed"},
        {"cost_usd": 0.02, "outcome": "succeeded"},
    ]


def test_amounts_are_sent_exactly(faults: FaultServer) -> None:
    with workspace_of(faults) as workspace:
        call = workspace.open_call("ada", max_cost=Decimal("999999.0000001"))
        call.settle("0.0000005")
        call.settle("123456.123456499")
    assert b'"max_cost_usd": 999999.000001' in faults.of("/v1/calls")[0].body
    settles = [asked.body for asked in faults.of("/settle")]
    assert b'"cost_usd": 0.000001,' in settles[0]
    assert b'"cost_usd": 123456.123456,' in settles[1]


def test_amounts_are_read_exactly(faults: FaultServer) -> None:
    content = b'{"id": "x", "reserved_usd": 0.1000000000000000055511151231257827, "spent_usd": 3}'
    faults.plan("/v1/calls", Answer(201, content))
    with workspace_of(faults) as workspace:
        call = workspace.open_call("ada")
    assert call.reserved == Decimal("0.1000000000000000055511151231257827")
    assert faults.of("/v1/calls")[0].body == b'{"user_id": "ada"}'


def test_an_answer_may_have_new_members(faults: FaultServer) -> None:
    faults.plan("/v1/calls", Answer(201, call_answer(something_new={"a": 1})))
    with workspace_of(faults) as workspace:
        assert workspace.open_call("ada").reserved == Decimal("0.05")


def test_the_run_of_the_block_is_the_current_one(faults: FaultServer) -> None:
    with workspace_of(faults) as workspace:
        assert wo.current_run() is None
        with workspace.run("ada") as outer:
            assert wo.current_run() is outer
            with workspace.run("bob") as inner:
                assert wo.current_run() is inner
            assert wo.current_run() is outer
        assert wo.current_run() is None
