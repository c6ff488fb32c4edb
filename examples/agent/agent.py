#!/usr/bin/env python3
"""An agent that asks Workspace Operator before each step. Python 3.9 or newer, no packages.

The work is a stand-in (see `work`); all else is what a real agent needs too.
Ends with 0 (done), 1 (failed), 2 (wrong usage), 3 (stopped by the workspace), 130 or 143 (by a signal).
"""

import argparse
import http.client
import json
import os
import random
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

PATIENCE = 600  # Seconds to wait where waiting helps: a full workspace, a store that is away.
HURRY = 10  # The same once the run is over: its lease ends by itself anyway.
ANSWER_WITHIN = 15
INTERRUPTED = "INTERRUPTED"


class Stopped(Exception):
    """The workspace, or whoever runs it, wants this run to end. Asking again would not help."""

    def __init__(self, code, detail):
        super().__init__(f"{code}: {detail}")
        self.code = code


class Workspace:
    """The REST API, as far as an agent needs it."""

    def __init__(self, url, credential):
        self.url = url.rstrip("/")
        self.credential = credential
        self.stop = threading.Event()  # Set by the heartbeat or a signal; ends every wait.
        self.stopped_by = None
        self.exit_code = 3

    def post(self, path, body, idempotency_key=None, patience=PATIENCE):
        """Asks until there is an answer. Repeating is safe: by the key, or as the call is idempotent."""
        give_up_at = time.monotonic() + patience
        while True:
            wait, why = 1, "no answer"
            try:
                return self.send(path, body, idempotency_key)
            except urllib.error.HTTPError as error:
                problem = problem_of(error)
                code, detail = problem.get("code", error.reason), problem.get("detail", "")
                if problem.get("reason"):  # Of a kill switch: what whoever engaged it has said.
                    detail += f" Reason: {problem['reason']}"
                retry_after = error.headers.get("Retry-After")
                # Retry-After says that waiting helps: 429 and 503 have it, and a 402 whose money may come back.
                # 502 and 504 are a proxy's way to say that nobody knows what became of the request.
                if retry_after is None and error.code not in (429, 502, 503, 504):
                    raise Stopped(code, detail) from None
                wait, why = float(retry_after or 1), f"{code}: {detail}"
            except (OSError, http.client.HTTPException) as error:
                # The answer is lost, and perhaps not the request: the same key makes one effect of both.
                why = f"the connection failed: {error}"
            if time.monotonic() + wait > give_up_at:
                raise TimeoutError(why)
            say(f"Waiting {wait:g} s, {why}")
            # After the end of the run only its last calls are made: nothing stops those.
            if patience == HURRY:
                time.sleep(wait)
            elif self.stop.wait(wait):
                raise self.stopped_by

    def send(self, path, body, idempotency_key=None):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), method="POST")
        request.add_header("Authorization", f"Bearer {self.credential()}")
        request.add_header("Content-Type", "application/json")
        if idempotency_key:
            request.add_header("Idempotency-Key", idempotency_key)
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN) as response:
            return json.load(response)

    def stop_because(self, code, detail):
        self.stopped_by = Stopped(code, detail)
        self.stop.set()


def credential_of(environment):
    """How to come by the credential; None if the environment does not say."""
    file, key = environment.get("WORKSPACE_API_KEY_FILE"), environment.get("WORKSPACE_API_KEY")
    if not file:
        return (lambda: key) if key else None

    def read():
        # Anew for each request: Kubernetes renews the token of a ServiceAccount before it ends.
        with open(file, encoding="ascii") as opened:
            return opened.read().strip()

    return read


class Heartbeat(threading.Thread):
    """Renews the lease, and hears while a step is under way that the run has to stop."""

    def __init__(self, workspace, run, lease_seconds):
        super().__init__(daemon=True)
        self.workspace = workspace
        self.path = f"/v1/runs/{run['id']}/heartbeat"
        self.lease_seconds = lease_seconds
        self.over = threading.Event()

    def run(self):
        lease_ends_at = time.monotonic() + self.lease_seconds
        while not self.over.wait(self.lease_seconds / 3):
            asked_at = time.monotonic()
            try:
                run = self.workspace.send(self.path, {})
                lease_ends_at = asked_at + self.lease_seconds
                if run["blocked"]:
                    return self.workspace.stop_because(run["blocked"], "told by the heartbeat")
            except (OSError, http.client.HTTPException) as error:
                # Also an HTTPError: whatever it is, the next heartbeat may get through, until the lease is over.
                if time.monotonic() > lease_ends_at:
                    return self.workspace.stop_because("LEASE_ENDED", f"no heartbeat got through: {error}")


