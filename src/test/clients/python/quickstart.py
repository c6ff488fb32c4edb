"""The quickstart, by a client that openapi-python-client made of openapi.yaml; ends at what is not as described.

WORKSPACE_API_URL is a server that no one else uses; WORKSPACE_API_KEY is of a workspace on plan Scale whose manifest
declares daily_budget_usd, BASIC_API_KEY of one on plan Basic, HELD_API_KEY of one whose manifest holds the kill switch.
WORKSPACE_FLEET_KEY is the installation's.
"""

import datetime
import os
import uuid

from workspace_client import AuthenticatedClient
from workspace_client.api.api_keys import create_api_key, delete_api_key, list_api_keys
from workspace_client.api.audit import list_audit
from workspace_client.api.fleet import list_workspaces, switch_platform_kill
from workspace_client.api.overrides import create_override, delete_override, list_overrides
from workspace_client.api.runs import admit_step, cancel_run, finish_run, get_run, get_usage, heartbeat, settle_step, start_run
from workspace_client.api.workspace import get_settings, get_workspace, patch_workspace, switch_kill
from workspace_client.models import (
    ApiKeyRequest,
    BudgetProblem,
    CancelRequest,
    DeclaredFieldProblem,
    FinishRequest,
    FinishRequestOutcome,
    KillSwitchRequest,
    Labels,
    LatchProblem,
    LatchSource,
    OverrideRequest,
    Plan,
    PlanProblem,
    RunRequest,
    RunStatus,
    Scope,
    SettingField,
    SettleRequest,
    SimpleProblem,
    Source,
    StepRequest,
    StepStatus,
    ValidationProblem,
    WorkspacePatch,
)


def client(key):
    return AuthenticatedClient(
        base_url=os.environ["WORKSPACE_API_URL"], token=os.environ[key], raise_on_unexpected_status=True
    )


def a(kind, answer):
    assert isinstance(answer, kind), answer
    return answer


def quickstart(team):
    before = a(object, get_workspace.sync(client=team))
    assert before.kill_switch is False and before.daily_budget_usd == 100, before
    patched = patch_workspace.sync(client=team, body=WorkspacePatch(user_daily_budget_usd=12.345678, max_concurrent_runs=2))
    assert patched.user_daily_budget_usd == 12.345678 and patched.max_concurrent_runs == 2, patched
    settings = get_settings.sync(client=team)
    assert settings.plan == Plan.SCALE and settings.revision > 1, settings
    assert settings.daily_budget_usd.source == Source.DECLARED, settings
    assert settings.user_daily_budget_usd.source == Source.RUNTIME, settings

    request = RunRequest(user_id="alice", max_cost_usd=5, labels=Labels.from_dict({"agent": "researcher"}))
    name = str(uuid.uuid4())
    run = start_run.sync(client=team, body=request, idempotency_key=name)
    assert run.status == RunStatus.RUNNING and run.blocked is None and run.labels["agent"] == "researcher", run
    assert start_run.sync(client=team, body=request, idempotency_key=name).id == run.id
    step = admit_step.sync(run.id, client=team, body=StepRequest(max_cost_usd=0.05, name="summarise the page"))
    assert step.status == StepStatus.ADMITTED and step.reserved_usd == 0.05 and step.cost_usd is None, step
    settled = settle_step.sync(run.id, step.id, client=team, body=SettleRequest(cost_usd=0.000001))
    assert settled.status == StepStatus.SETTLED and settled.cost_usd == 0.000001, settled
    assert heartbeat.sync(run.id, client=team).blocked is None
    budget(team, run)
    ended = finish_run.sync(run.id, client=team, body=FinishRequest(outcome=FinishRequestOutcome.SUCCEEDED))
    assert ended.status == RunStatus.SUCCEEDED and ended.finished_at.tzinfo is not None, ended
    again = finish_run.sync(run.id, client=team, body=FinishRequest(outcome=FinishRequestOutcome.FAILED))
    assert a(SimpleProblem, again).code == "RUN_NOT_RUNNING", again
    usage = get_usage.sync(client=team, day=settled.admitted_at.date())
    assert usage.spent_usd == 0.000001 and usage.day == usage.resets_at.date() - datetime.timedelta(days=1), usage
    assert [row.user_id for row in usage.users.items] == ["alice"], usage
    cancelled = start_run.sync(client=team, body=RunRequest(user_id="bob"))
    cancel_run.sync(cancelled.id, client=team, body=CancelRequest(reason="It loops."))
    assert get_run.sync(cancelled.id, client=team).status == RunStatus.CANCELLED


def budget(team, run):
    refused = a(BudgetProblem, admit_step.sync(run.id, client=team, body=StepRequest(max_cost_usd=6)))
    assert refused.code == "RUN_BUDGET_EXCEEDED" and refused.status == 402, refused
    assert refused.limit_usd == 5 and refused.spent_usd == 0.000001 and refused.remaining_usd == 4.999999, refused
    assert refused.reserved_usd == 0 and refused.resets_at is None, refused
    patch_workspace.sync(client=team, body=WorkspacePatch(user_daily_budget_usd=0.5))
    refused = a(BudgetProblem, admit_step.sync(run.id, client=team, body=StepRequest(max_cost_usd=1)))
    assert refused.code == "USER_DAILY_BUDGET_EXCEEDED" and refused.resets_at.utcoffset().total_seconds() == 0, refused
    cleared = patch_workspace.sync(client=team, body=WorkspacePatch(user_daily_budget_usd=None))
    assert cleared.user_daily_budget_usd is None and cleared.max_concurrent_runs == 2, cleared


