"""What is raised when the workspace does not admit something, one class for each kind of reason.

`CODES` is the only list of the codes of the REST API; a test holds it against `openapi.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, ClassVar, Literal

Budget = Literal["run", "daily", "monthly", "user_daily"]


class Refused(Exception):
    """Nothing was admitted, or nobody knows whether it was: do not do the work.

    `code` is the problem's code (`docs/gate.md` says what each means), None if there was no answer of the
    operator. `status` is the HTTP status, None if there was no answer at all. `detail` says how to mend it.
    `retry_after` is in seconds, None where waiting does not help by itself. `errors` lists each mistake of a body
    (`{"pointer": "#/user_id", "detail": "…"}`). `problem` is the whole answer.
    """

    default_status: ClassVar[int | None] = None

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        self.detail = detail
        self.code = code
        self.status = self.default_status if status is None else status
        self.retry_after = retry_after
        self.problem: Mapping[str, Any] = MappingProxyType(dict(problem or {}))
        super().__init__(detail)

    @property
    def reason(self) -> str | None:
        """What whoever engaged the kill switch has said."""
        return _text(self.problem.get("reason"))

    @property
    def resets_at(self) -> str | None:
        """When the budget's next day or month begins, RFC 3339 in UTC."""
        return _text(self.problem.get("resets_at"))

    @property
    def request_id(self) -> str | None:
        """Names the request in the operator's log."""
        return _text(self.problem.get("request_id"))

    @property
    def errors(self) -> Sequence[Mapping[str, Any]]:
        errors = self.problem.get("errors")
        return errors if isinstance(errors, list) else []

    def __str__(self) -> str:
        parts = [f"{self.code}: {self.detail}" if self.code else self.detail]
        if self.reason:
            parts.append(f"Reason: {self.reason}")
        parts += [f"{error.get('pointer')}: {error.get('detail')}" for error in self.errors]
        return " ".join(parts)

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception with keyword arguments does not survive pickling by itself.
        return _rebuild, (
            type(self),
            self.detail,
            self.code,
            self.status,
            self.retry_after,
            dict(self.problem),
        )

    def again(self) -> Refused:
        """The same refusal, to be raised once more without the traceback of the first time."""
        refused = type(self)(
            self.detail,
            code=self.code,
            status=self.status,
            retry_after=self.retry_after,
            problem=self.problem,
        )
        refused.__cause__ = self.__cause__
        return refused


class BudgetExceeded(Refused):
    """A budget does not hold the highest cost. With `retry_after`: it may, once open steps are settled."""

    default_status = 402

    @property
    def budget(self) -> Budget | None:
        """Which one; None for a code that this version does not know."""
        return _BUDGETS.get(self.code or "")

    @property
    def limit_usd(self) -> Decimal | None:
        return _amount(self.problem.get("limit_usd"))

    @property
    def spent_usd(self) -> Decimal | None:
        return _amount(self.problem.get("spent_usd"))

    @property
    def reserved_usd(self) -> Decimal | None:
        return _amount(self.problem.get("reserved_usd"))

    @property
    def remaining_usd(self) -> Decimal | None:
        return _amount(self.problem.get("remaining_usd"))


class Forbidden(Refused):
    """The credential may not do it, or the plan does not allow it."""

    default_status = 403


class KillSwitchActive(Forbidden):
    """Somebody stopped the workspace; `reason` is why."""

    @property
    def latch(self) -> str | None:
        """On which layer: `Declared`, `Runtime` or `Platform`."""
        return _text(self.problem.get("latch"))

    @property
    def since(self) -> str | None:
        return _text(self.problem.get("since"))


class WorkspaceArchived(Forbidden):
    """The workspace is gone. What was spent can still be settled."""


class Unauthorized(Refused):
    """The credential is missing, wrong, revoked or cannot be read."""

    default_status = 401


class NotFound(Refused):
    """The workspace has no such run, step or call."""

    default_status = 404


class Conflict(Refused):
    """What is there already does not allow it."""

    default_status = 409


class RunEnded(Conflict):
    """The run was cancelled, was finished, or its lease is over."""


class LeaseLost(RunEnded):
    """No heartbeat got through until the lease was over: the slot is another's by now."""


class CostFinal(Conflict):
    """The step was settled with another cost, or too long ago."""


class KillSwitchHeld(Conflict):
    """The latch that was to be released belongs to the manifest or to an administrator."""


