package dev.workspaceoperator.workspace.rule;

import dev.workspaceoperator.workspace.Authority;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillLatch.Holder;
import dev.workspaceoperator.workspace.KillSwitch;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.rule.LayerChange.Layer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the REST API's kill switch does (design.md §4): it engages the runtime latch only, and
 * releases that and, while no resource exists, what the manifest left engaged. Who holds another
 * latch releases it. An archived workspace has nothing to stop: its switch moves no more.
 */
public final class KillSwitchRule {
  private static final String FIELD = "kill_switch";

  private KillSwitchRule() {}

  /**
   * Engages the runtime latch, unless it is engaged already.
   *
   * @param reason shown to whoever is refused, at most 500 code points
   * @param now the database's clock
   * @param authority a plan binds its workspace, and not those who run the installation
   */
  public static Judgement engage(
      StoredWorkspace workspace, Optional<String> reason, Instant now, Authority authority) {
    if (workspace.state() == State.ARCHIVED) {
      return new Judgement.Refused(new Refusal.Archived());
    }
    Layers layers = workspace.layers();
    if (layers.killSwitch().of(Holder.RUNTIME).isPresent()) {
      return new Judgement.Unchanged();
    }
    Optional<PlanRefusal> refusal = PlanGate.judgeKillSwitch(layers.declared().plan(), false, true);
    if (refusal.isPresent() && authority == Authority.WORKSPACE) {
      return new Judgement.Refused(new Refusal.PlanTooLow(List.of(refusal.get())));
    }
    KillLatch latch = new KillLatch(Holder.RUNTIME, now, reason);
    return new Judgement.Changed(
        layers.withKillSwitch(layers.killSwitch().with(latch)),
        List.of(new LayerChange(Layer.RUNTIME, FIELD, Optional.of(false), Optional.of(true))));
  }

  /** Releases what the caller can release, on every plan. */
  public static Judgement release(StoredWorkspace workspace) {
    if (workspace.state() == State.ARCHIVED) {
      return new Judgement.Refused(new Refusal.Archived());
    }
    Layers layers = workspace.layers();
    KillSwitch before = layers.killSwitch();
    Optional<KillLatch> held =
        before
            .of(Holder.PLATFORM)
            .or(() -> before.of(Holder.DECLARED).filter(_ -> workspace.state() == State.PRESENT));
    if (held.isPresent()) {
      return new Judgement.Refused(
          new Refusal.KillSwitchHeld(
              held.get(), before.holdersBeside(held.get().holder()), workspace.identity()));
    }
    List<LayerChange> changes = new ArrayList<>();
    if (before.of(Holder.DECLARED).isPresent()) {
      changes.add(new LayerChange(Layer.FROZEN, FIELD, Optional.of(true), Optional.of(false)));
      layers = layers.withDeclared(layers.declared().released());
    }
    if (before.of(Holder.RUNTIME).isPresent()) {
      changes.add(new LayerChange(Layer.RUNTIME, FIELD, Optional.of(true), Optional.of(false)));
    }
    return changes.isEmpty()
        ? new Judgement.Unchanged()
        : new Judgement.Changed(layers.withKillSwitch(KillSwitch.OFF), changes);
  }
}
