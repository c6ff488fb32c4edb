"""The client for asyncio: as `client.py`, with `async with` and `await`.

What tells the operator something that has happened (settle, finish) is done also where the task is cancelled
meanwhile: the cancellation waits for it, for `closing_patience` at most, and goes on then.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Token
from decimal import Decimal
from types import TracebackType
from typing import Any, TypeVar, cast

import httpx

from . import _current, _protocol
from ._http import answer_headers, checked, is_wrong_certificate, limits, user_agent
from ._protocol import Request, Retries
from ._settings import Credential, credential_of, url_of
from .answers import (
    CallAnswer,
    Outcome,
    RunAnswer,
    RunPage,
    RunStatus,
    SettingsAnswer,
    StepAnswer,
    UsageAnswer,
    WorkspaceAnswer,
)
from .client import CLOSING_PATIENCE, LEASE_SECONDS, PATIENCE, TIMEOUT, log
from .errors import Refused, Unauthorized, Unavailable
from .money import Amount, spent

_T = TypeVar("_T")


class AsyncWorkspace:
    """A workspace, as one credential sees it, for one event loop. See `Workspace` for the arguments."""

    def __init__(
        self,
        url: str | None = None,
        credential: Credential | None = None,
        *,
        patience: float = PATIENCE,
        closing_patience: float = CLOSING_PATIENCE,
        timeout: float = TIMEOUT,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self.url = checked(url_of(url))
        self.patience = patience
        self.closing_patience = closing_patience
        self.timeout = timeout
        self._credential = credential_of(credential)
        self._owns_http = http is None
        self._http = http if http is not None else httpx.AsyncClient(limits=limits())

    def run(
        self,
        user_id: str,
        *,
        lease_seconds: int = LEASE_SECONDS,
        max_cost: Amount | None = None,
        labels: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        on_stop: Callable[[Refused], object] | None = None,
        cancel_on_stop: bool = False,
        patience: float | None = None,
        wait: bool = False,
    ) -> AsyncRun:
        """A run, which starts when its `async with` block is entered, and is finished when that is left.

        `on_stop` is called once when the run has to stop; what it returns is awaited if it can be.
        `cancel_on_stop` cancels the block then, and raises the typed refusal out of it. The rest as in
        `Workspace.run`.
        """
        request = _protocol.start_run(user_id, lease_seconds, max_cost, labels, idempotency_key)
        return AsyncRun(self, request, lease_seconds, on_stop, cancel_on_stop, patience, wait)

    def call(
        self,
        user_id: str,
        *,
        max_cost: Amount | None = None,
        lease_seconds: int | None = None,
        name: str | None = None,
        labels: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        patience: float | None = None,
        wait: bool = False,
    ) -> AsyncCall:
        """A run of one step. See `Workspace.call`."""
        request = _protocol.admit_call(user_id, max_cost, lease_seconds, name, labels, idempotency_key)
        return AsyncCall(self, request, patience, wait)

    async def open_call(
        self,
        user_id: str,
        *,
        max_cost: Amount | None = None,
        lease_seconds: int | None = None,
        name: str | None = None,
        labels: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        patience: float | None = None,
        wait: bool = False,
    ) -> AsyncCall:
        """The same without a block: asks now. Whoever opens it settles it."""
        call = self.call(
            user_id,
            max_cost=max_cost,
            lease_seconds=lease_seconds,
            name=name,
            labels=labels,
            idempotency_key=idempotency_key,
            patience=patience,
            wait=wait,
        )
        return await call.open()

    async def settle_call(self, call_id: str, cost: Amount, outcome: Outcome = "succeeded") -> CallAnswer:
        """Tells what a call cost, by its id, as of another process. The same cost again changes nothing."""
        return cast(CallAnswer, await self._close(_protocol.settle_call(call_id, cost, outcome)))

    async def get_run(self, run_id: str) -> RunAnswer:
        """A run or a call as it is now."""
        return cast(RunAnswer, await self._ask(_protocol.get_run(run_id)))

    async def list_runs(
        self,
        *,
        status: RunStatus | None = None,
        user_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> RunPage:
        """A part of the runs, newest first; `cursor` is the `next_cursor` of the part before."""
        return cast(RunPage, await self._ask(_protocol.list_runs(status, user_id, limit, cursor)))

    async def cancel_run(self, run_id: str, reason: str) -> RunAnswer:
        """Stops one run. Its next step is refused."""
        return cast(RunAnswer, await self._ask(_protocol.cancel_run(run_id, reason)))

    async def usage(
        self, *, day: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> UsageAnswer:
        """What a UTC day (2026-11-24; today if not given) cost, and each of its users."""
        return cast(UsageAnswer, await self._ask(_protocol.get_usage(day, limit, cursor)))

    async def get(self) -> WorkspaceAnswer:
        """What is in force."""
        return cast(WorkspaceAnswer, await self._ask(_protocol.get_workspace()))

    async def settings(self) -> SettingsAnswer:
        """Each setting with the layer that it comes from, and who holds the kill switch, why."""
        return cast(SettingsAnswer, await self._ask(_protocol.get_settings()))

    async def kill_switch(self, active: bool, reason: str | None = None) -> WorkspaceAnswer:
        """Stops everything, or lets it go on. Once this returns from True, nothing more is admitted."""
        return cast(WorkspaceAnswer, await self._ask(_protocol.kill_switch(active, reason)))

    async def aclose(self) -> None:
        """Closes its connections. It ends no run."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> AsyncWorkspace:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _ask(
        self,
        request: Request,
        *,
        patience: float | None = None,
        wait: bool = False,
        run: AsyncRun | None = None,
    ) -> dict[str, Any]:
        retries = Retries(time.monotonic(), self.patience if patience is None else patience, wait=wait)
        while True:
            if run is not None:
                run.raise_if_blocked()
            try:
                return await self._send(request, self.timeout)
            except Refused as refused:
                pause = retries.pause_after(refused, time.monotonic())
                log.info("%s %s is asked again in %.1f s: %s", request.method, request.path, pause, refused)
            if run is None:
                await asyncio.sleep(pause)
            else:
                await _within(run.stopped, pause)

    async def _close(self, request: Request) -> dict[str, Any]:
        # Nothing stops these, a cancellation neither: they tell what has happened already.
        return await _despite_cancellation(self._ask(request, patience=self.closing_patience))

    async def _send(self, request: Request, timeout: float) -> dict[str, Any]:
        """One attempt."""
        try:
            credential = self._credential()
        except Refused:
            raise
        except Exception as error:
            raise Unauthorized(f"The credential cannot be had: {error}") from error
        headers = request.headers(credential, user_agent())
        try:
            return await _in_time(self._exchange(request, headers, timeout), timeout)
        except httpx.DecodingError as error:
            raise _protocol.not_readable(error) from error
        except (httpx.TransportError, asyncio.TimeoutError) as error:
            if is_wrong_certificate(error):
                raise Unavailable(f"{self.url} is not trusted: {error}") from error
            raise _protocol.no_answer(self.url, error) from error

    async def _exchange(self, request: Request, headers: Mapping[str, str], timeout: float) -> dict[str, Any]:
        async with self._http.stream(
            request.method,
            self.url + request.path,
            params=request.query,
            content=request.content(),
            headers=headers,
            auth=None,
            follow_redirects=False,
            timeout=timeout,
        ) as response:
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > _protocol.LARGEST_ANSWER:
                    raise _protocol.too_large(response.status_code)
            return _protocol.judge(response.status_code, answer_headers(response), bytes(content))