def kill_switch(team, held, fleet):
    started = start_run.sync(client=team, body=RunRequest(user_id="alice"))
    on = switch_kill.sync(client=team, body=KillSwitchRequest(active=True, reason="An agent deletes tickets."))
    assert on.kill_switch is True, on
    for answer in (
        start_run.sync(client=team, body=RunRequest(user_id="alice")),
        admit_step.sync(started.id, client=team, body=StepRequest()),
    ):
        refused = a(LatchProblem, answer)
        assert refused.code == "KILL_SWITCH_ACTIVE" and refused.latch == LatchSource.RUNTIME, refused
        assert refused.reason == "An agent deletes tickets." and refused.since.tzinfo is not None, refused
    assert heartbeat.sync(started.id, client=team).blocked == "KILL_SWITCH_ACTIVE"
    assert switch_kill.sync(client=team, body=KillSwitchRequest(active=False)).kill_switch is False
    finish_run.sync(started.id, client=team, body=FinishRequest(outcome=FinishRequestOutcome.FAILED))

    refused = a(LatchProblem, switch_kill.sync(client=held, body=KillSwitchRequest(active=False)))
    assert refused.code == "KILL_SWITCH_DECLARED" and refused.latch == LatchSource.DECLARED, refused
    stopped = switch_platform_kill.sync(client=fleet, body=KillSwitchRequest(active=True, reason="Prompts leak."))
    assert stopped.active and stopped.reason == "Prompts leak.", stopped
    refused = a(LatchProblem, switch_kill.sync(client=team, body=KillSwitchRequest(active=False)))
    assert refused.code == "KILL_SWITCH_PLATFORM" and refused.reason == "Prompts leak.", refused
    assert switch_platform_kill.sync(client=fleet, body=KillSwitchRequest(active=False)).since is None
    assert len(list_workspaces.sync(client=fleet, limit=2).items) == 2


def refusals(team, basic):
    refused = a(PlanProblem, patch_workspace.sync(client=basic, body=WorkspacePatch(user_daily_budget_usd=1)))
    assert refused.field == SettingField.USER_DAILY_BUDGET_USD, refused
    assert refused.plan == Plan.BASIC and refused.required_plan == Plan.PRO, refused
    assert refused.errors[0].pointer == "#/user_daily_budget_usd", refused
    a(PlanProblem, switch_kill.sync(client=basic, body=KillSwitchRequest(active=True)))
    refused = a(DeclaredFieldProblem, patch_workspace.sync(client=team, body=WorkspacePatch(daily_budget_usd=1)))
    assert refused.field == "daily_budget_usd" and refused.declared_by.startswith("team/"), refused
    invalid = a(ValidationProblem, start_run.sync(client=team, body=RunRequest(user_id="", max_cost_usd=0.1 + 0.2)))
    assert [error.pointer for error in invalid.errors] == ["#/user_id", "#/max_cost_usd"], invalid
    start_run.sync(client=team, body=RunRequest(user_id="a", lease_seconds=5), idempotency_key="once")
    reused = start_run.sync(client=team, body=RunRequest(user_id="b"), idempotency_key="once")
    assert a(SimpleProblem, reused).code == "IDEMPOTENCY_KEY_REUSED", reused
    assert a(SimpleProblem, get_run.sync(uuid.uuid4(), client=team)).code == "NOT_FOUND"
    assert a(SimpleProblem, list_workspaces.sync(client=team)).code == "INSUFFICIENT_SCOPE"


def books(team):
    made = create_api_key.sync(
        client=team, body=ApiKeyRequest(name="dashboard", scopes=[Scope.WORKSPACEREAD], expires_at=None)
    )
    assert made.key.startswith("wsk_") and made.expires_at is None, made
    assert "dashboard" in [key.name for key in list_api_keys.sync(client=team).items]
    assert delete_api_key.sync_detailed(made.id, client=team).status_code == 204
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    override = create_override.sync(
        client=team, body=OverrideRequest(expires_at=soon, reason="Backlog.", daily_budget_usd=250.5)
    )
    assert override.value == 250.5 and override.field == "daily_budget_usd", override
    assert [item.id for item in list_overrides.sync(client=team).items] == [override.id]
    assert get_settings.sync(client=team).daily_budget_usd.until == override.expires_at
    assert delete_override.sync_detailed(override.id, client=team).status_code == 204
    page = list_audit.sync(client=team, limit=2)
    assert page.items[0].seq == page.items[1].seq + 1 and page.next_cursor, page
    rest = list_audit.sync(client=team, limit=500, cursor=page.next_cursor)
    assert rest.items[-1].seq == 1 and rest.next_cursor is None, rest


team, basic, held = client("WORKSPACE_API_KEY"), client("BASIC_API_KEY"), client("HELD_API_KEY")
quickstart(team)
refusals(team, basic)
books(team)
kill_switch(team, held, client("WORKSPACE_FLEET_KEY"))
print("The quickstart works.")
