"""Ask Workspace Operator before each run and each step of an agent, and stop when it says so.

Start with `Workspace` (sync) or `AsyncWorkspace`. Whatever is not admitted raises a `Refused`; so does no answer.
"""

from ._current import current_run
from ._version import __version__
from .aio import AsyncCall, AsyncRun, AsyncStep, AsyncWorkspace
from .client import Call, Run, Step, Workspace
from .errors import (
    CODES,
    BudgetExceeded,
    ConcurrencyLimit,
    Conflict,
    CostFinal,
    Forbidden,
    IdempotencyKeyReused,
    InvalidRequest,
    KillSwitchActive,
    KillSwitchHeld,
    LeaseLost,
    NotFound,
    Refused,
    RunEnded,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    WorkspaceArchived,
)
from .money import Amount

__all__ = [
    "CODES",
    "Amount",
    "AsyncCall",
    "AsyncRun",
    "AsyncStep",
    "AsyncWorkspace",
    "BudgetExceeded",
    "Call",
    "ConcurrencyLimit",
    "Conflict",
    "CostFinal",
    "Forbidden",
    "IdempotencyKeyReused",
    "InvalidRequest",
    "KillSwitchActive",
    "KillSwitchHeld",
    "LeaseLost",
    "NotFound",
    "Refused",
    "Run",
    "RunEnded",
    "Step",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "UnexpectedAnswer",
    "Workspace",
    "WorkspaceArchived",
    "__version__",
    "current_run",
]
