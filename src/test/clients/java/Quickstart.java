import com.example.workspace.ApiClient;
import com.example.workspace.ApiException;
import com.example.workspace.api.ApiKeysApi;
import com.example.workspace.api.AuditApi;
import com.example.workspace.api.FleetApi;
import com.example.workspace.api.OverridesApi;
import com.example.workspace.api.RunsApi;
import com.example.workspace.api.WorkspaceApi;
import com.example.workspace.model.*;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The quickstart, by a client that openapi-generator made of openapi.yaml; ends at what is not as described. Its
 * environment is that of ../python/quickstart.py.
 */
final class Quickstart {
  private final ApiClient client;
  private final WorkspaceApi workspace;
  private final RunsApi runs;
  private final ApiKeysApi keys;
  private final OverridesApi overrides;
  private final FleetApi fleet;
  private final AuditApi audit;

  private Quickstart(String key) {
    client = new ApiClient();
    client.updateBaseUri(System.getenv("WORKSPACE_API_URL"));
    client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + System.getenv(key)));
    workspace = new WorkspaceApi(client);
    runs = new RunsApi(client);
    keys = new ApiKeysApi(client);
    overrides = new OverridesApi(client);
    fleet = new FleetApi(client);
    audit = new AuditApi(client);
  }

  private interface NamedStatement {
    Object answer() throws ApiException;
  }

  /** What a call is refused with, as the type that its code has. */
  private <T> T refused(Class<T> kind, int status, NamedStatement call) throws Exception {
    try {
      throw new AssertionError("it was not refused: " + call.answer());
    } catch (ApiException e) {
      is(e.getCode(), status);
      Problem problem = client.getObjectMapper().readValue(e.getResponseBody(), Problem.class);
      if (!kind.isInstance(problem.getActualInstance())) {
        throw new AssertionError("not a " + kind + ": " + problem.getActualInstance());
      }
      return kind.cast(problem.getActualInstance());
    }
  }

  private static void is(Object value, Object wanted) {
    boolean equal =
        value instanceof BigDecimal number && wanted instanceof BigDecimal other
            ? number.compareTo(other) == 0
            : java.util.Objects.equals(value, wanted);
    if (!equal) {
      throw new AssertionError("it is " + value + " and should be " + wanted);
    }
  }

  private static BigDecimal usd(String amount) {
    return new BigDecimal(amount);
  }

  private static KillSwitchRequest on(String reason) {
    return new KillSwitchRequest().active(true).reason(reason);
  }

  private static KillSwitchRequest off() {
    return new KillSwitchRequest().active(false);
  }

  private void quickstart() throws Exception {
    Workspace before = workspace.getWorkspace(null, null, null, null);
    is(before.getDailyBudgetUsd(), usd("100"));
    is(before.getKillSwitch(), false);
    Workspace patched =
        workspace.patchWorkspace(
            new WorkspacePatch().userDailyBudgetUsd(usd("12.345678")).maxConcurrentRuns(2), null, null, null, null);
    is(patched.getUserDailyBudgetUsd(), usd("12.345678"));
    is(patched.getMaxConcurrentRuns(), 2);
    Settings settings = workspace.getSettings(null, null);
    is(settings.getPlan(), Plan.SCALE);
    is(settings.getDailyBudgetUsd().getSource(), Source.DECLARED);
    is(settings.getUserDailyBudgetUsd().getSource(), Source.RUNTIME);
    is(settings.getRevision() > 1L, true);

    RunRequest request =
        new RunRequest().userId("alice").maxCostUsd(usd("5")).labels(Map.of("agent", "researcher"));
    String name = UUID.randomUUID().toString();
    Run run = runs.startRun(request, name, null, null);
    is(run.getStatus(), RunStatus.RUNNING);
    is(run.getBlocked(), null);
    is(run.getLabels(), Map.of("agent", "researcher"));
    is(runs.startRun(request, name, null, null).getId(), run.getId());
    Step step =
        runs.admitStep(
            run.getId(), null, null, null, new StepRequest().maxCostUsd(usd("0.05")).name("summarise the page"));
    is(step.getStatus(), Step.StatusEnum.ADMITTED);
    is(step.getReservedUsd(), usd("0.05"));
    is(step.getCostUsd(), null);
    Step settled =
        runs.settleStep(run.getId(), step.getId(), new SettleRequest().costUsd(usd("0.000001")), null, null);
    is(settled.getStatus(), Step.StatusEnum.SETTLED);
    is(settled.getCostUsd(), usd("0.000001"));
    is(runs.heartbeat(run.getId(), null, null, Map.of()).getBlocked(), null);
    budget(run);
    Run ended = finish(run, FinishRequest.OutcomeEnum.SUCCEEDED);
    is(ended.getStatus(), RunStatus.SUCCEEDED);
    is(ended.getFinishedAt().getOffset(), ZoneOffset.UTC);
    is(
        refused(SimpleProblem.class, 409, () -> finish(run, FinishRequest.OutcomeEnum.FAILED)).getCode(),
        SimpleProblem.CodeEnum.RUN_NOT_RUNNING);
    Usage usage = runs.getUsage(settled.getAdmittedAt().toLocalDate(), null, null, null, null);
    is(usage.getSpentUsd(), usd("0.000001"));
    is(usage.getDay(), usage.getResetsAt().toLocalDate().minusDays(1));
    is(usage.getUsers().getItems().getFirst().getUserId(), "alice");
    Run cancelled = runs.startRun(new RunRequest().userId("bob"), null, null, null);
    runs.cancelRun(cancelled.getId(), new CancelRequest().reason("It loops."), null, null);
    is(runs.getRun(cancelled.getId(), null, null).getStatus(), RunStatus.CANCELLED);
  }

  private Run finish(Run run, FinishRequest.OutcomeEnum outcome) throws ApiException {
    return runs.finishRun(run.getId(), new FinishRequest().outcome(outcome), null, null);
  }

  private void budget(Run run) throws Exception {
    BudgetProblem refused = refused(BudgetProblem.class, 402, () -> step(run, "6"));
    is(refused.getCode(), BudgetProblem.CodeEnum.RUN_BUDGET_EXCEEDED);
    is(refused.getLimitUsd(), usd("5"));
    is(refused.getSpentUsd(), usd("0.000001"));
    is(refused.getReservedUsd(), usd("0"));
    is(refused.getRemainingUsd(), usd("4.999999"));
    is(refused.getResetsAt(), null);
    workspace.patchWorkspace(new WorkspacePatch().userDailyBudgetUsd(usd("0.5")), null, null, null, null);
    refused = refused(BudgetProblem.class, 402, () -> step(run, "1"));
    is(refused.getCode(), BudgetProblem.CodeEnum.USER_DAILY_BUDGET_EXCEEDED);
    is(refused.getResetsAt().getOffset(), ZoneOffset.UTC);
    Workspace cleared =
        workspace.patchWorkspace(new WorkspacePatch().userDailyBudgetUsd(null), null, null, null, null);
    is(cleared.getUserDailyBudgetUsd(), null);
    is(cleared.getMaxConcurrentRuns(), 2);
  }

  private Step step(Run run, String cost) throws ApiException {
    return runs.admitStep(run.getId(), null, null, null, new StepRequest().maxCostUsd(usd(cost)));
  }

  private void killSwitch(Quickstart held, Quickstart platform) throws Exception {
    Run started = runs.startRun(new RunRequest().userId("alice"), null, null, null);
    is(workspace.switchKill(on("An agent deletes tickets."), null, null).getKillSwitch(), true);
    List<NamedStatement> admissions =
        List.of(
            () -> runs.startRun(new RunRequest().userId("alice"), null, null, null),
            () -> step(started, "0.01"));
    for (NamedStatement admission : admissions) {
      LatchProblem refused = refused(LatchProblem.class, 403, admission);
      is(refused.getCode(), LatchProblem.CodeEnum.KILL_SWITCH_ACTIVE);
      is(refused.getLatch(), LatchSource.RUNTIME);
      is(refused.getReason(), "An agent deletes tickets.");
      is(refused.getSince().getOffset(), ZoneOffset.UTC);
    }
    is(runs.heartbeat(started.getId(), null, null, Map.of()).getBlocked(), BlockingCode.KILL_SWITCH_ACTIVE);
    is(workspace.switchKill(off(), null, null).getKillSwitch(), false);
    finish(started, FinishRequest.OutcomeEnum.FAILED);

    LatchProblem refused = refused(LatchProblem.class, 409, () -> held.workspace.switchKill(off(), null, null));
    is(refused.getCode(), LatchProblem.CodeEnum.KILL_SWITCH_DECLARED);
    is(platform.fleet.switchPlatformKill(on("Prompts leak."), null, null).getReason(), "Prompts leak.");
    refused = refused(LatchProblem.class, 409, () -> workspace.switchKill(off(), null, null));
    is(refused.getCode(), LatchProblem.CodeEnum.KILL_SWITCH_PLATFORM);
    is(refused.getReason(), "Prompts leak.");
    is(platform.fleet.switchPlatformKill(off(), null, null).getSince(), null);
    is(platform.fleet.listWorkspaces(2, null, null, null).getItems().size(), 2);
  }

  private void refusals(Quickstart basic) throws Exception {
    PlanProblem plan =
        refused(
            PlanProblem.class,
            403,
            () ->
                basic.workspace.patchWorkspace(
                    new WorkspacePatch().userDailyBudgetUsd(usd("1")), null, null, null, null));
    is(plan.getField(), SettingField.USER_DAILY_BUDGET_USD);
    is(plan.getPlan(), Plan.BASIC);
    is(plan.getRequiredPlan(), Plan.PRO);
    is(plan.getErrors().getFirst().getPointer(), "#/user_daily_budget_usd");
    DeclaredFieldProblem declared =
        refused(
            DeclaredFieldProblem.class,
            409,
            () -> workspace.patchWorkspace(new WorkspacePatch().dailyBudgetUsd(usd("1")), null, null, null, null));
    is(declared.getField(), "daily_budget_usd");
    is(declared.getDeclaredBy().startsWith("team/"), true);
    ValidationProblem invalid =
        refused(
            ValidationProblem.class,
            422,
            () ->
                runs.startRun(
                    new RunRequest().userId("").maxCostUsd(usd("0.0000001")), null, null, null));
    is(invalid.getErrors().stream().map(FieldError::getPointer).toList(), List.of("#/user_id", "#/max_cost_usd"));
    runs.startRun(new RunRequest().userId("a").leaseSeconds(5), "once", null, null);
    is(
        refused(
                SimpleProblem.class,
                422,
                () -> runs.startRun(new RunRequest().userId("b"), "once", null, null))
            .getCode(),
        SimpleProblem.CodeEnum.IDEMPOTENCY_KEY_REUSED);
    is(
        refused(SimpleProblem.class, 404, () -> runs.getRun(UUID.randomUUID(), null, null)).getCode(),
        SimpleProblem.CodeEnum.NOT_FOUND);
  }

  private void books() throws Exception {
    CreatedApiKey made =
        keys.createApiKey(
            new ApiKeyRequest().name("dashboard").scopes(Set.of(Scope.WORKSPACE_READ)), null, null, null);
    is(made.getKey().startsWith("wsk_"), true);
    is(made.getExpiresAt(), null);
    is(
        keys.listApiKeys(null, null, null, null).getItems().stream().map(ApiKey::getName).toList().contains("dashboard"),
        true);
    keys.deleteApiKey(made.getId(), null, null);
    SettingsOverride override =
        overrides.createOverride(
            new OverrideRequest()
                .dailyBudgetUsd(usd("250.5"))
                .expiresAt(OffsetDateTime.now(ZoneOffset.UTC).plusHours(1))
                .reason("Backlog."),
            null,
            null,
            null);
    is(override.getValue(), usd("250.5"));
    is(override.getField(), OverrideField.DAILY_BUDGET_USD);
    is(overrides.listOverrides(null, null, null, null).getItems().size(), 1);
    overrides.deleteOverride(override.getId(), null, null);
    AuditList page = audit.listAudit(2, null, null, null);
    is(page.getItems().get(0).getSeq(), page.getItems().get(1).getSeq() + 1);
    AuditList rest = audit.listAudit(500, page.getNextCursor(), null, null);
    is(rest.getItems().getLast().getSeq(), 1L);
    is(rest.getNextCursor(), null);
  }

  public static void main(String[] arguments) throws Exception {
    Quickstart team = new Quickstart("WORKSPACE_API_KEY");
    team.quickstart();
    team.refusals(new Quickstart("BASIC_API_KEY"));
    team.books();
    team.killSwitch(new Quickstart("HELD_API_KEY"), new Quickstart("WORKSPACE_FLEET_KEY"));
    System.out.println("The quickstart works.");
  }
}
