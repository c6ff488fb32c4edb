"""examples/agent/agent_with_client.py, as its page says, against the real operator."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conftest import Operator, await_that
from test_server import new_user
from workspace_operator import Workspace

pytestmark = pytest.mark.server

AGENT = Path(__file__).resolve().parents[3] / "examples/agent/agent_with_client.py"


@pytest.fixture
def workspace(operator: Operator) -> Iterator[Workspace]:
    with Workspace(operator.url, operator.key) as made:
        yield made


@contextmanager
def agent(operator: Operator, output: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "WORKSPACE_API_URL": operator.url, "WORKSPACE_API_KEY": operator.key}
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, str(AGENT), *options], env=environment, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def newest(workspace: Workspace, user: str) -> Any:
    runs = workspace.list_runs(user_id=user)["items"]
    return runs[0] if runs else None


def test_a_whole_run_asks_settles_and_succeeds(operator: Operator, workspace: Workspace, tmp_path: Path) -> None:
    user, output = new_user(), tmp_path / "output"
    with agent(operator, output, "--user", user, "--steps", "3", "--step-seconds", "0.05") as process:
        assert process.wait(30) == 0, output.read_text()
    assert "Step 3 of 3: 0.02 US dollars reserved" in output.read_text()
    run = newest(workspace, user)
    assert run["status"] == "succeeded"
    assert 3 * Decimal("0.006") <= run["spent_usd"] <= 3 * Decimal("0.018")


def test_the_heartbeat_stops_a_step_that_is_under_way(operator: Operator, workspace: Workspace, tmp_path: Path) -> None:
    user, output = new_user(), tmp_path / "output"
    options = ("--user", user, "--steps", "1", "--step-seconds", "600", "--lease-seconds", "5")
    with agent(operator, output, *options) as process:
        await_that(lambda: (newest(workspace, user) or {}).get("reserved_usd"), 30)
        workspace.kill_switch(True, "runaway agent")
        assert process.wait(30) == 3, output.read_text()
    assert "Stopped, KILL_SWITCH_ACTIVE" in output.read_text()
    run = newest(workspace, user)
    assert run["status"] == "cancelled"
    assert run["spent_usd"] < Decimal("0.002")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_settles_and_cancels_the_run(
    operator: Operator, workspace: Workspace, tmp_path: Path, number: signal.Signals
) -> None:
    user, output = new_user(), tmp_path / "output"
    with agent(operator, output, "--user", user, "--step-seconds", "600", "--lease-seconds", "5") as process:
        await_that(lambda: (newest(workspace, user) or {}).get("reserved_usd"), 30)
        # Its next heartbeat tells that it is within the step, and not still asking for it.
        lease = newest(workspace, user)["lease_expires_at"]
        await_that(lambda: newest(workspace, user)["lease_expires_at"] != lease, 30)
        process.send_signal(number)
        assert process.wait(30) == 128 + number, output.read_text()
    run = newest(workspace, user)
    assert run["status"] == "cancelled"
    assert run["spent_usd"] < Decimal("0.002")


def test_a_full_workspace_is_waited_for(operator: Operator, workspace: Workspace, tmp_path: Path) -> None:
    user, output = new_user(), tmp_path / "output"
    calls = [workspace.open_call(new_user(), max_cost="0") for _ in range(workspace.get()["max_concurrent_runs"])]
    with agent(operator, output, "--user", user, "--steps", "1", "--step-seconds", "0") as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
        calls[0].settle(0)
        assert process.wait(30) == 0, output.read_text()


def test_a_missing_variable_is_a_sentence(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WORKSPACE_")}
    told = subprocess.run([sys.executable, str(AGENT)], env=environment, capture_output=True, text=True, timeout=30)
    assert told.returncode == 2
    assert "Set WORKSPACE_API_URL" in told.stderr
    assert "Traceback" not in told.stderr
