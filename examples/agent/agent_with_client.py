#!/usr/bin/env python3
"""The agent of agent.py on the package workspace-operator, which does what that does by hand.

    pip install ./integrations/python
    python3 examples/agent/agent_with_client.py --steps 3

The work is a stand-in (see `work`).
Ends with 0 (done), 1 (failed), 2 (wrong usage), 3 (stopped by the workspace), 130 or 143 (by a signal).
"""

import argparse
import random
import signal
import sys
import time
from decimal import Decimal
from types import FrameType

from workspace_operator import Refused, Run, Step, Unavailable, Workspace


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or SIGTERM: what is open is settled, and the run is cancelled. A second one does not wait for that."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def work(run: Run, step: Step, seconds: float) -> None:
    """The stand-in for a call of a model. Settles what it really cost, also if it was stopped halfway."""
    share = Decimal(random.randint(30, 90)) / 100
    began = time.monotonic()
    try:
        run.stopped.wait(seconds)
    finally:
        done = min(1.0, (time.monotonic() - began) / seconds) if seconds else 1.0
        step.settle(step.reserved * share * Decimal(str(round(done, 6))))


def agent(workspace: Workspace, options: argparse.Namespace) -> None:
    run = workspace.run(options.user, lease_seconds=options.lease_seconds)
    try:
        with run:
            say(f"Run {run.id} started for {run.user_id}.")
            for number in range(1, options.steps + 1):
                with run.step(max_cost=options.max_cost, name=f"step {number}", wait=True) as step:
                    work(run, step, options.step_seconds)
                say(f"Step {number} of {options.steps}: {step.reserved} US dollars reserved, {step.cost} spent.")
                run.raise_if_blocked()
    finally:
        if run.is_started:
            ended = workspace.get_run(run.id)
            say(f"Run {run.id} {ended['status']}; {ended['spent_usd']} US dollars spent.")


def say(line: str) -> None:
    print(line, flush=True)


def interrupt(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    raise Interrupted(number)


def main() -> int:
    parser = argparse.ArgumentParser(description="An agent that asks before each step.")
    parser.add_argument("--user", default="ada", help="for whom it runs")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--step-seconds", type=float, default=1.0)
    parser.add_argument("--max-cost", type=Decimal, default=Decimal("0.02"), help="of a step, in US dollars")
    parser.add_argument("--lease-seconds", type=int, default=30, help="5 to 3600")
    options = parser.parse_args()
    try:
        workspace = Workspace(patience=600)
    except ValueError as error:
        parser.error(f"{error} Run mode writes both to .run/env.")
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        with workspace:
            agent(workspace, options)
        return 0
    except Unavailable as unavailable:
        print(f"Given up, {unavailable}", file=sys.stderr)
        return 1
    except Refused as refused:
        print(f"Stopped, {refused}", file=sys.stderr)
        return 3
    except Interrupted as interrupted:
        print(f"Stopped, by signal {interrupted.number}", file=sys.stderr)
        return 128 + interrupted.number


if __name__ == "__main__":
    sys.exit(main())
