"""What the client sends and knows, held against openapi.yaml: each path, body, parameter, answer and code."""

from __future__ import annotations

import asyncio
import json
import re
import typing
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

import workspace_operator as wo
from workspace_operator import answers, errors
from workspace_operator._protocol import STOPPING

ROOT = Path(__file__).resolve().parents[3]
DESCRIPTION: dict[str, Any] = yaml.safe_load((ROOT / "src/main/resources/openapi.yaml").read_text())
SCHEMAS = DESCRIPTION["components"]["schemas"]


def resolved(node: Any) -> Any:
    """With each `$ref` in its place."""
    if isinstance(node, dict):
        if "$ref" in node:
            target: Any = DESCRIPTION
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            return {**resolved(target), **{k: resolved(v) for k, v in node.items() if k != "$ref"}}
        return {name: resolved(value) for name, value in node.items()}
    return [resolved(value) for value in node] if isinstance(node, list) else node


OPERATIONS = {
    (method.upper(), path): {
        **resolved(operation),
        "parameters": resolved([*item.get("parameters", []), *operation.get("parameters", [])]),
    }
    for path, item in DESCRIPTION["paths"].items()
    for method, operation in item.items()
    if method in ("get", "post", "put", "patch", "delete")
}

LABELS = {"agent": "researcher"}
ID = "019ab4c2-9e21-7d44-a1b0-3c5d7e9f1a2b"

METHODS: dict[str, Callable[[wo.Workspace], object]] = {
    "POST /v1/runs": lambda w: w.run("ada", lease_seconds=60, max_cost="5", labels=LABELS, idempotency_key="k").start(),
    "POST /v1/runs/{id}/steps": lambda w: _run(w).open_step(
        max_cost="0.05", name="chat", labels=LABELS, idempotency_key="k"
    ),
    "POST /v1/runs/{id}/steps/{step_id}/settle": lambda w: _run(w).open_step().settle("0.01"),
    "POST /v1/runs/{id}/finish": lambda w: _run(w).finish("failed"),
    "POST /v1/runs/{id}/cancel": lambda w: w.cancel_run(ID, "It loops."),
    "POST /v1/calls": lambda w: w.open_call(
        "ada", max_cost="0.05", lease_seconds=60, name="chat", labels=LABELS, idempotency_key="k"
    ),
    "POST /v1/calls/{id}/settle": lambda w: w.settle_call(ID, "0.01", "cancelled"),
    "GET /v1/runs/{id}": lambda w: w.get_run(ID),
    "GET /v1/runs": lambda w: w.list_runs(status="running", user_id="ada", limit=5, cursor="c"),
    "GET /v1/usage": lambda w: w.usage(day="2026-11-24", limit=5, cursor="c"),
    "GET /v1/workspace/": lambda w: w.get(),
    "GET /v1/workspace/settings": lambda w: w.settings(),
    "POST /v1/workspace/kill-switch": lambda w: w.kill_switch(True, "runaway agent"),
}
ASYNC_METHODS: dict[str, Callable[[wo.AsyncWorkspace], Any]] = {
    "POST /v1/runs": lambda w: w.run("ada", lease_seconds=60, max_cost="5", labels=LABELS, idempotency_key="k").start(),
    "POST /v1/runs/{id}/steps": lambda w: _with_run(
        w, lambda r: r.open_step(max_cost="0.05", name="chat", labels=LABELS, idempotency_key="k")
    ),
    "POST /v1/runs/{id}/steps/{step_id}/settle": lambda w: _with_run(w, _settle),
    "POST /v1/runs/{id}/finish": lambda w: _with_run(w, lambda r: r.finish("failed")),
    "POST /v1/runs/{id}/cancel": lambda w: w.cancel_run(ID, "It loops."),
    "POST /v1/calls": lambda w: w.open_call(
        "ada", max_cost="0.05", lease_seconds=60, name="chat", labels=LABELS, idempotency_key="k"
    ),
    "POST /v1/calls/{id}/settle": lambda w: w.settle_call(ID, "0.01", "cancelled"),
    "GET /v1/runs/{id}": lambda w: w.get_run(ID),
    "GET /v1/runs": lambda w: w.list_runs(status="running", user_id="ada", limit=5, cursor="c"),
    "GET /v1/usage": lambda w: w.usage(day="2026-11-24", limit=5, cursor="c"),
    "GET /v1/workspace/": lambda w: w.get(),
    "GET /v1/workspace/settings": lambda w: w.settings(),
    "POST /v1/workspace/kill-switch": lambda w: w.kill_switch(True, "runaway agent"),
}


