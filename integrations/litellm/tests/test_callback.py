"""The order in which LiteLLM's hooks come decides nothing about what is charged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from litellm import exceptions
from litellm.proxy._types import UserAPIKeyAuth

from workspace_operator_litellm import Settings, WorkspaceGate, callback, models
from workspace_operator_litellm.callback import RECEIPT
from workspace_operator_litellm.refusal import Refused
from workspace_operator_litellm.rest import Admitted

RESERVED = Decimal("0.5")
ADA = UserAPIKeyAuth(api_key="sk-ada", user_id="ada")
LIMITED = exceptions.RateLimitError("slow down", "openai", "m")
LOST = exceptions.Timeout("too late", "m", "openai")


class Books:
    """Admits everything, and keeps what is settled."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.settled: list[tuple[str, Decimal, str]] = []
        self.hold: asyncio.Event | None = None

    async def open_call(
        self,
        key: str,
        *,
        user_id: str,
        max_cost: Decimal,
        lease_seconds: int,
        name: str | None,
        labels: Mapping[str, str],
        idempotency_key: str,
    ) -> Admitted:
        if self.hold is not None:
            await self.hold.wait()
        self.opened.append(user_id)
        return Admitted(f"call-{len(self.opened)}", None, RESERVED)

    async def open_step(
        self,
        key: str,
        run_id: str,
        *,
        max_cost: Decimal,
        name: str | None,
        labels: Mapping[str, str],
        idempotency_key: str,
    ) -> Admitted:
        raise AssertionError

    async def settle(self, key: str, admitted: Admitted, cost: Decimal, outcome: str) -> None:
        self.settled.append((admitted.call_id, cost, outcome))

    async def blocked(self, key: str, admitted: Admitted) -> str | None:
        return None


