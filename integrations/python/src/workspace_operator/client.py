"""The sync client. `Workspace` is safe to share among threads; so are its runs.

Start with `Workspace.run`, then `Run.step` and `Step.settle`. `aio.py` is the same for asyncio.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextvars import Token
from decimal import Decimal
from types import TracebackType
from typing import Any, cast

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
from .errors import Refused, Unauthorized, Unavailable
from .money import Amount, spent

log = logging.getLogger("workspace_operator")

PATIENCE = 60.0
CLOSING_PATIENCE = 10.0
TIMEOUT = 15.0
LEASE_SECONDS = 60


class Workspace:
    """A workspace, as one credential sees it.

    `url` and `credential` (an API key or token, or a callable that gives one before each request) are by default
    those of WORKSPACE_API_URL, and of WORKSPACE_API_KEY_FILE (read before each request) or WORKSPACE_API_KEY.

    `patience` is how many seconds a request is repeated for, where repeating can help: no connection, no answer,
    429, 502, 503, 504. `closing_patience` is the same for settling and finishing. `timeout` is how many seconds one
    attempt may wait for the next part of its answer. `http` is an `httpx.Client` of your own, for a proxy or an
    authority of yours; it is not closed here.

    Raises ValueError where url or credential are missing or cannot be right. Every method raises `Refused`.
    """

    def __init__(
        self,
        url: str | None = None,
        credential: Credential | None = None,
        *,
        patience: float = PATIENCE,
        closing_patience: float = CLOSING_PATIENCE,
        timeout: float = TIMEOUT,
        http: httpx.Client | None = None,
    ) -> None:
        self.url = checked(url_of(url))
        self.patience = patience
        self.closing_patience = closing_patience
        self.timeout = timeout
        self._credential = credential_of(credential)
        self._owns_http = http is None
        self._http = http if http is not None else httpx.Client(limits=limits())

    def run(
        self,
        user_id: str,
        *,
        lease_seconds: int = LEASE_SECONDS,
        max_cost: Amount | None = None,
        labels: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        on_stop: Callable[[Refused], object] | None = None,
        patience: float | None = None,
        wait: bool = False,
    ) -> Run:
        """A run, which starts when its `with` block is entered, and is finished when that is left.

        `max_cost` caps all its steps. `lease_seconds` (5 to 3600) is how long its slot is held without a heartbeat.
        `on_stop` is called once when the run has to stop, in the thread that hears of it: mostly the heartbeat's.
        `wait` asks again also after a 402 or 409 that says when.
        """
        request = _protocol.start_run(user_id, lease_seconds, max_cost, labels, idempotency_key)
        return Run(self, request, lease_seconds, on_stop, patience, wait)

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
    ) -> Call:
        """A run of one step, which is asked for when its `with` block is entered.

        It has no heartbeat: `lease_seconds` (300 if not given) is how long it may take. Left without a settle, it is
        settled with its whole reservation, so that its slot is free.
        """
        request = _protocol.admit_call(user_id, max_cost, lease_seconds, name, labels, idempotency_key)
        return Call(self, request, patience, wait)

    def open_call(
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
    ) -> Call:
        """The same without a `with` block: asks now. Whoever opens it settles it."""
        return self.call(
            user_id,
            max_cost=max_cost,
            lease_seconds=lease_seconds,
            name=name,
            labels=labels,
            idempotency_key=idempotency_key,
            patience=patience,
            wait=wait,
        ).open()

    def settle_call(self, call_id: str, cost: Amount, outcome: Outcome = "succeeded") -> CallAnswer:
        """Tells what a call cost, by its id, as of another process. The same cost again changes nothing."""
        return cast(CallAnswer, self._close(_protocol.settle_call(call_id, cost, outcome)))

    def get_run(self, run_id: str) -> RunAnswer:
        """A run or a call as it is now."""
        return cast(RunAnswer, self._ask(_protocol.get_run(run_id)))

    def list_runs(
        self,
        *,
        status: RunStatus | None = None,
        user_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> RunPage:
        """A part of the runs, newest first; `cursor` is the `next_cursor` of the part before."""
        return cast(RunPage, self._ask(_protocol.list_runs(status, user_id, limit, cursor)))

    def cancel_run(self, run_id: str, reason: str) -> RunAnswer:
        """Stops one run. Its next step is refused."""
        return cast(RunAnswer, self._ask(_protocol.cancel_run(run_id, reason)))

    def usage(self, *, day: str | None = None, limit: int | None = None, cursor: str | None = None) -> UsageAnswer:
        """What a UTC day (2026-11-24; today if not given) cost, and each of its users."""
        return cast(UsageAnswer, self._ask(_protocol.get_usage(day, limit, cursor)))

    def get(self) -> WorkspaceAnswer:
        """What is in force."""
        return cast(WorkspaceAnswer, self._ask(_protocol.get_workspace()))

    def settings(self) -> SettingsAnswer:
        """Each setting with the layer that it comes from, and who holds the kill switch, why."""
        return cast(SettingsAnswer, self._ask(_protocol.get_settings()))

    def kill_switch(self, active: bool, reason: str | None = None) -> WorkspaceAnswer:
        """Stops everything, or lets it go on. Once this returns from True, nothing more is admitted."""
        return cast(WorkspaceAnswer, self._ask(_protocol.kill_switch(active, reason)))

    def close(self) -> None:
        """Closes its connections. It ends no run."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(
        self,
        request: Request,
        *,
        patience: float | None = None,
        wait: bool = False,
        run: Run | None = None,
    ) -> dict[str, Any]:
        retries = Retries(time.monotonic(), self.patience if patience is None else patience, wait=wait)
        while True:
            if run is not None:
                run.raise_if_blocked()
            try:
                return self._send(request, self.timeout)
            except Refused as refused:
                pause = retries.pause_after(refused, time.monotonic())
                log.info("%s %s is asked again in %.1f s: %s", request.method, request.path, pause, refused)
            if run is None:
                time.sleep(pause)
            else:
                run.stopped.wait(pause)

    def _close(self, request: Request) -> dict[str, Any]:
        # Nothing stops these: they tell what has happened already.
        return self._ask(request, patience=self.closing_patience)

    def _send(self, request: Request, timeout: float) -> dict[str, Any]:
        """One attempt."""
        try:
            credential = self._credential()
        except Refused:
            raise
        except Exception as error:
            raise Unauthorized(f"The credential cannot be had: {error}") from error
        headers = request.headers(credential, user_agent())
        give_up_at = time.monotonic() + timeout
        try:
            with self._http.stream(
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
                for part in response.iter_bytes():
                    content += part
                    if len(content) > _protocol.LARGEST_ANSWER:
                        raise _protocol.too_large(response.status_code)
                    if time.monotonic() > give_up_at:
                        raise httpx.ReadTimeout(f"the answer was not whole after {timeout:g} s")
                return _protocol.judge(response.status_code, answer_headers(response), bytes(content))
        except httpx.DecodingError as error:
            raise _protocol.not_readable(error) from error
        except httpx.TransportError as error:
            if is_wrong_certificate(error):
                raise Unavailable(f"{self.url} is not trusted: {error}") from error
            raise _protocol.no_answer(self.url, error) from error


class Run:
    """A run: asks before each step, and hears by its heartbeat when it has to stop.

    `stopped` is set once it has to. `raise_if_blocked` then raises why, as the next `step` does.
    """

    def __init__(
        self,
        workspace: Workspace,
        request: Request,
        lease_seconds: int,
        on_stop: Callable[[Refused], object] | None,
        patience: float | None,
        wait: bool,
    ) -> None:
        self.stopped = threading.Event()
        self._workspace = workspace
        self._request = request
        self._lease_seconds = lease_seconds
        self._on_stop = on_stop
        self._patience = patience
        self._wait = wait
        self._answer: RunAnswer | None = None
        self._stopped_by: Refused | None = None
        self._stop_lock = threading.Lock()
        self._over = threading.Event()
        self._heartbeat: threading.Thread | None = None
        self._began = 0.0
        self._token: Token[Any] | None = None

    @property
    def is_started(self) -> bool:
        """Whether it was admitted, be it over by now."""
        return self._answer is not None

    @property
    def is_over(self) -> bool:
        """Whether it was finished here, or its block was left."""
        return self._over.is_set()

    @property
    def answer(self) -> RunAnswer:
        """As the operator told it last: at the start, or by a heartbeat."""
        if self._answer is None:
            raise RuntimeError("The run has not started. Enter its with block, or call start().")
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

    def start(self) -> Run:
        """Asks, and begins to send heartbeats. Whoever calls this calls `finish`."""
        if self._answer is not None:
            raise RuntimeError("The run has started already. Make another one.")
        self._began = time.monotonic()
        answer = self._workspace._ask(self._request, patience=self._patience, wait=self._wait)
        _protocol.member(answer, "id")
        self._answer = cast(RunAnswer, answer)
        self._heartbeat = threading.Thread(target=self._beat, name=f"workspace-operator-{self.id}", daemon=True)
        self._heartbeat.start()
        return self

    def finish(self, outcome: Outcome = "succeeded") -> RunAnswer:
        """Ends the run: its slot is free, and steps that are not settled are charged their reservation."""
        self._end_heartbeat()
        return cast(RunAnswer, self._workspace._close(_protocol.finish_run(self.id, outcome)))

    def step(
        self,
        *,
        max_cost: Amount | None = None,
        name: str | None = None,
        labels: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        patience: float | None = None,
        wait: bool = False,
    ) -> Step:
        """A step, which is asked for when its `with` block is entered; the block is not run if it is refused.

        `max_cost` is the most that it can cost; without one the operator reserves what it was given as its default.
        """
        request = _protocol.admit_step(self.id, max_cost, name, labels, idempotency_key)
        return Step(self, request, self._patience if patience is None else patience, wait)

    def open_step(
        self,
        *,
        max_cost: Amount | None = None,
        name: str | None = None,
        labels: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        patience: float | None = None,
        wait: bool = False,
    ) -> Step:
        """The same without a `with` block: asks now. Whoever opens it settles it."""
        return self.step(
            max_cost=max_cost,
            name=name,
            labels=labels,
            idempotency_key=idempotency_key,
            patience=patience,
            wait=wait,
        ).open()

    def __enter__(self) -> Run:
        self.start()
        self._token = _current.enter(self)
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if self._token is not None:
            _current.leave(self._token)
        outcome = _protocol.outcome_of(error, self._stopped_by, is_cancelled=False)
        try:
            self.finish(outcome)
        except Refused as refused:
            # The lease ends it. What the block raised, or returned, is what counts.
            log.warning("Run %s was not finished as %s: %s", self.id, outcome, refused)

    def _stop(self, refused: Refused) -> None:
        with self._stop_lock:
            if self._stopped_by is not None:
                return
            self._stopped_by = refused
        self.stopped.set()
        log.info("Run %s has to stop: %s", self.id, refused)
        if self._on_stop is not None:
            try:
                self._on_stop(refused.again())
            except Exception:
                log.exception("on_stop of run %s has failed.", self.id)

    def _end_heartbeat(self) -> None:
        self._over.set()
        beat = self._heartbeat
        if beat is not None and beat is not threading.current_thread():
            # One that is on its way does no harm, and is not waited for long.
            beat.join(timeout=0.5)

    def _beat(self) -> None:
        beats = _protocol.Heartbeats(self._began, self._lease_seconds)
        while not self._over.wait(beats.pause(time.monotonic())):
            now = time.monotonic()
            if beats.is_lost(now):
                self._stop(_protocol.lease_lost(beats.last))
                return
            blocked: str | None = None
            failed: Refused | None = None
            try:
                timeout = min(self._workspace.timeout, beats.timeout(now))
                answer = self._workspace._send(_protocol.heartbeat(self.id), timeout)
                blocked = _protocol.blocked_of(answer)
            except Refused as refused:
                failed = refused
            except Exception as error:
                failed = Unavailable(f"The heartbeat has failed: {error!r}")
            if self._over.is_set():
                # Finished, or closed, meanwhile: it tells nothing any more.
                return
            if failed is not None:
                if _protocol.ends_heartbeats(failed):
                    self._stop(failed)
                    return
                log.info("A heartbeat of run %s did not get through: %s", self.id, failed)
                beats.failed(time.monotonic(), failed)
                continue
            beats.renewed(now)
            self._answer = cast(RunAnswer, answer)
            if blocked is not None and not self.stopped.is_set():
                self._stop(_protocol.blocked_by(blocked))
                self._look_up_reason(blocked)
            if blocked in _protocol.ENDED:
                return
            # Else its slot is kept until it is finished: what is under way may take a while to stop.

    def _look_up_reason(self, blocked: str) -> None:
        """What a heartbeat does not tell. The run is stopped already; a credential may not be allowed to read it."""
        if blocked != "KILL_SWITCH_ACTIVE":
            return
        try:
            timeout = min(self._workspace.timeout, self._lease_seconds / 3)
            settings = self._workspace._send(_protocol.get_settings(), timeout)
        except Refused as refused:
            log.debug("Why run %s has to stop cannot be looked up: %s", self.id, refused)
            return
        told = _protocol.blocked_with_latch(blocked, settings)
        with self._stop_lock:
            if told is not None and _protocol.is_plainer(self._stopped_by, told):
                self._stopped_by = told


class Step:
    """One thing that costs money. `reserved` is the most that it may; what it did, `settle` tells.

    A step that is left without a settle keeps its reservation, which is charged in full when its run ends; `settle`
    corrects that for 7 days. Where nothing was spent, say `settle(0)`: that is never assumed.
    """

    def __init__(self, run: Run, request: Request, patience: float | None, wait: bool) -> None:
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
            raise RuntimeError("The step was not asked for. Enter its with block, or call open().")
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

    def open(self) -> Step:
        """Asks. Raises `Refused`; then nothing is reserved."""
        if self._answer is not None:
            raise RuntimeError("The step was asked for already. Make another one.")
        try:
            answer = self.run._workspace._ask(self._request, patience=self._patience, wait=self._wait, run=self.run)
        except Refused as refused:
            if refused.code in _protocol.STOPPING:
                self.run._stop(refused)
            raise
        _protocol.member(answer, "id")
        _protocol.member(answer, "reserved_usd")
        self._answer = cast(StepAnswer, answer)
        if self.run.stopped.is_set():
            # It was told to stop while this was asked. Nothing was sent yet, so nothing was spent.
            self._settle_quietly(Decimal(0))
            self.run.raise_if_blocked()
        return self

    def settle(self, cost: Amount) -> StepAnswer:
        """Tells what it cost, in US dollars, also above what is reserved; the rest is given back.

        It is taken while the kill switch is on, and after the run has ended. Raises `CostFinal` if another cost was
        told before.
        """
        self._cost = spent(cost)
        request = _protocol.settle_step(self.run.id, self.id, self._cost)
        answer = self.run._workspace._close(request)
        self._is_settled = True
        self._answer = cast(StepAnswer, answer)
        return self._answer

    def __enter__(self) -> Step:
        return self.open()

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if self._is_settled:
            return
        if self._cost is None:
            log.info("Step %s is left without a settle: its reservation stays charged.", self.id)
        elif not isinstance(error, Exception):
            # Ctrl-C came while it was settled. The same cost again changes nothing.
            self._settle_quietly(self._cost)

    def _settle_quietly(self, cost: Decimal) -> None:
        try:
            self.settle(cost)
        except Refused as refused:
            log.warning("Step %s was not settled with %s: %s", self.id, cost, refused)


class Call:
    """A run of one step under one id. `settle` tells its cost and ends it."""

    def __init__(self, workspace: Workspace, request: Request, patience: float | None, wait: bool) -> None:
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
            raise RuntimeError("The call was not asked for. Enter its with block, or use open_call().")
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

    def open(self) -> Call:
        """Asks. Raises `Refused`; then nothing is reserved and no slot is held."""
        if self._answer is not None:
            raise RuntimeError("The call was asked for already. Make another one.")
        answer = self._workspace._ask(self._request, patience=self._patience, wait=self._wait)
        _protocol.member(answer, "id")
        _protocol.member(answer, "reserved_usd")
        self._answer = cast(CallAnswer, answer)
        return self

    def settle(self, cost: Amount, outcome: Outcome = "succeeded") -> CallAnswer:
        """Tells what it cost, in US dollars, also above what is reserved, and frees its slot."""
        self._cost = spent(cost)
        self._answer = self._workspace.settle_call(self.id, self._cost, outcome)
        self._is_settled = True
        return self._answer

    def __enter__(self) -> Call:
        return self.open()

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if self._is_settled:
            return
        # The slot is to be free at once. What it cost is not known, so it is the most that it may have.
        cost = self.reserved if self._cost is None else self._cost
        outcome = _protocol.outcome_of(error, None, is_cancelled=False)
        try:
            self.settle(cost, outcome)
        except Refused as refused:
            log.warning("Call %s was not settled with %s: %s", self.id, cost, refused)
