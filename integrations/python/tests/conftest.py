"""What the tests share: an HTTP server for faults, and the real operator."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

RUN_ID = "019ab4c2-9e21-7d44-a1b0-3c5d7e9f1a2b"
STEP_ID = "019ab4c2-a3f0-7b11-8c22-5d6e7f809112"
TIME = "2026-11-24T10:00:00.123456Z"


@dataclass
class Asked:
    """One request, as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def idempotency_key(self) -> str | None:
        return self.headers.get("idempotency-key")


@dataclass
class Answer:
    """What to send. `fault` is one of: hang, reset, cut, drip."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    fault: str | None = None


def problem(status: int, code: str, retry_after: int | None = None, **members: Any) -> Answer:
    headers = {"Content-Type": "application/problem+json"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    body = {"code": code, "status": status, "detail": f"This is {code}.", "request_id": "r-1", **members}
    return Answer(status, body, headers)


def run_answer(**members: Any) -> dict[str, Any]:
    return {
        "id": RUN_ID,
        "user_id": "ada",
        "labels": {},
        "status": "running",
        "started_at": TIME,
        "lease_expires_at": TIME,
        "finished_at": None,
        "max_cost_usd": None,
        "spent_usd": 0,
        "reserved_usd": 0,
        "blocked": None,
        **members,
    }


def step_answer(**members: Any) -> dict[str, Any]:
    return {
        "id": STEP_ID,
        "run_id": RUN_ID,
        "name": None,
        "labels": {},
        "status": "admitted",
        "reserved_usd": 0.05,
        "cost_usd": None,
        "admitted_at": TIME,
        "settled_at": None,
        **members,
    }


def call_answer(**members: Any) -> dict[str, Any]:
    return {
        "id": RUN_ID,
        "user_id": "ada",
        "name": None,
        "labels": {},
        "status": "running",
        "reserved_usd": 0.05,
        "cost_usd": None,
        "admitted_at": TIME,
        "lease_expires_at": TIME,
        "settled_at": None,
        "finished_at": None,
        **members,
    }


class FaultServer:
    """Answers as the operator would, but for what a test puts before it. It decides nothing: faults only."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._planned: dict[str, list[Answer]] = {}
        self._always: dict[str, Answer] = {}
        self._closing = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._serve(self)

            def do_POST(self) -> None:
                outer._serve(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that has gone is part of the tests."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def plan(self, end: str, *answers: Answer) -> None:
        """Answers to the next requests whose path ends so."""
        self._planned.setdefault(end, []).extend(answers)

    def always(self, end: str, answer: Answer | None) -> None:
        if answer is None:
            self._always.pop(end, None)
        else:
            self._always[end] = answer

    def of(self, end: str) -> list[Asked]:
        return [asked for asked in list(self.asked) if asked.path.split("?")[0].endswith(end)]

    def await_asked(self, end: str, times: int = 1, within: float = 10) -> list[Asked]:
        await_that(lambda: len(self.of(end)) >= times, within, lambda: [a.path for a in self.asked])
        return self.of(end)

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, asked: Asked) -> Answer:
        path = asked.path.split("?")[0]
        for end, answers in self._planned.items():
            if path.endswith(end) and answers:
                return answers.pop(0)
        for end, answer in self._always.items():
            if path.endswith(end):
                return answer
        if path.endswith(("/v1/runs", "/heartbeat")):
            return Answer(201, run_answer())
        if path.endswith("/steps"):
            return Answer(201, step_answer())
        if path.endswith("/v1/calls"):
            return Answer(201, call_answer())
        if path.endswith("/finish"):
            return Answer(200, run_answer(status=asked.json["outcome"]))
        if path.endswith("/settle"):
            told = {"status": "settled", "cost_usd": asked.json["cost_usd"]}
            return Answer(200, call_answer(**told) if "/calls/" in path else step_answer(**told))
        return Answer(404, {"code": "NOT_FOUND", "detail": "Nothing is there."})

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(handler.command, handler.path, headers, body, time.monotonic())
        answer = self._answer(asked)
        self.asked.append(asked)
        if answer.fault == "hang":
            self._closing.wait(60)
        if answer.fault in ("hang", "reset"):
            handler.close_connection = True
            return
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        handler.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if answer.fault == "cut":
            handler.wfile.write(content[: len(content) // 2])
            handler.close_connection = True
        elif answer.fault == "drip":
            for byte in content:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                if self._closing.wait(0.01):
                    return
        else:
            handler.wfile.write(content)


def await_that(condition: Callable[[], object], within: float = 10, seen: Callable[[], object] = lambda: "") -> None:
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"not within {within} s: {seen()}"
        time.sleep(0.005)


@pytest.fixture
def faults() -> Iterator[FaultServer]:
    server = FaultServer()
    yield server
    server.close()


@pytest.fixture
def own_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """For a sync test of a framework that runs a loop in a sync function, and leaves it open."""
    if asyncio.iscoroutinefunction(request.function):
        yield
        return
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    loop.close()
    asyncio.set_event_loop(None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs a server runs where WORKSPACE_TESTS=server, and fails there if it has none."""
    wanted = os.environ.get("WORKSPACE_TESTS", "")
    if wanted not in ("", "server"):
        raise pytest.UsageError(f"WORKSPACE_TESTS is {wanted!r}. Set it to server, or do not set it.")
    if wanted == "server":
        return
    servers = [item for item in items if item.get_closest_marker("server")]
    if servers:
        config.hook.pytest_deselected(items=servers)
        items[:] = [item for item in items if not item.get_closest_marker("server")]
        config.stash[_LEFT_OUT] = len(servers)


_LEFT_OUT = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    left_out = config.stash.get(_LEFT_OUT, 0)
    if left_out:
        terminalreporter.write_line(
            f"{left_out} tests need a running operator and were left out. With one of ./mvnw -Prun:"
            " set -a; . .run/env; set +a; WORKSPACE_TESTS=server src/test/python/run"
        )


@dataclass(frozen=True)
class Operator:
    """The real one, with a workspace of its own that tests may stop and change."""

    url: str
    key: str

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Past the client: what the operator says itself."""
        request = urllib.request.Request(
            self.url + path, None if body is None else json.dumps(body).encode(), method=method
        )
        request.add_header("Authorization", f"Bearer {self.key}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")


@pytest.fixture(scope="session")
def operator_found() -> Operator:
    url, key = os.environ.get("WORKSPACE_API_URL", ""), os.environ.get("WORKSPACE_API_KEY", "")
    if not url or not key:
        pytest.fail("WORKSPACE_TESTS=server, and WORKSPACE_API_URL or WORKSPACE_API_KEY is not set.")
    found = Operator(url.rstrip("/"), key)
    try:
        status, settings = found.ask("GET", "/v1/workspace/settings")
    except OSError as error:
        pytest.fail(f"WORKSPACE_TESTS=server, and nothing answers at {url}: {error}")
    if status != 200:
        pytest.fail(f"WORKSPACE_TESTS=server, and {url} answers {status}: {settings}")
    return found


@pytest.fixture
def operator(operator_found: Operator) -> Iterator[Operator]:
    """Its kill switch is released before and after, and what a test left running is cancelled."""
    _tidy(operator_found)
    yield operator_found
    _tidy(operator_found)


def _tidy(operator: Operator) -> None:
    status, answer = operator.ask("POST", "/v1/workspace/kill-switch", {"active": False})
    assert status == 200, answer
    while True:
        status, page = operator.ask("GET", "/v1/runs?status=running&limit=500")
        assert status == 200, page
        if not page["items"]:
            return
        for run in page["items"]:
            operator.ask("POST", f"/v1/runs/{run['id']}/cancel", {"reason": "A test is over."})