class Request:
    """One request of the proxy, as LiteLLM drives its hooks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WORKSPACE_API_KEY", "wsk_own")
        monkeypatch.setattr(models, "highest_cost", lambda _data, _kind: RESERVED)
        self.books = Books()
        self.gate = WorkspaceGate(self.books, Settings("http://127.0.0.1:1"))
        request = {"headers": {"content-length": "2"}}
        self.data: dict[str, Any] = {"model": "m", "messages": [], "metadata": {}, "proxy_server_request": request}

    async def admit(self) -> None:
        await self.gate.async_pre_call_hook(ADA, None, self.data, "acompletion")

    async def begin(self) -> None:
        await self.gate.async_pre_call_deployment_hook(self.kwargs(), None)

    async def attempt_failed(self, failure: Exception, number: int = 1) -> None:
        await self.gate.async_post_call_failure_deployment_hook(self.data, failure, None)
        # LiteLLM tells it a second time, later, which changes nothing.
        kwargs = self.kwargs() | {"exception": failure, "litellm_call_id": str(number)}
        await self.gate.async_log_failure_event(kwargs, None, number, number)
        await self.quiet()

    async def answered(self, cost: float | None = 0.1) -> None:
        await self.gate.async_post_call_success_deployment_hook(self.kwargs(), None, None)
        await self.told(cost)

    async def told(self, cost: float | None = 0.1) -> None:
        await self.gate.async_log_success_event(self.kwargs() | {"response_cost": cost}, None, 0, 0)

    async def stream(self) -> None:
        async for _ in self.gate.async_post_call_streaming_iterator_hook(ADA, numbers(), self.data):
            pass

    async def stream_failed(self, cost: float | None) -> None:
        kwargs = self.kwargs() | {"exception": LOST, "response_cost": cost}
        await self.gate.async_log_failure_event(kwargs, None, 1, 1)
        await self.quiet()

    async def failed(self, failure: Exception) -> None:
        await self.gate.async_post_call_failure_hook(self.data, failure, ADA)
        await self.quiet()

    async def settled(self) -> None:
        """Waits until something is, 5 s at most."""
        for _ in range(500):
            if self.books.settled:
                return
            await asyncio.sleep(0.01)
        pytest.fail("nothing was settled")

    async def quiet(self) -> None:
        """Lets what is done in the background go on; Books answer at once."""
        for _ in range(5):
            await asyncio.sleep(0)

    def kwargs(self) -> dict[str, Any]:
        return {"litellm_params": {"metadata": self.data["metadata"]}, "model": "m"}

    @property
    def charged(self) -> list[tuple[Decimal, str]]:
        return [(cost, outcome) for _, cost, outcome in self.books.settled]


@pytest.fixture
def request_(monkeypatch: pytest.MonkeyPatch) -> Request:
    return Request(monkeypatch)


async def test_an_answer(request_: Request) -> None:
    await request_.admit()
    await request_.begin()
    await request_.answered(0.1234565)
    assert request_.charged == [(Decimal("0.123457"), "succeeded")]


async def test_an_answer_of_unknown_cost_is_the_reservation(request_: Request) -> None:
    await request_.admit()
    await request_.begin()
    await request_.answered(None)
    assert request_.charged == [(RESERVED, "succeeded")]


async def test_an_answer_that_is_made_later_is_the_reservation(request_: Request) -> None:
    request_.data["background"] = True
    await request_.admit()
    await request_.begin()
    await request_.answered(0)
    assert request_.charged == [(RESERVED, "succeeded")]


async def test_a_retry_after_an_error(request_: Request) -> None:
    await request_.admit()
    await request_.begin()
    await request_.attempt_failed(LIMITED)
    assert request_.charged == []
    await request_.begin()
    await request_.answered(0.1)
    assert request_.charged == [(Decimal("0.1"), "succeeded")]


async def test_a_retry_after_a_lost_answer(request_: Request) -> None:
    await request_.admit()
    await request_.begin()
    await request_.attempt_failed(LOST)
    await request_.begin()
    await request_.answered(0.1)
    assert request_.charged == [(Decimal("0.6"), "succeeded")]


@pytest.mark.parametrize("hook_first", [True, False])
async def test_a_failure_whichever_hook_comes_first(request_: Request, *, hook_first: bool) -> None:
    await request_.admit()
    await request_.begin()
    await request_.begin()
    await request_.attempt_failed(LIMITED, 1)
    if hook_first:
        await request_.failed(LOST)
        assert request_.charged == []
        await request_.attempt_failed(LOST, 2)
    else:
        await request_.attempt_failed(LOST, 2)
        assert request_.charged == []
        await request_.failed(LOST)
    assert request_.charged == [(RESERVED, "failed")]


async def test_a_stream_that_broke_off_whichever_hook_comes_first(request_: Request) -> None:
    for hook_first in (True, False):
        await request_.admit()
        await request_.begin()
        await request_.stream()
        if hook_first:
            await request_.failed(LOST)
            await request_.stream_failed(0.02)
        else:
            await request_.stream_failed(0.02)
            await request_.stream_failed(0.02)
            await request_.failed(LOST)
    assert request_.charged == 2 * [(Decimal("0.02"), "failed")]


async def test_a_stream_that_broke_off_at_an_unknown_cost(request_: Request) -> None:
    await request_.admit()
    await request_.begin()
    await request_.stream()
    await request_.failed(LOST)
    await request_.stream_failed(None)
    assert request_.charged == [(RESERVED, "failed")]


async def test_a_stream_that_broke_off_and_nobody_tells(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback, "_SILENT_STREAM_SECONDS", 0.1)
    await request_.admit()
    await request_.begin()
    await request_.stream()
    await request_.failed(LOST)
    assert request_.charged == []
    await request_.settled()
    assert request_.charged == [(RESERVED, "failed")]


async def test_a_stream_ends_once_the_workspace_is_stopped(request_: Request) -> None:
    await request_.admit()
    parts = request_.gate.async_post_call_streaming_iterator_hook(ADA, numbers(), request_.data)
    assert await anext(parts) == 0
    next(iter(request_.gate._open.values())).blocked = "DAILY_BUDGET_EXCEEDED"
    assert await anext(parts) == 1
    next(iter(request_.gate._open.values())).blocked = "KILL_SWITCH_ACTIVE"
    with pytest.raises(Refused, match="KILL_SWITCH_ACTIVE"):
        await anext(parts)


async def numbers() -> AsyncIterator[int]:
    for number in range(10):
        yield number


async def test_another_callback_that_refuses_before_anything_was_sent(request_: Request) -> None:
    await request_.admit()
    await request_.failed(ValueError("a guardrail says no"))
    assert request_.charged == [(Decimal(0), "failed")]


async def test_a_guardrail_that_refuses_while_the_model_is_at_work(request_: Request) -> None:
    await request_.admit()
    await request_.begin()
    await request_.failed(ValueError("a guardrail says no"))
    assert request_.charged == []
    await request_.answered(0.1)
    assert request_.charged == [(Decimal("0.1"), "succeeded")]


async def test_a_guardrail_that_refuses_the_answer(request_: Request) -> None:
    await request_.admit()
    await request_.begin()
    await request_.gate.async_post_call_success_deployment_hook(request_.kwargs(), None, None)
    await request_.failed(ValueError("a guardrail says no"))
    assert request_.charged == []
    await request_.told(0.1)
    assert request_.charged == [(Decimal("0.1"), "succeeded")]


async def test_a_client_that_goes_away_while_it_is_asked(request_: Request) -> None:
    request_.books.hold = asyncio.Event()
    task = asyncio.create_task(request_.admit())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    request_.books.hold.set()
    await request_.settled()
    assert request_.charged == [(Decimal(0), "cancelled")]


async def test_a_receipt_of_a_client_is_not_looked_at(request_: Request) -> None:
    request_.data["metadata"] = {RECEIPT: "call-9:-:0.5:WORKSPACE_API_KEY:" + "0" * 64}
    await request_.gate.async_log_success_event(request_.kwargs() | {"response_cost": 0.1}, None, 0, 0)
    assert request_.charged == []
    await request_.admit()
    assert request_.data["metadata"][RECEIPT].startswith("call-1:")


async def test_a_kind_of_request_that_nobody_knows_is_refused(request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("WORKSPACE_API_KEY", "wsk_own")
    with pytest.raises(Refused) as refused:
        await request_.gate.async_pre_call_hook(ADA, None, {"model": "gpt-4o", "metadata": {}}, "acreate_batch")
    assert refused.value.reason_code == "MODEL_WITHOUT_PRICE"
