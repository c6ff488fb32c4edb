"""The shapes of the operator's answers, as `openapi.yaml` has them. Money is Decimal US dollars, times are RFC 3339.

An answer may have members besides: those of a newer operator.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, TypedDict

Outcome = Literal["succeeded", "failed", "cancelled"]
RunStatus = Literal["running", "succeeded", "failed", "cancelled", "expired"]


class RunAnswer(TypedDict):
    """A run. `blocked` is the code that would stop its next step, None if none would."""

    id: str
    user_id: str
    labels: dict[str, str]
    status: RunStatus
    started_at: str
    lease_expires_at: str
    finished_at: str | None
    max_cost_usd: Decimal | None
    spent_usd: Decimal
    reserved_usd: Decimal
    blocked: str | None


class StepAnswer(TypedDict):
    """A step. `cost_usd` is None while it is only reserved."""

    id: str
    run_id: str
    name: str | None
    labels: dict[str, str]
    status: Literal["admitted", "settled", "charged"]
    reserved_usd: Decimal
    cost_usd: Decimal | None
    admitted_at: str
    settled_at: str | None


class CallAnswer(TypedDict):
    """A call: a run of one step, both under one id."""

    id: str
    user_id: str
    name: str | None
    labels: dict[str, str]
    status: RunStatus
    reserved_usd: Decimal
    cost_usd: Decimal | None
    admitted_at: str
    lease_expires_at: str
    settled_at: str | None
    finished_at: str | None


class RunPage(TypedDict):
    """A part of a list of runs, newest first; None as `next_cursor` ends it."""

    items: list[RunAnswer]
    next_cursor: str | None


class MonthUsage(TypedDict):
    spent_usd: Decimal
    reserved_usd: Decimal
    budget_usd: Decimal | None
    resets_at: str


class UserUsage(TypedDict):
    user_id: str
    spent_usd: Decimal
    reserved_usd: Decimal


class UserUsagePage(TypedDict):
    items: list[UserUsage]
    next_cursor: str | None


class UsageAnswer(TypedDict):
    """What a UTC day cost. None as a budget is unlimited."""

    day: str
    resets_at: str
    daily_budget_usd: Decimal | None
    spent_usd: Decimal
    reserved_usd: Decimal
    remaining_usd: Decimal | None
    active_runs: int
    max_concurrent_runs: int
    month: MonthUsage
    users: UserUsagePage


class WorkspaceAnswer(TypedDict):
    """What is in force. None as a budget is unlimited."""

    id: str
    name: str
    slug: str | None
    kill_switch: bool
    daily_budget_usd: Decimal | None
    user_daily_budget_usd: Decimal | None
    max_concurrent_runs: int


class Setting(TypedDict):
    """One setting: its value, and the layer that it comes from."""

    value: Any
    source: str
    until: str | None
    declared_by: str | None


class Latch(TypedDict):
    """Who holds the kill switch, since when and why."""

    source: str
    since: str
    reason: str | None


class SettingsAnswer(TypedDict):
    """Every setting with its source, and the latches of the kill switch, strongest first."""

    plan: str
    revision: int
    name: Setting
    daily_budget_usd: Setting
    user_daily_budget_usd: Setting
    monthly_budget_usd: Setting
    max_concurrent_runs: Setting
    kill_switch: Setting
    latches: list[Latch]
    plan_limits: dict[str, Any]