class AsyncRun:
    """A run: asks before each step, and hears by its heartbeat when it has to stop. See `Run`."""

    def __init__(
        self,
        workspace: AsyncWorkspace,
        request: Request,
        lease_seconds: int,
        on_stop: Callable[[Refused], object] | None,
        cancel_on_stop: bool,
        patience: float | None,
        wait: bool,
    ) -> None:
        self.stopped = asyncio.Event()
        self._workspace = workspace
        self._request = request
        self._lease_seconds = lease_seconds
        self._on_stop = on_stop
        self._cancel_on_stop = cancel_on_stop
        self._patience = patience
        self._wait = wait
        self._answer: RunAnswer | None = None
        self._stopped_by: Refused | None = None
        self._heartbeat: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._block: asyncio.Task[Any] | None = None
        self._cancelling = 0
        self._is_cancelled_by_stop = False
        self._is_over = False
        self._began = 0.0
        self._token: Token[Any] | None = None

    @property
    def is_started(self) -> bool:
        """Whether it was admitted, be it over by now."""
        return self._answer is not None

    @property
    def is_over(self) -> bool:
        """Whether it was finished here, or its block was left."""
        return self._is_over

    @property
    def answer(self) -> RunAnswer:
        """As the operator told it last: at the start, or by a heartbeat."""
        if self._answer is None:
            raise RuntimeError("The run has not started. Enter its async with block, or await start().")
        return self._answer

    @property
    def id(self) -> str:
        return self.answer["id"]

    @property
    def user_id(self) -> str:
        return self.answer["user_id"]

    @property
    def blocked(self) -> str | None:
        """The code that its next step is refused with, as far as is known here; None if none is."""
        return self._stopped_by.code if self._stopped_by is not None else None

    def raise_if_blocked(self) -> None:
        """Raises the refusal that the next step would have, if the run was told to stop."""
        if self._stopped_by is not None:
            raise self._stopped_by.again()

    async def start(self) -> AsyncRun:
        """Asks, and begins to send heartbeats. Whoever calls this calls `finish`."""
        if self._answer is not None:
            raise RuntimeError("The run has started already. Make another one.")
        self._began = time.monotonic()
        answer = await self._workspace._ask(self._request, patience=self._patience, wait=self._wait)
        _protocol.member(answer, "id")
        self._answer = cast(RunAnswer, answer)
        self._heartbeat = asyncio.create_task(self._beat(), name=f"workspace-operator-{self.id}")
        return self

    async def finish(self, outcome: Outcome = "succeeded") -> RunAnswer:
        """Ends the run: its slot is free, and steps that are not settled are charged their reservation."""
        self._is_over = True
        for task in (self._heartbeat, self._telling):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
        return cast(RunAnswer, await self._workspace._close(_protocol.finish_run(self.id, outcome)))

    def step(
        self,
        *,
        max_cost: Amount | None = None,
        name: str | None = None,
        labels: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        patience: float | None = None,
        wait: bool = False,
    ) -> AsyncStep:
        """A step, which is asked for when its `async with` block is entered. See `Run.step`."""
        request = _protocol.admit_step(self.id, max_cost, name, labels, idempotency_key)
        return AsyncStep(self, request, self._patience if patience is None else patience, wait)

    async def open_step(
        self,
        *,
        max_cost: Amount | None = None,
        name: str | None = None,
        labels: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        patience: float | None = None,
        wait: bool = False,
    ) -> AsyncStep:
        """The same without a block: asks now. Whoever opens it settles it."""
        step = self.step(
            max_cost=max_cost,
            name=name,
            labels=labels,
            idempotency_key=idempotency_key,
            patience=patience,
            wait=wait,
        )
        return await step.open()

    async def __aenter__(self) -> AsyncRun:
        self._block = asyncio.current_task()
        self._cancelling = _cancellations(self._block)
        await self.start()
        self._token = _current.enter(self)
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        block, self._block = self._block, None
        if self._token is not None:
            _current.leave(self._token)
        is_cancelled = isinstance(error, asyncio.CancelledError)
        outcome = _protocol.outcome_of(error, self._stopped_by, is_cancelled=is_cancelled)
        late: asyncio.CancelledError | None = None
        try:
            await self.finish(outcome)
        except Refused as refused:
            # The lease ends it. What the block raised, or returned, is what counts.
            log.warning("Run %s was not finished as %s: %s", self.id, outcome, refused)
        except asyncio.CancelledError as cancelled:
            late = cancelled
        if self._is_cancelled_by_stop:
            # As asyncio.timeout does: only if nobody else cancelled it too, the refusal takes the place.
            others = _uncancel(block) - self._cancelling
            if (is_cancelled or late is not None) and others <= 0:
                self.raise_if_blocked()
        if late is not None:
            raise late

    def _stop(self, refused: Refused) -> None:
        if self._stopped_by is not None:
            return
        self._stopped_by = refused
        self.stopped.set()
        log.info("Run %s has to stop: %s", self.id, refused)

    def _tell_stop(self) -> None:
        """Once, and beside the heartbeat: `on_stop` may take its time."""
        if self._telling is None and self._stopped_by is not None:
            self._telling = asyncio.create_task(self._tell(self._stopped_by.again()))

    async def _tell(self, refused: Refused) -> None:
        if self._on_stop is not None:
            try:
                told = self._on_stop(refused)
                if inspect.isawaitable(told):
                    await told
            except Exception:
                log.exception("on_stop of run %s has failed.", self.id)
        if self._cancel_on_stop and self._block is not None:
            self._is_cancelled_by_stop = True
            self._block.cancel()

    async def _beat(self) -> None:
        beats = _protocol.Heartbeats(self._began, self._lease_seconds)
        while True:
            pause = beats.pause(time.monotonic())
            if self.stopped.is_set():
                self._tell_stop()
                # Its slot is kept until it is finished: what is under way may take a while to stop.
                await asyncio.sleep(pause)
            elif await _within(self.stopped, pause):
                continue
            now = time.monotonic()
            if beats.is_lost(now):
                self._stop(_protocol.lease_lost(beats.last))
                break
            blocked: str | None = None
            failed: Refused | None = None
            try:
                timeout = min(self._workspace.timeout, beats.timeout(now))
                answer = await self._workspace._send(_protocol.heartbeat(self.id), timeout)
                blocked = _protocol.blocked_of(answer)
            except Refused as refused:
                failed = refused
            except Exception as error:
                failed = Unavailable(f"The heartbeat has failed: {error!r}")
            if failed is not None:
                if _protocol.ends_heartbeats(failed):
                    self._stop(failed)
                    break
                log.info("A heartbeat of run %s did not get through: %s", self.id, failed)
                beats.failed(time.monotonic(), failed)
                continue
            beats.renewed(now)
            self._answer = cast(RunAnswer, answer)
            if blocked is not None and not self.stopped.is_set():
                self._stop(_protocol.blocked_by(blocked))
                self._tell_stop()
                await self._look_up_reason(blocked)
            if blocked in _protocol.ENDED:
                break
        self._tell_stop()

    async def _look_up_reason(self, blocked: str) -> None:
        """What a heartbeat does not tell. The run is stopped already; a credential may not be allowed to read it."""
        if blocked != "KILL_SWITCH_ACTIVE":
            return
        try:
            timeout = min(self._workspace.timeout, self._lease_seconds / 3)
            settings = await self._workspace._send(_protocol.get_settings(), timeout)
        except Refused as refused:
            log.debug("Why run %s has to stop cannot be looked up: %s", self.id, refused)
            return
        told = _protocol.blocked_with_latch(blocked, settings)
        if told is not None and _protocol.is_plainer(self._stopped_by, told):
            self._stopped_by = told


