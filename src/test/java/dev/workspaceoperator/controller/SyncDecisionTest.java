package dev.workspaceoperator.controller;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.TestSettings;
import dev.workspaceoperator.workspace.port.Gathered;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SyncDecisionTest {
  private final Sample stored = new Sample();
  private final Sample asked = new Sample();

  @Test
  void aNewWorkspaceIsWrittenUponNothing() {
    assertThat(SyncDecision.decide(asked.manifest(), Presence.STAYING, Sample.nothing()))
        .isEqualTo(new SyncDecision.Sync(asked.manifest(), State.PRESENT, 0));
  }

  @Test
  void whatTheStoreSaysAlreadyIsNotWritten() {
    assertThat(decide()).isEqualTo(new SyncDecision.InForce());
  }

  @Test
  void anOlderViewOfTheResourceIsSuperseded() {
    asked.generation = stored.generation - 1;
    assertThat(decide()).isEqualTo(new SyncDecision.Superseded());
  }

  @Test
  void generationsOfAnotherResourceAreNotCompared() {
    asked.uid = "uid-2";
    asked.generation = 1;
    assertThat(decide()).isEqualTo(sync());
  }

  @Test
  void generationsOfAnotherControllersEpochAreNotCompared() {
    stored.epoch = Sample.EPOCH - 1;
    asked.generation = stored.generation - 1;
    assertThat(decide()).isEqualTo(sync());
  }

  @Test
  void anotherEpochAloneChangesNothing() {
    stored.epoch = Sample.EPOCH - 1;
    assertThat(decide()).isEqualTo(new SyncDecision.InForce());
  }

  @ParameterizedTest
  @EnumSource(
      value = State.class,
      names = {"PRESENT", "FROZEN"})
  void theSlugOfAWorkspaceInUseIsForEver(State state) {
    stored.state = state;
    asked.slug = "other";
    assertThat(decide())
        .isInstanceOfSatisfying(
            SyncDecision.Refuse.class,
            refused -> {
              assertThat(refused.stall().reason()).isEqualTo(Reason.SLUG_IMMUTABLE);
              assertThat(refused.stall().message()).contains("\"my-team\"", "\"other\"");
            });
  }

  @Test
  void anArchivedWorkspaceTakesANewSlug() {
    stored.state = State.ARCHIVED;
    asked.slug = "other";
    assertThat(decide()).isEqualTo(sync());
  }

  @Test
  void whoeverFollowsAResourceThatWentWithDeleteUnseenTakesANewSlug() {
    stored.deletionPolicy = DeletionPolicy.DELETE;
    asked.uid = "uid-2";
    asked.slug = "other";
    assertThat(decide()).isEqualTo(sync());

    asked.uid = stored.uid;
    assertThat(refused(stored.gathered()).reason()).isEqualTo(Reason.SLUG_IMMUTABLE);
  }

  /** Whether it stays, its policy, what is stored, and what that becomes, if it changes. */
  @ParameterizedTest
  @CsvSource({
    "STAYING, RETAIN, PRESENT, ",
    "STAYING, DELETE, PRESENT, ",
    "STAYING, RETAIN, FROZEN, PRESENT",
    "STAYING, DELETE, ARCHIVED, PRESENT",
    "LEAVING, RETAIN, PRESENT, ",
    "LEAVING, RETAIN, FROZEN, PRESENT",
    "LEAVING, RETAIN, ARCHIVED, PRESENT",
    "LEAVING, DELETE, PRESENT, ARCHIVED",
    "LEAVING, DELETE, ARCHIVED, ",
    "GONE, RETAIN, PRESENT, FROZEN",
    "GONE, RETAIN, FROZEN, ",
    "GONE, DELETE, PRESENT, ARCHIVED",
    "GONE, DELETE, FROZEN, ARCHIVED",
    "GONE, DELETE, ARCHIVED, "
  })
  void aManifestCountsUntilItsResourceIsGone(
      Presence presence, DeletionPolicy policy, State before, @Nullable State after) {
    stored.state = before;
    stored.deletionPolicy = policy;
    asked.deletionPolicy = policy;

    assertThat(SyncDecision.decide(asked.manifest(), presence, stored.gathered()))
        .isEqualTo(
            after == null
                ? new SyncDecision.InForce()
                : new SyncDecision.Sync(asked.manifest(), after, Sample.DECLARED_REVISION));
  }

  @ParameterizedTest
  @EnumSource(Presence.class)
  void aNewGenerationIsTakenAlsoOfWhatIsBeingDeletedOrGone(Presence presence) {
    asked.generation++;
    asked.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget("100"));

    assertThat(SyncDecision.decide(asked.manifest(), presence, stored.gathered()))
        .isInstanceOfSatisfying(
            SyncDecision.Sync.class,
            sync -> assertThat(sync.manifest()).isEqualTo(asked.manifest()));
  }

  @Test
  void whatIsArchivedNeedsNoSlug() {
    stored.state = State.ARCHIVED;
    stored.deletionPolicy = DeletionPolicy.DELETE;
    asked.deletionPolicy = DeletionPolicy.DELETE;
    asked.generation++;

    assertThat(
            SyncDecision.decide(
                asked.manifest(), Presence.LEAVING, Sample.slugTaken(stored.gathered())))
        .isEqualTo(
            new SyncDecision.Sync(asked.manifest(), State.ARCHIVED, Sample.DECLARED_REVISION));
  }

  @Test
  void aSlugThatAnotherWorkspaceHoldsIsRefused() {
    assertThat(
            SyncDecision.decide(
                asked.manifest(), Presence.STAYING, Sample.slugTaken(Sample.nothing())))
        .isInstanceOfSatisfying(
            SyncDecision.Refuse.class,
            refused -> {
              assertThat(refused.stall().reason()).isEqualTo(Reason.SLUG_TAKEN);
              assertThat(refused.stall().message()).contains("\"my-team\"");
            });
  }

  @Test
  void everythingThatThePlanRefusesIsSaidAtOnce() {
    asked.declared =
        new DeclaredSettings(
            Plan.BASIC,
            TestSettings.values(
                Optional.empty(),
                Optional.empty(),
                Optional.of(Sample.budget("25")),
                Optional.of(20)),
            Optional.of(true),
            Optional.empty());
    assertThat(decide())
        .isEqualTo(
            refusal(
                Reason.PLAN_UPGRADE_REQUIRED,
                "spec.userDailyBudgetUsd needs plan Pro or higher, and this workspace's plan is Basic."
                    + " spec.maxConcurrentRuns needs plan Pro or higher, and this workspace's plan is Basic."
                    + " spec.killSwitch needs plan Scale or higher, and this workspace's plan is Basic."
                    + " Nothing of this generation is applied."));
  }

  @Test
  void whatWasAcceptedEarlierIsNotRefusedAfterADowngrade() {
    stored.declared = Sample.declaring(Plan.PRO, Sample.userDailyBudget("25"));
    asked.declared = Sample.declaring(Plan.BASIC, Sample.userDailyBudget("25"));
    asked.generation++;
    assertThat(decide()).isEqualTo(sync());
  }

  @Test
  void everyCauseIsToldAndTheFirstIsTheReason() {
    asked.generation = stored.generation - 1;
    asked.slug = "other";
    asked.declared = Sample.killed(Plan.BASIC);
    asked.keys = List.of(Sample.key("foreign", 'b'));
    Gathered gathered = withForeignKey(Sample.slugTaken(stored.gathered()), 'b');
    assertThat(SyncDecision.decide(asked.manifest(), Presence.STAYING, gathered))
        .isEqualTo(new SyncDecision.Superseded());

    asked.generation = stored.generation + 1;
    assertThat(refused(gathered).reason()).isEqualTo(Reason.PLAN_UPGRADE_REQUIRED);
    assertThat(refused(gathered).message())
        .containsSubsequence(
            "spec.killSwitch", "cannot become \"other\"", "spec.apiKeys [foreign]", "Nothing of");

    asked.declared = DeclaredSettings.NONE;
    assertThat(refused(gathered).reason()).isEqualTo(Reason.SLUG_IMMUTABLE);
    assertThat(refused(gathered).message())
        .containsSubsequence("cannot become \"other\"", "spec.apiKeys [foreign]", "Nothing of");

    asked.slug = stored.slug;
    assertThat(refused(gathered).reason()).isEqualTo(Reason.SLUG_TAKEN);
  }

  @Test
  void aCapThatSleepsIsOneOfTheCausesOfARefusal() {
    stored.declared = Sample.declaring(Plan.BASIC, Sample.maxConcurrentRuns(20));
    asked.declared = stored.declared;
    asked.slug = "other";

    Stall stall = refused(stored.gathered());
    assertThat(stall.reason()).isEqualTo(Reason.PLAN_UPGRADE_REQUIRED);
    assertThat(stall.message())
        .containsSubsequence("spec.maxConcurrentRuns", "runs at 3", "cannot become");

    asked.declared = Sample.declaring(Plan.BASIC, Sample.maxConcurrentRuns(21));
    assertThat(refused(stored.gathered()).message())
        .containsOnlyOnce("spec.maxConcurrentRuns")
        .doesNotContain("runs at 3");
  }

  @Test
  void keysThatBelongToSomebodyElseAreLeftOutAndTheRestIsWritten() {
    asked.keys = List.of(Sample.key("own", 'a'), Sample.key("foreign", 'b'));
    SyncDecision decision =
        SyncDecision.decide(
            asked.manifest(), Presence.STAYING, withForeignKey(stored.gathered(), 'b'));
    asked.keys = List.of(Sample.key("own", 'a'));
    assertThat(decision).isEqualTo(sync());
  }

  @Test
  void aForeignKeyIsNotWrittenAgainAndAgain() {
    stored.keys = List.of(Sample.key("own", 'a'));
    asked.keys = List.of(Sample.key("foreign", 'b'), Sample.key("own", 'a'));
    assertThat(
            SyncDecision.decide(
                asked.manifest(), Presence.STAYING, withForeignKey(stored.gathered(), 'b')))
        .isEqualTo(new SyncDecision.InForce());
  }

  @Test
  void theOrderOfKeysDoesNotCount() {
    stored.keys = List.of(Sample.key("one", 'a'), Sample.key("two", 'b'));
    asked.keys = stored.keys.reversed();
    assertThat(decide()).isEqualTo(new SyncDecision.InForce());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("differences")
  void whatDiffersIsWrittenUponTheRevisionItWasJudgedOn(String what, Consumer<Sample> change) {
    change.accept(asked);
    assertThat(decide()).as(what).isEqualTo(sync());
  }

  static Stream<Arguments> differences() {
    Map<String, Consumer<Sample>> changes =
        Map.ofEntries(
            entry("uid", asked -> asked.uid = "uid-2"),
            entry("generation", asked -> asked.generation++),
            entry("deletion policy", asked -> asked.deletionPolicy = DeletionPolicy.DELETE),
            entry("plan", asked -> asked.declared = Sample.plan(Plan.PRO)),
            entry(
                "a setting",
                asked -> asked.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget("100"))),
            entry("a key", asked -> asked.keys = List.of(Sample.key("one", 'a'))),
            entry(
                "a receiver",
                asked ->
                    asked.receivers =
                        List.of(new DeclaredReceiver("a", "https://h/", "k", Set.of()))));
    return changes.entrySet().stream()
        .map(change -> Arguments.of(change.getKey(), change.getValue()));
  }

  @ParameterizedTest
  @EnumSource(
      value = State.class,
      names = {"FROZEN", "ARCHIVED"})
  void aWorkspaceWithoutAResourceComesBackByAWrite(State state) {
    stored.state = state;
    assertThat(decide()).isEqualTo(sync());
  }

  @Test
  void aKeyUnderAnotherNameIsAnotherKey() {
    stored.keys = List.of(Sample.key("one", 'a'));
    asked.keys = List.of(Sample.key("two", 'a'));
    assertThat(decide()).isEqualTo(sync());
  }

  private SyncDecision decide() {
    return SyncDecision.decide(asked.manifest(), Presence.STAYING, stored.gathered());
  }

  private SyncDecision sync() {
    Manifest manifest = asked.manifest();
    return new SyncDecision.Sync(manifest, State.PRESENT, Sample.DECLARED_REVISION);
  }

  private static SyncDecision refusal(Reason reason, String message) {
    return new SyncDecision.Refuse(new Stall(reason, message));
  }

  private Stall refused(Gathered gathered) {
    return ((SyncDecision.Refuse) SyncDecision.decide(asked.manifest(), Presence.STAYING, gathered))
        .stall();
  }

  private static Gathered withForeignKey(Gathered gathered, char digit) {
    return new Gathered(
        gathered.now(),
        gathered.controllerEpoch(),
        gathered.workspace(),
        gathered.slugTaken(),
        Set.of(Sample.digest(digit)));
  }
}
