package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.controller.ConditionCensus;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillSwitch;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.TestSettings;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import dev.workspaceoperator.workspace.port.WorkspaceFigures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the leader tells of all workspaces. */
class LeaderFiguresTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

  private final Metrics metrics = new Metrics();
  private final List<WorkspaceFigures> workspaces =
      List.of(
          workspace("near", StoredWorkspace.State.PRESENT, 7, 1, Optional.of(10), Duration.ZERO),
          workspace("over", StoredWorkspace.State.FROZEN, 11, 0, Optional.of(10), Duration.ZERO),
          workspace(
              "killed",
              StoredWorkspace.State.PRESENT,
              100,
              0,
              Optional.empty(),
              Duration.ofHours(30)));
  private volatile boolean storeUp = true;
  private final AtomicInteger reads = new AtomicInteger();
  private Consumer<Consumer<WorkspaceFigures>> store =
      each -> {
        reads.incrementAndGet();
        workspaces.forEach(each);
      };

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void sumsAreOfAllWhetherTheyAreNamedOrNot() {
    for (WorkspaceLabel label : WorkspaceLabel.values()) {
      try (LeaderFigures _ = start(label)) {
        Scrape scrape = Scrape.of(metrics.text());
        assertThat(value(scrape, "spent_usd", "")).contains(118.0);
        assertThat(value(scrape, "month_spent_usd", "")).contains(236.0);
        assertThat(value(scrape, "workspaces", "{state=\"present\"}")).contains(2.0);
        assertThat(value(scrape, "workspaces", "{state=\"frozen\"}")).contains(1.0);
        assertThat(value(scrape, "workspaces_killed", "")).contains(1.0);
        assertThat(value(scrape, "kill_switch_longest_seconds", "")).contains(108_000.0);
        assertThat(value(scrape, "platform_kill_switch", "")).contains(0.0);
        assertThat(value(scrape, "workspaces_budget_used", "{at_least=\"0.8\",period=\"day\"}"))
            .contains(2.0);
        assertThat(value(scrape, "workspaces_budget_used", "{at_least=\"1\",period=\"day\"}"))
            .contains(1.0);
        assertThat(
                value(scrape, "conditions", "{reason=\"Synced\",status=\"True\",type=\"Ready\"}"))
            .contains(3.0);
        assertThat(scrape.families().containsKey("workspace_operator_workspace_spent_usd"))
            .isEqualTo(label == WorkspaceLabel.TOLD);
        assertThat(metrics.text().contains("workspace=\"")).isEqualTo(label == WorkspaceLabel.TOLD);
      }
    }
  }

  @Test
  void aWorkspaceHasSeriesOfWhatItHas() {
    try (LeaderFigures _ = start(WorkspaceLabel.TOLD)) {
      Scrape scrape = Scrape.of(metrics.text());
      assertThat(value(scrape, "workspace_spent_usd", of("near"))).contains(7.0);
      assertThat(value(scrape, "workspace_reserved_usd", of("near"))).contains(1.0);
      assertThat(value(scrape, "workspace_budget_usd", of("near"))).contains(10.0);
      assertThat(value(scrape, "workspace_budget_usd", of("killed"))).as("unlimited").isEmpty();
      assertThat(value(scrape, "workspace_kill_switch_seconds", of("killed"))).contains(108_000.0);
      assertThat(value(scrape, "workspace_kill_switch_seconds", of("near"))).isEmpty();
      assertThat(scrape.families())
          .doesNotContainKey("workspace_operator_workspace_month_budget_usd");
    }
  }

  /** The end's mark of OpenMetrics comes after the lines that this program writes itself. */
  @Test
  void inOpenMetricsTheEndIsAtTheEnd() throws IOException {
    try (LeaderFigures _ = start(WorkspaceLabel.TOLD)) {
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      metrics.write(output, Exposition.OPEN_METRICS);
      assertThat(output.toString(StandardCharsets.UTF_8))
          .contains("workspace_operator_workspace_spent_usd{")
          .contains("# TYPE workspace_operator_workspace_spent_usd gauge\n")
          .endsWith("\n# EOF\n")
          .containsOnlyOnce("# EOF");
      assertThat(metrics.text()).doesNotContain("# EOF").endsWith("\n");
    }
  }

  @Test
  void howeverManyScrapeTheStoreIsReadOnceInAWhile() {
    try (LeaderFigures _ = start(WorkspaceLabel.TOLD)) {
      for (int i = 0; i < 5; i++) {
        assertThat(metrics.text()).contains("workspace_operator_spent_usd 118.0");
      }
      assertThat(reads.get()).isEqualTo(1);
    }
  }

  @Test
  void whileTheStoreIsAwayThereAreNoFiguresOfItAndTheOthersGoOn() {
    try (LeaderFigures _ = start(WorkspaceLabel.TOLD)) {
      assertThat(metrics.text()).contains("workspace_operator_spent_usd");
      storeUp = false;

      assertThat(metrics.text())
          .doesNotContain("workspace_operator_spent_usd", "workspace_operator_workspace_")
          .contains("workspace_operator_conditions{", "workspace_operator_build_info");

      storeUp = true;
      assertThat(metrics.text()).contains("workspace_operator_spent_usd");
      assertThat(reads.get()).isEqualTo(2);
    }
  }

  @Test
  void aReadThatFailsHalfwayLeavesNoHalfOfTheFigures() {
    store =
        each -> {
          each.accept(workspaces.getFirst());
          throw new StoreUnavailableException("gone", new SQLException());
        };
    try (LeaderFigures _ = start(WorkspaceLabel.TOLD)) {
      assertThat(metrics.text())
          .doesNotContain("workspace_operator_spent_usd", "workspace=\"near\"")
          .contains("workspace_operator_conditions{");
    }
  }

  @Test
  void aScrapeDoesNotWaitForAStoreThatHangs() throws InterruptedException {
    CountDownLatch goesOn = new CountDownLatch(1);
    Consumer<Consumer<WorkspaceFigures>> answering = store;
    store =
        each -> {
          try {
            goesOn.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          answering.accept(each);
        };
    try (LeaderFigures _ = start(WorkspaceLabel.TOLD)) {
      assertThat(metrics.text())
          .doesNotContain("workspace_operator_spent_usd")
          .contains("workspace_operator_conditions{");

      goesOn.countDown();
      await().until(() -> metrics.text().contains("workspace_operator_spent_usd"));
      assertThat(reads.get()).isEqualTo(1);
    }
  }

  @Test
  void whoeverLeadsNoLongerTellsNothing() {
    start(WorkspaceLabel.TOLD).close();

    assertThat(metrics.text())
        .doesNotContain("workspace_operator_spent_usd", "workspace_operator_conditions");
  }

  private LeaderFigures start(WorkspaceLabel label) {
    return LeaderFigures.start(
        new LeaderFigures.Source(
            () -> Map.of(new ConditionCensus.Kind("Ready", "True", "Synced"), 3),
            each -> store.accept(each),
            Optional::empty,
            () -> storeUp),
        PlanDefaults.STANDARD,
        label,
        metrics);
  }

  private static Optional<Double> value(Scrape scrape, String name, String labels) {
    String family = "workspace_operator_" + name;
    return scrape.value(family, family + labels);
  }

  private static String of(String workspace) {
    return "{workspace=\"%s\",workspace_namespace=\"team\"}".formatted(workspace);
  }

  private static WorkspaceFigures workspace(
      String name,
      StoredWorkspace.State state,
      long spent,
      long reserved,
      Optional<Integer> budget,
      Duration killedFor) {
    SettingValues values =
        TestSettings.values(
            Optional.empty(),
            budget.map(usd -> new Budget(usd * 1_000_000L)),
            Optional.empty(),
            Optional.empty());
    return new WorkspaceFigures(
        new ResourceIdentity("default", "team", name),
        Optional.of(name),
        state,
        new Layers(
            name,
            new DeclaredSettings(Plan.SCALE, values, Optional.empty(), Optional.empty()),
            SettingValues.NONE,
            List.of(),
            killedFor.isZero()
                ? KillSwitch.OFF
                : new KillSwitch(
                    List.of(
                        new KillLatch(
                            KillLatch.Holder.RUNTIME, NOW.minus(killedFor), Optional.empty())))),
        new Usage(
            LocalDate.of(2026, 11, 20),
            usd(spent),
            usd(reserved),
            1,
            new Usage.Month(usd(2 * spent), usd(reserved))),
        NOW);
  }

  private static MicroUsd usd(long usd) {
    return new MicroUsd(usd * 1_000_000);
  }
}