class AsyncStep:
    """One thing that costs money. See `Step`."""

    def __init__(self, run: AsyncRun, request: Request, patience: float | None, wait: bool) -> None:
        self.run = run
        self._request = request
        self._patience = patience
        self._wait = wait
        self._answer: StepAnswer | None = None
        self._cost: Decimal | None = None
        self._is_settled = False

    @property
    def answer(self) -> StepAnswer:
        if self._answer is None:
            raise RuntimeError("The step was not asked for. Enter its async with block, or await open().")
        return self._answer

    @property
    def id(self) -> str:
        return self.answer["id"]

    @property
    def reserved(self) -> Decimal:
        """US dollars."""
        return self.answer["reserved_usd"]

    @property
    def cost(self) -> Decimal | None:
        """US dollars, as settled; None before."""
        return self._cost if self._is_settled else None

    async def open(self) -> AsyncStep:
        """Asks. Raises `Refused`; then nothing is reserved."""
        if self._answer is not None:
            raise RuntimeError("The step was asked for already. Make another one.")
        try:
            answer = await self.run._workspace._ask(
                self._request, patience=self._patience, wait=self._wait, run=self.run
            )
        except Refused as refused:
            if refused.code in _protocol.STOPPING:
                self.run._stop(refused)
            raise
        _protocol.member(answer, "id")
        _protocol.member(answer, "reserved_usd")
        self._answer = cast(StepAnswer, answer)
        if self.run.stopped.is_set():
            # It was told to stop while this was asked. Nothing was sent yet, so nothing was spent.
            await self._settle_quietly(Decimal(0))
            self.run.raise_if_blocked()
        return self

    async def settle(self, cost: Amount) -> StepAnswer:
        """Tells what it cost, in US dollars. It happens also where the task is cancelled meanwhile."""
        self._cost = spent(cost)
        return await _despite_cancellation(self._settle())

    async def _settle(self) -> StepAnswer:
        assert self._cost is not None
        request = _protocol.settle_step(self.run.id, self.id, self._cost)
        self._answer = cast(StepAnswer, await self.run._workspace._close(request))
        self._is_settled = True
        return self._answer

    async def __aenter__(self) -> AsyncStep:
        return await self.open()

    async def __aexit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        if self._is_settled:
            return
        if self._cost is None:
            log.info("Step %s is left without a settle: its reservation stays charged.", self.id)
        elif not isinstance(error, Exception):
            # It was cancelled while it was settled. The same cost again changes nothing.
            await self._settle_quietly(self._cost)

    async def _settle_quietly(self, cost: Decimal) -> None:
        try:
            await self.settle(cost)
        except Refused as refused:
            log.warning("Step %s was not settled with %s: %s", self.id, cost, refused)