class InvalidRequest(Refused):
    """The request is wrong; `errors` lists everything at once."""

    default_status = 422


class IdempotencyKeyReused(InvalidRequest):
    """The idempotency key stands for another request of the last 72 hours."""


class TooManyRequests(Refused):
    """Too many requests at once, or too many failed sign-ins from this address."""

    default_status = 429


class ConcurrencyLimit(TooManyRequests):
    """Every slot of the workspace is taken."""


class Unavailable(Refused):
    """There is no answer, or none that can be used. Nothing is admitted then."""


class UnexpectedAnswer(Unavailable):
    """Something answered that does not speak as the operator does. Is `url` right?"""


CODES: Mapping[str, type[Refused]] = MappingProxyType(
    {
        "MALFORMED_JSON": InvalidRequest,
        "BAD_REQUEST": InvalidRequest,
        "WORKSPACE_REQUIRED": InvalidRequest,
        "UNAUTHENTICATED": Unauthorized,
        "DAILY_BUDGET_EXCEEDED": BudgetExceeded,
        "MONTHLY_BUDGET_EXCEEDED": BudgetExceeded,
        "USER_DAILY_BUDGET_EXCEEDED": BudgetExceeded,
        "RUN_BUDGET_EXCEEDED": BudgetExceeded,
        "KILL_SWITCH_ACTIVE": KillSwitchActive,
        "PLAN_UPGRADE_REQUIRED": Forbidden,
        "INSUFFICIENT_SCOPE": Forbidden,
        "NO_WORKSPACE": Forbidden,
        "USER_MISMATCH": Forbidden,
        "WORKSPACE_ARCHIVED": WorkspaceArchived,
        "NOT_FOUND": NotFound,
        "METHOD_NOT_ALLOWED": InvalidRequest,
        "NOT_ACCEPTABLE": InvalidRequest,
        "FIELD_MANAGED_DECLARATIVELY": Conflict,
        "KILL_SWITCH_DECLARED": KillSwitchHeld,
        "KILL_SWITCH_PLATFORM": KillSwitchHeld,
        "RUN_NOT_RUNNING": RunEnded,
        "RUN_CANCELLED": RunEnded,
        "STEP_ALREADY_SETTLED": CostFinal,
        "STEP_CLOSED": CostFinal,
        "PRECONDITION_FAILED": Conflict,
        "PAYLOAD_TOO_LARGE": InvalidRequest,
        "UNSUPPORTED_MEDIA_TYPE": InvalidRequest,
        "VALIDATION_FAILED": InvalidRequest,
        "IDEMPOTENCY_KEY_REUSED": IdempotencyKeyReused,
        "MAX_CONCURRENT_RUNS_EXCEEDED": ConcurrencyLimit,
        "TOO_MANY_REQUESTS": TooManyRequests,
        "INTERNAL_ERROR": Unavailable,
        "STORE_UNAVAILABLE": Unavailable,
        "OVERLOADED": Unavailable,
    }
)

_BUDGETS: Mapping[str, Budget] = {
    "RUN_BUDGET_EXCEEDED": "run",
    "DAILY_BUDGET_EXCEEDED": "daily",
    "MONTHLY_BUDGET_EXCEEDED": "monthly",
    "USER_DAILY_BUDGET_EXCEEDED": "user_daily",
}

_STATUSES: Mapping[int, type[Refused]] = {
    401: Unauthorized,
    402: BudgetExceeded,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Conflict,
    429: TooManyRequests,
}


def refusal(
    code: str | None,
    status: int | None,
    detail: str,
    *,
    retry_after: float | None = None,
    problem: Mapping[str, Any] | None = None,
) -> Refused:
    """The typed refusal of a code; one that this version does not know is judged by its status."""
    kind = CODES.get(code or "")
    if kind is None:
        if status is not None and status in _STATUSES:
            kind = _STATUSES[status]
        elif status is not None and 400 <= status < 500:
            kind = InvalidRequest
        else:
            kind = Unavailable
    return kind(detail, code=code, status=status, retry_after=retry_after, problem=problem)


def _rebuild(
    kind: type[Refused],
    detail: str,
    code: str | None,
    status: int | None,
    retry_after: float | None,
    problem: Mapping[str, Any],
) -> Refused:
    return kind(detail, code=code, status=status, retry_after=retry_after, problem=problem)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None
