"""LiteLLM's hooks: ask before a request is sent anywhere, and tell afterwards what it cost."""

from __future__ import annotations

import asyncio
import logging
import os
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import litellm
from litellm.integrations.custom_logger import CustomLogger

from . import models, prices, refusal
from .money import MOST_USD, NotAnAmount, charge, exact, reservation
from .open_calls import OpenCall, Receipt, signed
from .outcomes import cost_nothing
from .refusal import Refused
from .rest import Admitted, RestWorkspaces, Unreachable, Unsure, Workspaces
from .settings import METADATA_KEY_ENV, BadSettings, Settings

if TYPE_CHECKING:
    from litellm.proxy._types import UserAPIKeyAuth

log = logging.getLogger("workspace_operator_litellm")

# Where the receipt travels in a request's metadata.
RECEIPT = "workspace_operator_receipt"

# The header by which a client names a run of its own; LiteLLM gives header names in lower case.
RUN_HEADER = "x-workspace-run"

# The body of a request whose tokens are counted at once.
_SMALL_BYTES = 32 * 1024

# How long after a request's end callbacks are waited for before its call is forgotten here: the receipt still settles it.
_LATE_CALLBACK_SECONDS = 60.0

# How long after a stream's end with an error its callback is waited for.
_SILENT_STREAM_SECONDS = 5.0


