package dev.workspaceoperator.workspace;

import dev.workspaceoperator.workspace.StoredWorkspace.State;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Workspaces for tests of the rules. */
public final class Workspaces {
  public static final String NAME = "the-resource";
  public static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  public static final ResourceIdentity IDENTITY = new ResourceIdentity("default", "team", NAME);

  private Workspaces() {}

  /** One without overrides and keys. */
  public static StoredWorkspace of(
      State state, Plan plan, SettingValues declared, SettingValues runtime, KillLatch... latches) {
    KillSwitch killSwitch = new KillSwitch(List.of(latches));
    return new StoredWorkspace(
        new UUID(0, 1),
        IDENTITY,
        state,
        "uid",
        1,
        1,
        Optional.of("slug"),
        DeletionPolicy.RETAIN,
        new Layers(
            NAME,
            new DeclaredSettings(
                plan,
                declared,
                killSwitch.of(KillLatch.Holder.DECLARED).map(_ -> true),
                Optional.of("as declared")),
            runtime,
            List.of(),
            killSwitch),
        List.of(),
        List.of(),
        1,
        1,
        AuditHead.EMPTY,
        new Usage(
            LocalDate.parse("2026-01-31"),
            new MicroUsd(0),
            new MicroUsd(0),
            0,
            new Usage.Month(new MicroUsd(0), new MicroUsd(0))));
  }

  public static KillLatch latch(KillLatch.Holder holder) {
    return new KillLatch(holder, NOW.minusSeconds(60), Optional.of("why"));
  }
}
