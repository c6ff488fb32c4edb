"""The operator's REST API, as far as a proxy needs it.

A request is repeated where nobody knows what became of it, with the same ``Idempotency-Key`` or because it may be
repeated as it is. What is still unknown then is :class:`Unreachable`: nothing counts as admitted.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, runtime_checkable

import aiohttp

from .refusal import Refused, of_problem


class Unreachable(Exception):
    """No answer that tells what became of the request."""


@dataclass(frozen=True)
class Admitted:
    """What the operator admitted.

    ``call_id`` is a call's, or a step's of the run ``run_id``; ``reserved_usd`` is what it may cost.
    """

    call_id: str
    run_id: str | None
    reserved_usd: Decimal


@runtime_checkable
class Workspaces(Protocol):
    """What the gate asks of the operator. ``key`` is an API key (``wsk_…``) of the workspace that is asked for."""

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
        """Raises :class:`Refused`, or :class:`Unreachable`."""

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
        """Raises :class:`Refused`, or :class:`Unreachable`."""

    async def settle(self, key: str, admitted: Admitted, cost: Decimal, outcome: str) -> None:
        """Charges ``cost``; the same again changes nothing. Raises :class:`Refused`, or :class:`Unreachable`."""

    async def blocked(self, key: str, admitted: Admitted) -> str | None:
        """The code that would stop the next step; of a call it also renews the lease. Raises as :meth:`settle`."""


class RestWorkspaces:
    """:class:`Workspaces` over HTTP."""

    def __init__(self, url: str, *, timeout_seconds: float, attempts: int) -> None:
        """Args:
        url: of the operator's API, such as ``https://workspace-operator.example.com``.
        timeout_seconds: for one answer.
        attempts: how often a request is sent whose answer is lost.
        """
        self._url = url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._attempts = attempts
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

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
        answer = await self._post(
            "/v1/calls",
            key,
            with_amount(
                {"user_id": user_id, "lease_seconds": lease_seconds, "name": name, "labels": dict(labels)},
                "max_cost_usd",
                max_cost,
            ),
            idempotency_key,
        )
        return Admitted(_text(answer, "id"), None, _amount(answer, "reserved_usd"))

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
        answer = await self._post(
            f"/v1/runs/{run_id}/steps",
            key,
            with_amount({"name": name, "labels": dict(labels)}, "max_cost_usd", max_cost),
            idempotency_key,
        )
        return Admitted(_text(answer, "id"), run_id, _amount(answer, "reserved_usd"))

    async def settle(self, key: str, admitted: Admitted, cost: Decimal, outcome: str) -> None:
        if admitted.run_id is None:
            path, body = f"/v1/calls/{admitted.call_id}/settle", {"outcome": outcome}
        else:
            path, body = f"/v1/runs/{admitted.run_id}/steps/{admitted.call_id}/settle", {}
        await self._post(path, key, with_amount(body, "cost_usd", cost), None)

    async def blocked(self, key: str, admitted: Admitted) -> str | None:
        if admitted.run_id is None:
            answer = await self._post(f"/v1/runs/{admitted.call_id}/heartbeat", key, "{}", None)
        else:
            # The lease of a run is its owner's to renew.
            answer = await self._ask("GET", f"/v1/runs/{admitted.run_id}", key, None, None)
        code = answer.get("blocked")
        return code if isinstance(code, str) else None

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, path: str, key: str, body: str, idempotency_key: str | None) -> Mapping[str, object]:
        return await self._ask("POST", path, key, body, idempotency_key)

    async def _ask(self, method: str, path: str, key: str, body: str | None, idempotency_key: str | None) -> Mapping[str, object]:
        headers = {"Authorization": f"Bearer {key}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        why = "no answer"
        for attempt in range(self._attempts):
            if attempt > 0:
                await asyncio.sleep(random.uniform(0.05, 0.15) * 2**attempt)
            try:
                async with self._connections().request(
                    method, self._url + path, headers=headers, data=body, allow_redirects=False
                ) as response:
                    status, raw = response.status, await response.read()
                    retry_after = response.headers.get("Retry-After")
            except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
                why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
                continue
            answer = _object(raw)
            if 200 <= status < 300 and answer is not None:
                return answer
            # Whoever is not the operator may stand in between: an answer without its code tells nothing.
            if answer is None or not isinstance(answer.get("code"), str):
                why = f"HTTP {status} without a code of the operator"
                continue
            # Of these the operator itself says that nobody may know; the same request again tells.
            if status >= 500 and answer.get("code") != "OVERLOADED":
                why = f"HTTP {status} {answer.get('code')}: {answer.get('detail')}"
                last = of_problem(status, answer, retry_after)
                if attempt + 1 == self._attempts and status == 503:
                    raise Unsure(last)
                continue
            raise of_problem(status, _with_errors(answer), retry_after)
        raise Unreachable(why)

    def _connections(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            self._loop = loop
            # Connections are bounded by LiteLLM's own concurrency. The operator keeps idle ones for 620 s.
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
            self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout, trust_env=True)
        return self._session


class Unsure(Unreachable):
    """The operator answered, and nobody knows whether it happened; ``refusal`` is its answer."""

    def __init__(self, refusal: Refused) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def with_amount(body: Mapping[str, object], name: str, amount: Decimal) -> str:
    """A JSON object of ``body`` and one amount, which is written as the number that it is, never by way of a float."""
    rest = json.dumps(body)[1:-1]
    return f"{{{json.dumps(name)}: {amount:f}{', ' if rest else ''}{rest}}}"


def _object(raw: bytes) -> Mapping[str, object] | None:
    try:
        answer = json.loads(raw, parse_float=Decimal)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _with_errors(problem: Mapping[str, object]) -> Mapping[str, object]:
    """Of a body that is not valid, everything that is wrong with it in one sentence."""
    errors = problem.get("errors")
    if not isinstance(errors, list) or problem.get("code") != "VALIDATION_FAILED":
        return problem
    told = "; ".join(f"{e.get('pointer')}: {e.get('detail')}" for e in errors if isinstance(e, dict))
    return {**problem, "detail": f"{problem.get('detail')} {told}"}


def _text(answer: Mapping[str, object], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise Unreachable(f"the answer has no {name}: does the address belong to a Workspace Operator?")
    return value


def _amount(answer: Mapping[str, object], name: str) -> Decimal:
    value = answer.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise Unreachable(f"the answer has no {name}: does the address belong to a Workspace Operator?")
    return Decimal(value)
