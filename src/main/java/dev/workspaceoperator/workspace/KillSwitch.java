package dev.workspaceoperator.workspace;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The kill switch: on while any latch is engaged (design.md §4).
 *
 * @param latches those that are engaged, strongest first, at most one a holder
 */
public record KillSwitch(List<KillLatch> latches) {
  /** Off. */
  public static final KillSwitch OFF = new KillSwitch(List.of());

  public KillSwitch {
    latches =
        latches.stream()
            .sorted(Comparator.comparing((KillLatch latch) -> latch.holder()).reversed())
            .toList();
  }

  /** Whether every admission is refused. */
  public boolean active() {
    return !latches.isEmpty();
  }

  /** The latch that is named where only one can be: Platform before Declared before Runtime. */
  public Optional<KillLatch> strongest() {
    return latches.stream().findFirst();
  }

  /** The latch of this holder, if engaged. */
  public Optional<KillLatch> of(KillLatch.Holder holder) {
    return latches.stream().filter(latch -> latch.holder() == holder).findFirst();
  }

  /** Who else than this holder has a latch engaged. */
  public Set<KillLatch.Holder> holdersBeside(KillLatch.Holder holder) {
    return latches.stream()
        .map(KillLatch::holder)
        .filter(other -> other != holder)
        .collect(Collectors.toSet());
  }

  /** The same with one latch more. */
  public KillSwitch with(KillLatch latch) {
    List<KillLatch> engaged = new ArrayList<>(latches);
    engaged.add(latch);
    return new KillSwitch(engaged);
  }
}