def work(workspace, max_cost, seconds):
    """The stand-in for a call of a model. Returns what it really cost, also if it was stopped halfway."""
    cost = max_cost * random.uniform(0.3, 0.9)
    begin = time.monotonic()
    if workspace.stop.wait(seconds):
        cost *= min(1, (time.monotonic() - begin) / seconds)
    return round(cost, 6)


def step(workspace, run, number, options):
    """Asks, works, and settles the real cost."""
    steps = f"/v1/runs/{run['id']}/steps"
    asked = {"max_cost_usd": options.max_cost, "name": f"step {number}"}
    admitted = workspace.post(steps, asked, idempotency_key=str(uuid.uuid4()))
    cost = 0.0
    try:
        cost = work(workspace, options.max_cost, options.step_seconds)
    finally:
        # Whatever happened: a step that is not settled is charged its whole reservation.
        workspace.post(f"{steps}/{admitted['id']}/settle", {"cost_usd": cost}, patience=HURRY)
    say(f"Step {number} of {options.steps}: {admitted['reserved_usd']} US dollars reserved, {cost} spent.")
    if workspace.stop.is_set():
        raise workspace.stopped_by


def finish(workspace, run, outcome):
    """Frees the slot. If it fails, the run expires with its lease."""
    try:
        ended = workspace.post(f"/v1/runs/{run['id']}/finish", {"outcome": outcome}, patience=HURRY)
        say(f"Run {run['id']} {ended['status']}; {ended['spent_usd']} US dollars spent.")
    except (Stopped, TimeoutError) as error:
        say(f"Run {run['id']} was not finished as {outcome}: {error}")


def agent(workspace, options):
    asked = {"user_id": options.user, "lease_seconds": options.lease_seconds}
    run = workspace.post("/v1/runs", asked, idempotency_key=str(uuid.uuid4()))
    say(f"Run {run['id']} started for {options.user}.")
    heartbeat = Heartbeat(workspace, run, options.lease_seconds)
    heartbeat.start()
    outcome = "failed"
    try:
        for number in range(1, options.steps + 1):
            step(workspace, run, number, options)
        outcome = "succeeded"
    except Stopped as stopped:
        # Out of money is a failure of the task; else somebody wanted it to end.
        outcome = "failed" if "BUDGET" in stopped.code else "cancelled"
        raise
    finally:
        heartbeat.over.set()
        finish(workspace, run, outcome)


def problem_of(error):
    """The problem+json of an answer; empty if a proxy answered in some other form."""
    try:
        problem = json.load(error)
        return problem if isinstance(problem, dict) else {}
    except (ValueError, OSError, http.client.HTTPException):
        return {}


def say(line):
    print(line, flush=True)


def stop_on_signals(workspace):
    """Ctrl-C or SIGTERM: the run is finished first. A second signal does not wait for that."""

    def stop(number, _frame):
        signal.signal(number, signal.SIG_DFL)
        workspace.exit_code = 128 + number
        # Not here: the main thread, which this interrupts, may hold the event's lock.
        threading.Thread(target=workspace.stop_because, args=(INTERRUPTED, f"by signal {number}")).start()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def main():
    parser = argparse.ArgumentParser(description="An agent that asks before each step.")
    parser.add_argument("--user", default="ada", help="for whom it runs")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--step-seconds", type=float, default=1.0)
    parser.add_argument("--max-cost", type=float, default=0.02, help="of a step, in US dollars")
    parser.add_argument("--lease-seconds", type=int, default=30, help="5 to 3600")
    options = parser.parse_args()
    url, credential = os.environ.get("WORKSPACE_API_URL"), credential_of(os.environ)
    missing = [name for name, it in (("WORKSPACE_API_URL", url), ("WORKSPACE_API_KEY", credential)) if not it]
    if missing:
        parser.error(f"set {' and '.join(missing)}; run mode writes both to .run/env")
    try:
        credential()
    except (OSError, ValueError) as error:
        parser.error(f"WORKSPACE_API_KEY_FILE cannot be read: {error}")
    workspace = Workspace(url, credential)
    stop_on_signals(workspace)
    try:
        agent(workspace, options)
        return 0
    except Stopped as stopped:
        print(f"Stopped, {stopped}", file=sys.stderr)
        return workspace.exit_code
    except TimeoutError as error:
        print(f"Given up, {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
