"""What is asked, how an answer is judged, and when to ask again: pure, shared by the sync and the async client.

Start with `Request`, then `judge` and `Retries`. Nothing here reads a clock or a socket.
"""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from .answers import Outcome
from .errors import CODES, LeaseLost, Refused, Unauthorized, Unavailable, UnexpectedAnswer, refusal
from .money import Amount, reservation, spent

LARGEST_ANSWER = 1 << 20
"""Bytes. No answer of the operator that this client asks for is longer: a list has at most 500 items."""

WORTH_REPEATING = frozenset({429, 502, 503, 504})
SHORTEST_WAIT, LONGEST_WAIT = 0.1, 5.0
"""Seconds between attempts where no Retry-After says it."""

STOPPING = frozenset({"KILL_SWITCH_ACTIVE", "WORKSPACE_ARCHIVED", "RUN_NOT_RUNNING", "RUN_CANCELLED"})
"""A step that is refused so stops its run. A budget does not: a cheaper step may fit."""

ENDED = frozenset({"RUN_NOT_RUNNING", "RUN_CANCELLED"})
"""A run that has ended holds no slot. One that has to stop for another reason does, until it is finished."""

_KEY = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")
_CREDENTIAL = re.compile(r"[!-~]+")


@dataclass(frozen=True)
class Request:
    """One request. What makes something has an idempotency key, the same one in each attempt."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] | None = None
    idempotency_key: str | None = None

    def content(self) -> bytes | None:
        return None if self.body is None else to_json(self.body).encode()

    def headers(self, credential: str, user_agent: str) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {checked_credential(credential)}",
            "Accept": "application/json, application/problem+json",
            # A compressed answer could unfold to any size.
            "Accept-Encoding": "identity",
            "User-Agent": user_agent,
        }
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        if self.idempotency_key is not None:
            headers["Idempotency-Key"] = self.idempotency_key
        return headers


def start_run(
    user_id: str,
    lease_seconds: int | None,
    max_cost: Amount | None,
    labels: Mapping[str, str] | None,
    idempotency_key: str | None,
) -> Request:
    body = _given(
        user_id=user_id,
        lease_seconds=lease_seconds,
        max_cost_usd=None if max_cost is None else reservation(max_cost),
        labels=_labels(labels),
    )
    return Request("POST", "/v1/runs", body, idempotency_key=_key(idempotency_key))


def admit_step(
    run_id: str,
    max_cost: Amount | None,
    name: str | None,
    labels: Mapping[str, str] | None,
    idempotency_key: str | None,
) -> Request:
    body = _given(max_cost_usd=None if max_cost is None else reservation(max_cost), name=name, labels=_labels(labels))
    return Request("POST", f"/v1/runs/{_part(run_id)}/steps", body, idempotency_key=_key(idempotency_key))


def settle_step(run_id: str, step_id: str, cost: Amount) -> Request:
    path = f"/v1/runs/{_part(run_id)}/steps/{_part(step_id)}/settle"
    return Request("POST", path, {"cost_usd": spent(cost)})


def heartbeat(run_id: str) -> Request:
    return Request("POST", f"/v1/runs/{_part(run_id)}/heartbeat", {})


def finish_run(run_id: str, outcome: str) -> Request:
    return Request("POST", f"/v1/runs/{_part(run_id)}/finish", {"outcome": outcome})


def cancel_run(run_id: str, reason: str) -> Request:
    return Request("POST", f"/v1/runs/{_part(run_id)}/cancel", {"reason": reason})


def admit_call(
    user_id: str,
    max_cost: Amount | None,
    lease_seconds: int | None,
    name: str | None,
    labels: Mapping[str, str] | None,
    idempotency_key: str | None,
) -> Request:
    body = _given(
        user_id=user_id,
        max_cost_usd=None if max_cost is None else reservation(max_cost),
        lease_seconds=lease_seconds,
        name=name,
        labels=_labels(labels),
    )
    return Request("POST", "/v1/calls", body, idempotency_key=_key(idempotency_key))


def settle_call(call_id: str, cost: Amount, outcome: str) -> Request:
    body = {"cost_usd": spent(cost), "outcome": outcome}
    return Request("POST", f"/v1/calls/{_part(call_id)}/settle", body)


def get_run(run_id: str) -> Request:
    return Request("GET", f"/v1/runs/{_part(run_id)}")


def list_runs(status: str | None, user_id: str | None, limit: int | None, cursor: str | None) -> Request:
    query = _given(status=status, user_id=user_id, limit=None if limit is None else str(limit), cursor=cursor)
    return Request("GET", "/v1/runs", query=query)


def get_usage(day: str | None, limit: int | None, cursor: str | None) -> Request:
    query = _given(day=day, limit=None if limit is None else str(limit), cursor=cursor)
    return Request("GET", "/v1/usage", query=query)


def get_workspace() -> Request:
    return Request("GET", "/v1/workspace/")


def get_settings() -> Request:
    return Request("GET", "/v1/workspace/settings")


def kill_switch(active: bool, reason: str | None) -> Request:
    return Request("POST", "/v1/workspace/kill-switch", _given(active=active, reason=reason))


def judge(status: int, headers: Mapping[str, str], content: bytes) -> dict[str, Any]:
    """The answer's object if it is a success; else raises the typed refusal. `headers` has lower-case names."""
    if 300 <= status < 400:
        where = headers.get("location", "nowhere")
        raise UnexpectedAnswer(
            f"The answer is a redirect ({status}) to {where}, which is not followed: the credential would go with it."
            " Set url to where the operator is.",
            status=status,
        )
    body = parsed(content)
    if 200 <= status < 300:
        if body is None:
            raise UnexpectedAnswer(
                f"The answer ({status}) is no JSON object, so it is not of the operator. Is url right?"
                f" It begins with {content[:60]!r}.",
                status=status,
            )
        return body
    problem = body or {}
    code = problem.get("code")
    detail = problem.get("detail")
    raise refusal(
        code if isinstance(code, str) else None,
        status,
        detail if isinstance(detail, str) else f"The answer is {status} without a problem that says why.",
        retry_after=retry_after_of(headers),
        problem=problem,
    )