def _run(workspace: wo.Workspace) -> wo.Run:
    return workspace.run("ada", lease_seconds=3600).start()


async def _with_run(workspace: wo.AsyncWorkspace, act: Callable[[wo.AsyncRun], Any]) -> None:
    await act(await workspace.run("ada", lease_seconds=3600).start())


async def _settle(run: wo.AsyncRun) -> None:
    await (await run.open_step()).settle("0.01")


class Recorder:
    """Answers each request with the example that openapi.yaml has for it, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[httpx.Request, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        path = request.url.raw_path.decode().split("?")[0]
        templates = [it for it in OPERATIONS if it[0] == request.method and _is_of(path, it[1])]
        # A fixed path goes before one with a name in it.
        assert templates, f"openapi.yaml has no {request.method} {path}"
        method, template = min(templates, key=lambda it: it[1].count("{"))
        self.asked.append((request, template))
        success = next(it for status, it in OPERATIONS[method, template]["responses"].items() if status[0] == "2")
        example = next(iter(success["content"]["application/json"]["examples"].values()))["value"]
        return httpx.Response(200, content=json.dumps(example))

    def async_answer(self) -> Callable[[httpx.Request], Any]:
        async def answer(request: httpx.Request) -> httpx.Response:
            return self(request)

        return answer


def _is_of(path: str, template: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


def _check(recorder: Recorder, name: str) -> None:
    request, template = recorder.asked[-1]
    assert f"{request.method} {template}" == name
    operation = OPERATIONS[request.method, template]
    parameters = {(it["in"], it["name"]): it for it in operation["parameters"]}
    for parameter, value in request.url.params.items():
        schema = parameters["query", parameter]["schema"]
        jsonschema.validate(int(value) if schema.get("type") == "integer" else value, schema)
    given = {it for where, it in parameters if where == "query"}
    assert set(request.url.params) == given, "a parameter that the client does not know"
    takes_key = ("header", "Idempotency-Key") in parameters
    assert ("Idempotency-Key" in request.headers) == takes_key
    body = operation.get("requestBody")
    if body is None:
        assert not request.content
        return
    schema = body["content"]["application/json"]["schema"]
    sent = json.loads(request.content)
    jsonschema.validate(sent, schema)
    assert set(sent) == set(schema.get("properties", {})), "a field that the client does not know"


@pytest.mark.parametrize("name", METHODS)
def test_each_request_is_as_openapi_has_it(name: str) -> None:
    recorder = Recorder()
    with httpx.Client(transport=httpx.MockTransport(recorder)) as http:
        METHODS[name](wo.Workspace("http://operator", "wsk_test", http=http))
        _check(recorder, name)


@pytest.mark.parametrize("name", ASYNC_METHODS)
async def test_each_async_request_is_as_openapi_has_it(name: str) -> None:
    recorder = Recorder()
    async with httpx.AsyncClient(transport=httpx.MockTransport(recorder.async_answer())) as http:
        await ASYNC_METHODS[name](wo.AsyncWorkspace("http://operator", "wsk_test", http=http))
        _check(recorder, name)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


def test_a_heartbeat_is_as_openapi_has_it() -> None:
    recorder = Recorder()
    with httpx.Client(transport=httpx.MockTransport(recorder)) as http:
        workspace = wo.Workspace("http://operator", "wsk_test", http=http)
        with workspace.run("ada", lease_seconds=1):
            from conftest import await_that

            await_that(lambda: any(template.endswith("/heartbeat") for _, template in recorder.asked))
    request, template = next(it for it in recorder.asked if it[1].endswith("/heartbeat"))
    body = OPERATIONS[request.method, template]["requestBody"]
    jsonschema.validate(json.loads(request.content), body["content"]["application/json"]["schema"])


def test_the_sync_and_the_async_client_are_the_same() -> None:
    assert set(METHODS) == set(ASYNC_METHODS)
    for sync, asynchronous in (
        (wo.Workspace, wo.AsyncWorkspace),
        (wo.Run, wo.AsyncRun),
        (wo.Step, wo.AsyncStep),
        (wo.Call, wo.AsyncCall),
    ):
        public = {name for name in dir(sync) if not name.startswith("_")} - {"close"}
        assert public == {name for name in dir(asynchronous) if not name.startswith("_")} - {"aclose"}


# Codes


def test_each_code_has_its_class_and_no_other_is_known() -> None:
    assert set(errors.CODES) == set(SCHEMAS["Problem"]["discriminator"]["mapping"])


EXAMPLES = {
    name: value["value"]
    for name, value in resolved(
        {
            **DESCRIPTION["components"]["examples"],
            **DESCRIPTION["x-unmatched"]["responses"]["405"]["content"]["application/problem+json"]["examples"],
        }
    ).items()
    if name in errors.CODES
}


def test_each_code_has_an_example() -> None:
    assert set(EXAMPLES) == set(errors.CODES)


@pytest.mark.parametrize("code", errors.CODES)
def test_each_problem_is_raised_as_its_class(code: str) -> None:
    example = EXAMPLES[code]

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(example["status"], content=json.dumps(example), headers={"Retry-After": "1"})

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        workspace = wo.Workspace("http://operator", "wsk_test", patience=0, http=http)
        with pytest.raises(wo.Refused) as raised:
            workspace.get()
    refused = raised.value
    assert type(refused) is errors.CODES[code]
    assert type(refused) is not wo.Refused
    assert (refused.code, refused.status, refused.detail) == (code, example["status"], example["detail"])
    assert refused.retry_after == 1
    assert refused.request_id == example["request_id"]
    assert refused.reason == example.get("reason")
    assert refused.resets_at == example.get("resets_at")
    assert refused.errors == example.get("errors", [])
    if isinstance(refused, wo.BudgetExceeded):
        assert refused.budget == code.removesuffix("_BUDGET_EXCEEDED").lower()
        assert refused.limit_usd == Decimal(str(example["limit_usd"]))
        assert refused.remaining_usd == Decimal(str(example["remaining_usd"]))
    if isinstance(refused, wo.KillSwitchActive):
        assert (refused.latch, refused.since) == (example["latch"], example["since"])


def test_what_a_heartbeat_tells_is_one_of_the_codes() -> None:
    blocking = set(SCHEMAS["BlockingCode"]["enum"])
    assert blocking <= set(errors.CODES)
    assert blocking >= STOPPING
    assert {code for code in blocking if "BUDGET" not in code} == STOPPING


# Answers


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (answers.RunAnswer, "Run"),
        (answers.StepAnswer, "Step"),
        (answers.CallAnswer, "Call"),
        (answers.RunPage, "RunList"),
        (answers.WorkspaceAnswer, "Workspace"),
        (answers.SettingsAnswer, "Settings"),
        (answers.Latch, "Latch"),
        (answers.Setting, "BudgetSetting"),
        (answers.UserUsagePage, "UserUsageList"),
        (answers.UserUsage, "UserUsage"),
    ],
)
def test_each_answer_has_the_members_that_openapi_has(kind: type, schema: str) -> None:
    assert set(typing.get_type_hints(kind)) == set(SCHEMAS[schema]["required"])


def test_the_answer_of_usage_has_the_members_that_openapi_has() -> None:
    members = {*SCHEMAS["UsageTotals"]["required"], "users"}
    assert set(typing.get_type_hints(answers.UsageAnswer)) == members
    month = SCHEMAS["UsageTotals"]["properties"]["month"]["required"]
    assert set(typing.get_type_hints(answers.MonthUsage)) == set(month)


def test_outcomes_and_statuses_are_those_of_openapi() -> None:
    assert set(typing.get_args(answers.Outcome)) == set(SCHEMAS["FinishRequest"]["properties"]["outcome"]["enum"])
    assert set(typing.get_args(answers.RunStatus)) == set(SCHEMAS["RunStatus"]["enum"])


def test_money_is_decimal_everywhere() -> None:
    recorder = Recorder()
    with httpx.Client(transport=httpx.MockTransport(recorder)) as http:
        workspace = wo.Workspace("http://operator", "wsk_test", http=http)
        usage = workspace.usage()
        assert isinstance(workspace.get_run(ID)["spent_usd"], Decimal)
    assert isinstance(usage["spent_usd"], Decimal)
    assert isinstance(usage["month"]["spent_usd"], Decimal)
    assert all(isinstance(user["spent_usd"], Decimal) for user in usage["users"]["items"])


def test_the_version_is_that_of_the_operator() -> None:
    pom = (ROOT / "pom.xml").read_text()
    revision = re.search(r"<revision>([^<]+)</revision>", pom)
    assert revision
    assert revision[1].removesuffix("-SNAPSHOT") == wo.__version__