class _PROXY_WorkspaceGate(CustomLogger):  # noqa: N801
    """The callback that gates a proxy.

    Its name: LiteLLM calls no other class for a request that says ``"no-log": true``, which any client may say.
    """

    def __init__(self, workspaces: Workspaces | None = None, settings: Settings | None = None) -> None:
        """Args:
        workspaces: how the operator is asked; by HTTP if not given.
        settings: read from the environment and ``config.yaml`` at the first request if not given, since LiteLLM loads
            callbacks before it has read all of its configuration.
        """
        super().__init__()
        self._settings = settings
        self._workspaces = workspaces
        self._open: dict[str, OpenCall] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # ----- before a request is sent -----

    async def async_pre_call_hook(
        self, user_api_key_dict: UserAPIKeyAuth, cache: Any, data: dict[str, Any], call_type: str
    ) -> dict[str, Any] | None:
        """Admits the request, or raises :class:`Refused`: then LiteLLM sends nothing.

        Called by LiteLLM once for a request, before its first attempt.
        """
        forget_receipts(data)
        settings = self._read_settings()
        if models.costs_nothing(call_type) or call_type in settings.ungated_call_types:
            return None
        key_env, key = _workspace_key(settings, user_api_key_dict)
        try:
            if _is_large(data):
                # Counting its tokens takes a while, in which the other requests are not to wait.
                max_cost, known = await asyncio.to_thread(self._highest_cost, settings, data, call_type)
            else:
                max_cost, known = self._highest_cost(settings, data, call_type)
        except prices.BadRequest as error:
            raise Refused(400, refusal.INVALID_REQUEST, f"{error}.") from None
        run_id = _run_of(data)
        model = data.get("model")
        name = printable(f"litellm {model}" if isinstance(model, str) else f"litellm {call_type}", 200)
        labels = _labels(data)
        idempotency_key = str(uuid.uuid4())
        user_id = _user_of(settings, user_api_key_dict, data)
        workspaces = self._operator(settings)

        async def ask() -> Admitted:
            if run_id is not None:
                return await workspaces.open_step(
                    key, run_id, max_cost=max_cost, name=name, labels=labels, idempotency_key=idempotency_key
                )
            return await workspaces.open_call(
                key,
                user_id=user_id,
                max_cost=max_cost,
                lease_seconds=settings.lease_seconds,
                name=name,
                labels=labels,
                idempotency_key=idempotency_key,
            )

        admitted = await self._admit(ask, key, settings)
        call = OpenCall(admitted, key, charge_reserved=not known or data.get("background") is True)
        self._open[admitted.call_id] = call
        put_receipt(data, Receipt(admitted, key_env).text(key))
        self._watch(call, settings)
        return data

    async def _admit(self, ask: Callable[[], Coroutine[None, None, Admitted]], key: str, settings: Settings) -> Admitted:
        asked = asyncio.ensure_future(ask())
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            # The client is gone, and what it asked for may be admitted yet.
            self._later(self._give_back(ask, key, settings, asked))
            raise
        except Unsure as unsure:
            self._later(self._give_back(ask, key, settings, None))
            raise unsure.refusal from None
        except Unreachable as error:
            log.warning("Refused, as the operator does not answer: %s", error)
            self._later(self._give_back(ask, key, settings, None))
            raise Refused(
                503, refusal.GATE_UNREACHABLE, "Workspace Operator does not answer, so nothing is sent to a model.", "1"
            ) from None
        except Refused as refused:
            if refused.reason_code in _OF_THE_PROXY:
                log.error("The operator does not take the workspace's API key: %s", refused.message)
                raise Refused(
                    503,
                    refusal.GATE_MISCONFIGURED,
                    f"Workspace Operator does not take the API key that this proxy has for the workspace ({refused.message})",
                ) from None
            raise

    async def _give_back(
        self,
        ask: Callable[[], Coroutine[None, None, Admitted]],
        key: str,
        settings: Settings,
        asked: asyncio.Future[Admitted] | None,
    ) -> None:
        """Settles with 0 what was admitted though nobody waits for it any more; nothing of it was sent."""
        try:
            admitted = await (asked if asked is not None else _patiently(ask, settings.settle_seconds))
        except (Refused, Unreachable):
            return  # Nothing was admitted, or its lease ends by itself.
        await self._settle(admitted, key, Decimal(0), "cancelled")

    # ----- while it is under way -----

    def _watch(self, call: OpenCall, settings: Settings) -> None:
        """Checks as long as the request is under way; its task ends when its client is gone, too."""
        task = asyncio.current_task()
        if task is not None:
            loop = asyncio.get_running_loop()
            call.check = loop.call_later(settings.check_seconds, self._check, call, settings)
            task.add_done_callback(lambda _: self._request_over(call))

    def _check(self, call: OpenCall, settings: Settings) -> None:
        self._later(self._look(call, settings))
        call.check = asyncio.get_running_loop().call_later(settings.check_seconds, self._check, call, settings)

    async def _look(self, call: OpenCall, settings: Settings) -> None:
        try:
            call.blocked = await self._operator(settings).blocked(call.key, call.admitted) or call.blocked
        except (Refused, Unreachable) as error:
            # What is under way was admitted; it ends, and the next request is refused while this lasts.
            log.warning("Call %s: no heartbeat got through: %s", call.admitted.call_id, error)

    def _request_over(self, call: OpenCall) -> None:
        call.stop_checks()
        asyncio.get_running_loop().call_later(_LATE_CALLBACK_SECONDS, self._forget, call)

    def _forget(self, call: OpenCall) -> None:
        if self._open.pop(call.admitted.call_id, None) is not None:
            log.warning(
                "Call %s: no callback told its cost. It is charged its reservation of %s US dollars when its lease ends, "
                "unless one comes yet.",
                call.admitted.call_id,
                call.admitted.reserved_usd,
            )

    async def async_pre_call_deployment_hook(self, kwargs: dict[str, Any], call_type: Any) -> dict[str, Any] | None:
        """Notes that an attempt begins."""
        call = self._open_call(kwargs)
        if call is not None:
            call.started += 1
        return None

    async def async_post_call_success_deployment_hook(self, request_data: dict[str, Any], response: Any, call_type: Any) -> Any:
        """Notes that an attempt was answered."""
        call = self._open_call(request_data)
        if call is not None:
            call.answered = True
        return None

    async def async_post_call_failure_deployment_hook(
        self, request_data: Mapping[str, Any], exception: Exception, call_type: Any, fallback_depth: int | None = None
    ) -> None:
        """Notes that an attempt failed, and whether it may have cost something; LiteLLM may make another."""
        call = self._open_call(request_data)
        if call is None:
            return
        call.failed += 1
        if not cost_nothing(exception, chunks=False):
            call.unknown += 1
        self._settle_failure(call)

    async def async_post_call_streaming_iterator_hook(
        self, user_api_key_dict: UserAPIKeyAuth, response: Any, request_data: dict[str, Any]
    ) -> AsyncGenerator[Any, None]:
        """Passes a stream on, and ends it with an error once a check has told that it must stop."""
        call = self._open_call(request_data)
        if call is not None:
            call.answered = call.streams = True
        stop = call is not None and self._read_settings().stop_streams
        async for chunk in response:
            if stop and call is not None and call.blocked in _STOPS:
                await _close(response)
                raise Refused(403, str(call.blocked), "The workspace was stopped while this answer was under way.")
            yield chunk

    # ----- afterwards -----

    async def async_log_success_event(self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any) -> None:
        """Settles what the answer cost."""
        found = self._find(kwargs)
        if found is None:
            return
        admitted, key, call = found
        answer = _response_cost(kwargs)
        if answer is None:
            log.warning(
                "Call %s: LiteLLM does not know what it cost; charged its reservation of %s US dollars.",
                admitted.call_id,
                admitted.reserved_usd,
            )
            answer = admitted.reserved_usd
        cost = call.cost(answer) if call is not None else answer
        # LiteLLM waits for its callbacks when it stops, so this waits too; and it ends callbacks that take long.
        await asyncio.shield(self._settle(admitted, key, cost, "succeeded"))

    async def async_log_failure_event(self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any) -> None:
        """Notes what a stream cost that broke off; all other failures are told by the deployment hook."""
        call = self._open_call(kwargs)
        if call is None or not call.streams:
            return
        stream = str((kwargs.get("litellm_call_id"), kwargs.get("model"), start_time))
        if stream in call.told:
            return
        call.told.add(stream)
        known = _response_cost(kwargs)
        if known:
            call.spent += known
        else:
            call.unknown += 1
        self._settle_failure(call)

    async def async_post_call_failure_hook(
        self,
        request_data: dict[str, Any],
        original_exception: Exception,
        user_api_key_dict: UserAPIKeyAuth,
        traceback_str: str | None = None,
    ) -> None:
        """Settles a request that failed, once each of its attempts has told what it cost."""
        call = self._open_call(request_data)
        if call is None:
            return
        call.failure = True
        self._settle_failure(call)
        if call.streams and not call.told:
            self._later(self._settle_silent_stream(call))

    def _settle_failure(self, call: OpenCall) -> None:
        # The caller's error does not wait for it.
        if call.failure and call.all_told() and call.admitted.call_id in self._open:
            self._settle(call.admitted, call.key, call.cost(Decimal(0)), "failed")

    async def _settle_silent_stream(self, call: OpenCall) -> None:
        """Of a stream that ended with an error, LiteLLM does not always tell anything."""
        await asyncio.sleep(_SILENT_STREAM_SECONDS)
        if call.admitted.call_id in self._open and not call.told:
            call.unknown += 1
            await self._settle(call.admitted, call.key, call.cost(Decimal(0)), "failed")

    def _settle(self, admitted: Admitted, key: str, cost: Decimal, outcome: str) -> asyncio.Task[None]:
        """Charges the cost. The task ends with the operator's first answer; what cannot be told then is told again later."""
        call = self._open.pop(admitted.call_id, None)
        if call is not None:
            call.stop_checks()
        settings = self._read_settings()
        amount = min(charge(cost), MOST_USD)

        async def tell() -> None:
            await self._operator(settings).settle(key, admitted, amount, outcome)

        async def try_now() -> None:
            try:
                await tell()
            except Refused as refused:
                if refused.status_code not in _ASK_AGAIN:
                    return _settle_refused(admitted, amount, refused)
                self._later(self._settle_later(tell, admitted, amount, settings))
            except Unreachable as error:
                log.warning(
                    "Call %s: not settled yet, tried again for %g s: %s", admitted.call_id, settings.settle_seconds, error
                )
                self._later(self._settle_later(tell, admitted, amount, settings))

        return self._later(try_now())

    async def _settle_later(
        self, tell: Callable[[], Coroutine[None, None, None]], admitted: Admitted, amount: Decimal, settings: Settings
    ) -> None:
        try:
            await _patiently(tell, settings.settle_seconds)
        except Refused as refused:
            _settle_refused(admitted, amount, refused)
        except Unreachable as error:
            log.error(
                "Call %s: its cost of %s US dollars could not be told; at its lease's end its reservation of %s is charged: %s",
                admitted.call_id,
                amount,
                admitted.reserved_usd,
                error,
            )

    # ----- what the hooks share -----

    def _highest_cost(self, settings: Settings, data: Mapping[str, Any], call_type: str) -> tuple[Decimal, bool]:
        """What is reserved, and whether it is known what the request may cost."""
        try:
            cost = reservation(models.highest_cost(data, call_type))
        except prices.Unbounded as error:
            if settings.unpriced == "refuse":
                raise Refused(
                    403, refusal.MODEL_WITHOUT_PRICE, f"What this request may cost at most cannot be told, as {error}."
                ) from None
            return settings.default_reservation_usd, False
        if cost > MOST_USD:
            raise prices.BadRequest(f"it may cost {cost} US dollars, and a request may cost at most {MOST_USD}")
        return cost, True

    def _read_settings(self) -> Settings:
        if self._settings is None:
            configured = getattr(litellm, "callback_settings", None) or {}
            try:
                self._settings = Settings.read(os.environ, configured.get("workspace_operator"))
            except BadSettings as error:
                log.error("Every request is refused: %s", error)
                raise Refused(503, refusal.GATE_MISCONFIGURED, str(error)) from None
        return self._settings

    def _operator(self, settings: Settings) -> Workspaces:
        if self._workspaces is None:
            self._workspaces = RestWorkspaces(
                settings.api_url, timeout_seconds=settings.timeout_seconds, attempts=settings.attempts
            )
        return self._workspaces

    def _open_call(self, data: Mapping[str, Any]) -> OpenCall | None:
        found = self._find(data)
        return found[2] if found is not None else None

    def _find(self, data: Mapping[str, Any]) -> tuple[Admitted, str, OpenCall | None] | None:
        """The call of a request, by the receipt in its metadata: of this process, or only what the receipt tells."""
        for text in receipts(data):
            parsed = Receipt.parse(text)
            if parsed is None:
                continue
            receipt, fields, signature = parsed
            call = self._open.get(receipt.admitted.call_id)
            if call is not None:
                key = call.key
            else:
                settings = self._read_settings()
                # Of a receipt that may be forged, no other variable is looked at than those that hold workspaces' keys.
                named = None if receipt.key_env == settings.api_key_env else receipt.key_env
                try:
                    key = settings.key(named)
                except BadSettings:
                    continue
            if signed(fields, signature, key):
                return receipt.admitted, key, call
            log.warning("A receipt in a request's metadata has a wrong signature, and is not looked at.")
        return None

    def _later(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


# Told of a run or call by its heartbeat: what these say ends what is under way. A budget that is used up does not.
_STOPS = frozenset({"KILL_SWITCH_ACTIVE", "WORKSPACE_ARCHIVED", "RUN_CANCELLED"})

# Waiting mends these.
_ASK_AGAIN = frozenset({429, 503})

# Of the workspace's key, which is the proxy's, not the caller's: the caller can do nothing about it.
_OF_THE_PROXY = frozenset({"UNAUTHENTICATED", "INSUFFICIENT_SCOPE", "NO_WORKSPACE", "WORKSPACE_REQUIRED"})


def _workspace_key(settings: Settings, caller: UserAPIKeyAuth) -> tuple[str, str]:
    """The variable that holds the workspace's key, and the key: the LiteLLM key's own, else its team's, else the proxy's.

    Only what an administrator wrote into the key or the team counts, never what the request says.
    """
    named = (caller.metadata or {}).get(METADATA_KEY_ENV)
    if named is None:
        named = (caller.team_metadata or {}).get(METADATA_KEY_ENV)
    try:
        key = settings.key(named)
    except BadSettings as error:
        log.error("Refused: %s", error)
        raise Refused(503, refusal.GATE_MISCONFIGURED, str(error)) from None
    return (settings.api_key_env if named is None else str(named)), key


def _user_of(settings: Settings, caller: UserAPIKeyAuth, data: Mapping[str, Any]) -> str:
    """For whom it is: the LiteLLM user, else the body's where that is trusted, else the LiteLLM key's name."""
    user = caller.user_id
    if user and user != litellm_admin():
        return str(user)
    if settings.trust_body_user:
        for said in (caller.end_user_id, data.get("user")):
            if isinstance(said, str) and said:
                return said
    return str(caller.key_alias or caller.team_alias or "litellm")


def litellm_admin() -> str:
    """The user that LiteLLM takes for whoever has the master key: nobody in particular."""
    return "default_user_id"


def _run_of(data: Mapping[str, Any]) -> str | None:
    request = data.get("proxy_server_request")
    headers = request.get("headers") if isinstance(request, Mapping) else None
    named = headers.get(RUN_HEADER) if isinstance(headers, Mapping) else None
    if named is None:
        return None
    try:
        return str(uuid.UUID(str(named)))
    except ValueError:
        raise Refused(
            400, refusal.INVALID_REQUEST, f"The header {RUN_HEADER} must be the id of a run, which is a UUID."
        ) from None


def _is_large(data: Mapping[str, Any]) -> bool:
    request = data.get("proxy_server_request")
    headers = request.get("headers") if isinstance(request, Mapping) else None
    length = headers.get("content-length") if isinstance(headers, Mapping) else None
    return not (isinstance(length, str) and length.isdecimal() and int(length) <= _SMALL_BYTES)


def _labels(data: Mapping[str, Any]) -> dict[str, str]:
    call_id = data.get("litellm_call_id")
    return {"litellm_call": printable(call_id, 256)} if isinstance(call_id, str) and call_id else {}


def printable(text: str, most: int) -> str:
    """As the operator takes names: without control characters, and cut."""
    return "".join(" " if ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F else c for c in text)[:most]


# LiteLLM keeps what it knows of a request under one of these, by route; the other one is then the client's or the model's.
_METADATA = ("litellm_metadata", "metadata")


def forget_receipts(data: dict[str, Any]) -> None:
    """Takes out what a client may have put where the receipt stands."""
    for name in _METADATA:
        metadata = data.get(name)
        if isinstance(metadata, dict):
            metadata.pop(RECEIPT, None)


def put_receipt(data: dict[str, Any], text: str) -> None:
    """Where LiteLLM's callbacks find it."""
    name = "litellm_metadata" if isinstance(data.get("litellm_metadata"), dict) else "metadata"
    metadata = data.get(name)
    if not isinstance(metadata, dict):
        metadata = data[name] = {}
    metadata[RECEIPT] = text


def receipts(data: Mapping[str, Any]) -> list[object]:
    """Whatever stands where a receipt may."""
    params = data.get("litellm_params")
    places = [data, params] if isinstance(params, Mapping) else [data]
    return [
        metadata[RECEIPT]
        for place in places
        for name in _METADATA
        if isinstance(metadata := place.get(name), Mapping) and RECEIPT in metadata
    ]


def _response_cost(kwargs: Mapping[str, Any]) -> Decimal | None:
    """What LiteLLM worked out; ``None`` if it did not."""
    standard = kwargs.get("standard_logging_object")
    for cost in (kwargs.get("response_cost"), standard.get("response_cost") if isinstance(standard, Mapping) else None):
        if cost is not None:
            try:
                return exact(cost)
            except NotAnAmount as error:
                log.warning("LiteLLM's response_cost is no amount: %s", error)
    return None


def _settle_refused(admitted: Admitted, amount: Decimal, refused: Refused) -> None:
    if refused.reason_code in ("STEP_ALREADY_SETTLED", "STEP_CLOSED"):
        log.warning("Call %s: its cost is final, and %s US dollars came too late.", admitted.call_id, amount)
    else:
        log.error("Call %s: its cost of %s US dollars was not taken: %s", admitted.call_id, amount, refused.message)


async def _patiently(ask: Callable[[], Coroutine[None, None, Any]], seconds: float) -> Any:
    """Asks again and again until there is an answer, or that time is over."""
    give_up_at = time.monotonic() + seconds
    wait = 1.0
    while True:
        try:
            return await ask()
        except Unreachable:
            if time.monotonic() + wait > give_up_at:
                raise
        except Refused as refused:
            if refused.status_code not in _ASK_AGAIN or time.monotonic() + wait > give_up_at:
                raise
        await asyncio.sleep(wait)
        wait = min(wait * 2, 30.0)


async def _close(stream: Any) -> None:
    """Ends the connection to the model, so that it does not go on."""
    close = getattr(stream, "aclose", None)
    if close is not None:
        await close()