def parsed(content: bytes) -> dict[str, Any] | None:
    """A JSON object with every `…_usd` as a Decimal; None if it is none."""
    try:
        value = json.loads(content, parse_float=Decimal, object_pairs_hook=_with_decimals)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def member(answer: Mapping[str, Any], name: str) -> Any:
    """A member that the operator always gives. Without it nothing is taken as admitted."""
    value = answer.get(name)
    if value is None:
        raise UnexpectedAnswer(f"The answer has no {name}, so it is not of the operator. Is url right?")
    return value


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Seconds; a date, as a proxy may send it, is counted from the answer's own."""
    value = headers.get("retry-after")
    if value is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return float(value)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, wait.total_seconds())


class Retries:
    """When to ask again, of one request. Times are seconds of one monotonic clock."""

    def __init__(self, began: float, patience: float, *, wait: bool) -> None:
        self._give_up_at = began + patience
        self._wait = wait
        self._pause = SHORTEST_WAIT

    def pause_after(self, refused: Refused, now: float) -> float:
        """How long to wait before the next attempt. Raises the refusal if there is to be none."""
        if not self._is_worth_repeating(refused):
            raise refused
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_WAIT)
        if refused.retry_after is not None:
            pause = refused.retry_after
        # Never earlier than it was told; spread, so that those who were refused at once do not come back at once.
        pause += random.uniform(0, min(pause, 1) / 4)
        if now + pause > self._give_up_at:
            raise refused
        return pause

    def _is_worth_repeating(self, refused: Refused) -> bool:
        if isinstance(refused, NoAnswer) or refused.status in WORTH_REPEATING:
            return True
        return self._wait and refused.status in (402, 409) and refused.retry_after is not None


class NoAnswer(Unavailable):
    """The connection failed or nothing came in time. Perhaps it happened: the same key tells."""


def no_answer(url: str, error: BaseException) -> NoAnswer:
    told = str(error) or type(error).__name__
    return NoAnswer(f"No answer from {url}: {told}. Is it running, and is url right?")


def not_readable(error: BaseException) -> UnexpectedAnswer:
    return UnexpectedAnswer(f"The answer is encoded in a way that was not asked for: {error}. Is url right?")


def too_large(status: int) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        f"The answer ({status}) is longer than {LARGEST_ANSWER} bytes, so it is not of the operator. Is url right?",
        status=status,
    )


