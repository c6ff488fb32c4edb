package dev.workspaceoperator.controller;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.AuditHead;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillSwitch;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.SettingsOverride;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.TestSettings;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.ReceiverRules;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * A workspace for tests, seen from both sides: its manifest, and what the store knows of it. Made
 * so that the one is in force; a test then changes the fields that it is about.
 */
final class Sample {
  static final Instant NOW = Instant.parse("2030-01-31T12:00:00Z");
  static final long EPOCH = 7;
  static final long DECLARED_REVISION = 42;
  static final UUID ID = new UUID(1, 2);

  String uid = "uid-1";
  long generation = 4;
  String slug = "my-team";
  DeclaredSettings declared = DeclaredSettings.NONE;
  DeletionPolicy deletionPolicy = DeletionPolicy.RETAIN;
  List<DeclaredApiKey> keys = List.of();
  List<DeclaredReceiver> receivers = List.of();
  ReceiverRules receiverRules = (workspace, receiver) -> Optional.empty();

  StoredWorkspace.State state = StoredWorkspace.State.PRESENT;
  long epoch = EPOCH;
  SettingValues runtime = SettingValues.NONE;
  List<SettingsOverride> overrides = List.of();
  KillSwitch killSwitch = KillSwitch.OFF;
  Instant now = NOW;
  long spentMicros;
  long reservedMicros;
  int activeRuns;

  Sample() {}

  Sample(DeclaredSettings declared) {
    this.declared = declared;
  }

  Manifest manifest() {
    return new Manifest(
        new ResourceIdentity("default", "team", "my-team"),
        uid,
        generation,
        slug,
        declared,
        deletionPolicy,
        keys,
        receivers);
  }

  StoredWorkspace stored() {
    return new StoredWorkspace(
        ID,
        new ResourceIdentity("default", "team", "my-team"),
        state,
        uid,
        generation,
        epoch,
        state == StoredWorkspace.State.ARCHIVED ? Optional.empty() : Optional.of(slug),
        deletionPolicy,
        new Layers("my-team", declared, runtime, overrides, killSwitch),
        keys,
        receivers,
        99,
        DECLARED_REVISION,
        new AuditHead(12, "ab".repeat(32)),
        new Usage(
            LocalDate.ofInstant(now, ZoneOffset.UTC),
            new MicroUsd(spentMicros),
            new MicroUsd(reservedMicros),
            activeRuns,
            new Usage.Month(new MicroUsd(spentMicros), new MicroUsd(reservedMicros))));
  }

  Gathered gathered() {
    return new Gathered(now, EPOCH, Optional.of(stored()), false, Set.of());
  }

  /** What the store knows before the first manifest of this identity was accepted. */
  static Gathered nothing() {
    return new Gathered(NOW, EPOCH, Optional.empty(), false, Set.of());
  }

  static Gathered slugTaken(Gathered gathered) {
    return new Gathered(
        gathered.now(),
        gathered.controllerEpoch(),
        gathered.workspace(),
        true,
        gathered.foreignKeys());
  }

  static DeclaredSettings plan(Plan plan) {
    return declaring(plan, SettingValues.NONE);
  }

  static DeclaredSettings declaring(Plan plan, SettingValues values) {
    return new DeclaredSettings(plan, values, Optional.empty(), Optional.empty());
  }

  static DeclaredSettings killed(Plan plan) {
    return new DeclaredSettings(plan, SettingValues.NONE, Optional.of(true), Optional.empty());
  }

  static SettingValues dailyBudget(String usd) {
    return TestSettings.values(
        Optional.empty(), Optional.of(budget(usd)), Optional.empty(), Optional.empty());
  }

  static SettingValues userDailyBudget(String usd) {
    return TestSettings.values(
        Optional.empty(), Optional.empty(), Optional.of(budget(usd)), Optional.empty());
  }

  static SettingValues maxConcurrentRuns(int runs) {
    return TestSettings.values(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(runs));
  }

  static Budget budget(String usd) {
    return usd.equals(Budget.UNLIMITED_WORD) ? Budget.UNLIMITED : Budget.ofUsd(new BigDecimal(usd));
  }

  static KillSwitch latches(KillLatch.Holder... holders) {
    return new KillSwitch(
        Arrays.stream(holders)
            .map(holder -> new KillLatch(holder, NOW, Optional.of("because of " + holder)))
            .toList());
  }

  static DeclaredApiKey key(String name, char digit) {
    return new DeclaredApiKey(name, digest(digit), Set.of(Scope.RUNS_WRITE), Optional.empty());
  }

  static ApiKeyDigest digest(char digit) {
    return new ApiKeyDigest(String.valueOf(digit).repeat(64));
  }
}
