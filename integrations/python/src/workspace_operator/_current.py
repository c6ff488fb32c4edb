"""The run whose block is being executed, for middleware that is made before there is one."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .aio import AsyncRun
    from .client import Run

_current: ContextVar[Run | AsyncRun | None] = ContextVar("workspace_operator_run", default=None)


def current_run() -> Run | AsyncRun | None:
    """The innermost run whose `with` block this is in, also in tasks that were started there."""
    return _current.get()


def enter(run: Run | AsyncRun) -> Token[Run | AsyncRun | None]:
    return _current.set(run)


def leave(token: Token[Run | AsyncRun | None]) -> None:
    try:
        _current.reset(token)
    except ValueError:
        # The block ends in another context than it began in, as a generator's may: that one keeps its own.
        return