class Heartbeats:
    """When the next heartbeat is due, and whether the lease is over. Times are of one monotonic clock.

    A lease counts from before it was asked for: nobody knows when the operator began to count.
    """

    def __init__(self, asked_at: float, lease_seconds: float) -> None:
        self._lease = lease_seconds
        self._ends_at = asked_at + lease_seconds
        self._due = asked_at + lease_seconds / 3
        self.last: Refused | None = None

    def pause(self, now: float) -> float:
        return max(0.0, self._due - now)

    def timeout(self, now: float) -> float:
        """Seconds for one attempt. It must not outlast the lease, unless that is asked about for the first time."""
        left = self._ends_at - now
        return min(self._lease / 3, left) if left > 0 else self._lease / 3

    def is_lost(self, now: float) -> bool:
        """Over, and no heartbeat that told otherwise."""
        return self.last is not None and now >= self._ends_at

    def renewed(self, asked_at: float) -> None:
        self._ends_at = asked_at + self._lease
        self._due = asked_at + self._lease / 3
        self.last = None

    def failed(self, now: float, refused: Refused) -> None:
        self.last = refused
        pause = max(min(1.0, self._lease / 15), refused.retry_after or 0)
        self._due = min(now + pause, max(now, self._ends_at))


def blocked_of(answer: Mapping[str, Any]) -> str | None:
    """What a heartbeat's answer has as `blocked`. Raises where it has none: such an answer renews nothing."""
    if "blocked" not in answer:
        raise UnexpectedAnswer("The answer has no blocked, so it is not of the operator. Is url right?")
    blocked = answer["blocked"]
    return None if blocked is None else str(blocked)


def ends_heartbeats(refused: Refused) -> bool:
    """There is no such run: no later heartbeat will be told otherwise."""
    return refused.code == "NOT_FOUND"


def blocked_by(code: str) -> Refused:
    """What a heartbeat tells by its `blocked`."""
    kind = CODES.get(code, Refused)
    return refusal(code, kind.default_status or 409, "Told by the heartbeat: the run has to stop.")


def blocked_with_latch(code: str, settings: Mapping[str, Any]) -> Refused | None:
    """The same with who engaged the kill switch and why, which a heartbeat does not tell; None if unknown."""
    latches = settings.get("latches")
    if code != "KILL_SWITCH_ACTIVE" or not isinstance(latches, list) or not latches:
        return None
    strongest = latches[0]
    if not isinstance(strongest, dict):
        return None
    problem = {
        "latch": strongest.get("source"),
        "since": strongest.get("since"),
        "reason": strongest.get("reason"),
    }
    plain = blocked_by(code)
    return refusal(code, plain.status, plain.detail, problem=problem)


def is_plainer(known: Refused | None, told: Refused) -> bool:
    """Whether what stopped a run is the same, and does not say yet why."""
    return known is not None and known.code == told.code and known.reason is None


def lease_lost(last: Refused | None) -> LeaseLost:
    lost = LeaseLost(
        "No heartbeat got through until the lease was over, so the run holds its slot no more. Start another one.",
        code="RUN_NOT_RUNNING",
    )
    lost.__cause__ = last
    return lost


def outcome_of(error: BaseException | None, stopped: Refused | None, *, is_cancelled: bool) -> Outcome:
    """How a run ended. Out of money is a failure of its task; else who stops it wants it cancelled."""
    if stopped is not None:
        return "failed" if stopped.status == 402 else "cancelled"
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return "succeeded"
    if is_cancelled or isinstance(error, KeyboardInterrupt | GeneratorExit):
        return "cancelled"
    if isinstance(error, Refused) and error.code in STOPPING:
        return "cancelled"
    return "failed"


def checked_credential(credential: object) -> str:
    value = credential.strip() if isinstance(credential, str) else ""
    if not _CREDENTIAL.fullmatch(value):
        raise Unauthorized(
            "The credential is not an API key or a token: it is empty, or has a space or a character that is not"
            " ASCII. Nothing was sent."
        )
    return value


def checked_url(url: str) -> str:
    """Raises ValueError with how to mend it."""
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", url):
        raise ValueError(f"url is {url!r}. It has to be like https://workspaces.example.com.")
    return url.rstrip("/")


def to_json(value: object) -> str:
    """JSON with Decimals as they are: a float between would be one more thing to trust."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(name)}: {to_json(it)}" for name, it in value.items()) + "}"
    return json.dumps(value)


def _with_decimals(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {
        name: Decimal(value)
        if name.endswith("_usd") and isinstance(value, int) and not isinstance(value, bool)
        else value
        for name, value in pairs
    }


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _labels(labels: Mapping[str, str] | None) -> dict[str, str] | None:
    return None if labels is None else dict(labels)


def _part(value: str) -> str:
    if not isinstance(value, str) or not value.strip("."):
        raise ValueError(f"{value!r} is no id.")
    return quote(value, safe="")


def _key(given: str | None) -> str:
    if given is None:
        return str(uuid.uuid4())
    if not _KEY.fullmatch(given):
        raise ValueError("An idempotency key has 1 to 255 characters of ASCII, and no space at its ends.")
    return given