class AsyncCall:
    """A run of one step under one id. See `Call`."""

    def __init__(self, workspace: AsyncWorkspace, request: Request, patience: float | None, wait: bool) -> None:
        self._workspace = workspace
        self._request = request
        self._patience = patience
        self._wait = wait
        self._answer: CallAnswer | None = None
        self._cost: Decimal | None = None
        self._is_settled = False

    @property
    def answer(self) -> CallAnswer:
        if self._answer is None:
            raise RuntimeError("The call was not asked for. Enter its async with block, or use open_call().")
        return self._answer

    @property
    def id(self) -> str:
        return self.answer["id"]

    @property
    def user_id(self) -> str:
        return self.answer["user_id"]

    @property
    def reserved(self) -> Decimal:
        """US dollars."""
        return self.answer["reserved_usd"]

    @property
    def cost(self) -> Decimal | None:
        """US dollars, as settled; None before."""
        return self._cost if self._is_settled else None

    async def open(self) -> AsyncCall:
        """Asks. Raises `Refused`; then nothing is reserved and no slot is held."""
        if self._answer is not None:
            raise RuntimeError("The call was asked for already. Make another one.")
        answer = await self._workspace._ask(self._request, patience=self._patience, wait=self._wait)
        _protocol.member(answer, "id")
        _protocol.member(answer, "reserved_usd")
        self._answer = cast(CallAnswer, answer)
        return self

    async def settle(self, cost: Amount, outcome: Outcome = "succeeded") -> CallAnswer:
        """Tells what it cost, in US dollars. It happens also where the task is cancelled meanwhile."""
        self._cost = spent(cost)
        return await _despite_cancellation(self._settle(self._cost, outcome))

    async def _settle(self, cost: Decimal, outcome: Outcome) -> CallAnswer:
        self._answer = await self._workspace.settle_call(self.id, cost, outcome)
        self._is_settled = True
        return self._answer

    async def __aenter__(self) -> AsyncCall:
        return await self.open()

    async def __aexit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        if self._is_settled:
            return
        # The slot is to be free at once. What it cost is not known, so it is the most that it may have.
        cost = self.reserved if self._cost is None else self._cost
        is_cancelled = isinstance(error, asyncio.CancelledError)
        outcome = _protocol.outcome_of(error, None, is_cancelled=is_cancelled)
        try:
            await self.settle(cost, outcome)
        except Refused as refused:
            log.warning("Call %s was not settled with %s: %s", self.id, cost, refused)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event is set within that time."""
    try:
        await _in_time(event.wait(), seconds)
    except asyncio.TimeoutError:
        return event.is_set()
    return True


async def _in_time(work: Coroutine[Any, Any, _T], seconds: float) -> _T:
    """Raises asyncio.TimeoutError."""
    if sys.version_info >= (3, 11):
        # wait_for may lose a cancellation there, before 3.12.
        async with asyncio.timeout(seconds):
            return await work
    return await asyncio.wait_for(work, seconds)


async def _despite_cancellation(work: Coroutine[Any, Any, _T]) -> _T:
    """Does the work to its end; a cancellation that came meanwhile is raised after."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
        except Exception:
            # Raised below, once it is known whether there was a cancellation too.
            break
    if cancelled is None:
        return await task
    failed = task.exception()
    if failed is not None:
        log.warning("What was to be told before the cancellation was not: %s", failed)
    raise cancelled


def _cancellations(task: asyncio.Task[Any] | None) -> int:
    cancelling = getattr(task, "cancelling", None)  # Since Python 3.11.
    return int(cancelling()) if cancelling is not None else 0


def _uncancel(task: asyncio.Task[Any] | None) -> int:
    uncancel = getattr(task, "uncancel", None)  # Since Python 3.11.
    return int(uncancel()) if uncancel is not None else 0
