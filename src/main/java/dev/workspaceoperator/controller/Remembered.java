package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.workspace.AuditHead;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillLatch.Holder;
import dev.workspaceoperator.workspace.KillSwitch;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.Source;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.LostHistory;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a status remembers of its workspace. It is written outside the database, so it is a witness
 * of what a database forgot. Pure.
 *
 * @param id the workspace's id
 * @param head the newest audit row that was known
 * @param latches those of the REST API and of the installation
 * @param status all of it
 */
record Remembered(UUID id, AuditHead head, List<KillLatch> latches, WorkspaceStatus status) {
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  /** Empty for a status that was never written by the operator, or that cannot be read. */
  static Optional<Remembered> of(WorkspaceStatus status) {
    WorkspaceStatus.@Nullable AuditStatus audit = status.audit();
    if (status.id() == null
        || audit == null
        || audit.seq() == null
        || audit.seq() < 1
        || audit.hash() == null
        || !HASH.matcher(audit.hash()).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Remembered(
              UUID.fromString(status.id()),
              new AuditHead(audit.seq(), audit.hash()),
              latches(status),
              status));
    } catch (IllegalArgumentException notAnId) {
      return Optional.empty();
    }
  }

  /** Whether the store need not be asked: it has this very head, and no stop is missing. */
  boolean isUpToDate(StoredWorkspace stored) {
    return stored.id().equals(id)
        && stored.auditHead().equals(head)
        && missing(stored.layers().killSwitch(), Holder.PLATFORM).isEmpty();
  }

  LostHistory.Question question() {
    return new LostHistory.Question(
        id,
        head,
        latches.stream()
            .filter(latch -> latch.holder() == Holder.PLATFORM)
            .map(KillLatch::since)
            .findFirst()
            .orElse(Instant.EPOCH));
  }

  /** What is lost by this answer; empty if nothing. */
  Optional<LostHistory> lost(LostHistory.Answer answer, Gathered now) {
    KillSwitch left =
        now.workspace().map(stored -> stored.layers().killSwitch()).orElse(KillSwitch.OFF);
    List<KillLatch> stops = new ArrayList<>();
    if (!answer.hasHead()) {
      stops.addAll(missing(left, Holder.RUNTIME));
    }
    if (!answer.hasPlatform()) {
      stops.addAll(missing(left, Holder.PLATFORM));
    }
    return answer.hasHead() && stops.isEmpty()
        ? Optional.empty()
        : Optional.of(new LostHistory(id, head, stops, told(answer, stops, now)));
  }

  private List<KillLatch> missing(KillSwitch left, Holder holder) {
    return latches.stream()
        .filter(latch -> latch.holder() == holder && left.of(holder).isEmpty())
        .toList();
  }

  private String told(LostHistory.Answer answer, List<KillLatch> stops, Gathered now) {
    List<String> sentences = new ArrayList<>();
    Optional<StoredWorkspace> stored = now.workspace();
    if (answer.hasHead()) {
      sentences.add(
          "Status knew of a kill switch of the whole installation that the database knows nothing of.");
    } else {
      sentences.add(
          "Status knew of row %d of the audit log of workspace %s, with hash %s, which the database does not have%s: it is older than what was in force, as after a backup was restored, or another one."
              .formatted(
                  head.seq(),
                  id,
                  head.hash(),
                  stored
                      .filter(workspace -> workspace.id().equals(id))
                      .map(workspace ->
                          "; its newest is row %d".formatted(workspace.auditHead().seq()))
                      .orElse(
                          "; here it is %s"
                              .formatted(
                                  stored
                                      .map(workspace -> workspace.id().toString())
                                      .orElse("none")))));
      sentences.add(
          "What the REST API changed since then, and what was run and spent, is gone; so are API keys that were made, and those that were revoked are good again.");
    }
    if (!stops.isEmpty()) {
      sentences.add(
          "It was stopped (%s) and stays so, by the kill switch of its REST API."
              .formatted(
                  String.join(
                      ", ",
                      stops.stream().map(latch -> latch.holder().source().label()).toList())));
    }
    List<String> values = Stream.concat(settings(), spent(stored).stream()).toList();
    if (!values.isEmpty()) {
      sentences.add("Status said then: " + String.join(", ", values) + ".");
    }
    return String.join(" ", sentences);
  }

  /** What people had set beside the manifest, which brings its own back. */
  private Stream<String> settings() {
    WorkspaceStatus.@Nullable Effective effective = status.effective();
    return effective == null
        ? Stream.empty()
        : Arrays.stream(Setting.values())
            .flatMap(it -> setting(it.specName(), effective.get(it)).stream());
  }

  private static Optional<String> setting(
      String name, WorkspaceStatus.@Nullable EffectiveField<?> field) {
    return Optional.ofNullable(field)
        .filter(it -> it.source() != null)
        .filter(it ->
            it.source().equals(Source.RUNTIME.label())
                || it.source().equals(Source.OVERRIDE.label()))
        .map(it -> "%s %s (%s)".formatted(name, it.value(), it.source()));
  }

  /** Only where the database says less of the same day. */
  private Optional<String> spent(Optional<StoredWorkspace> stored) {
    WorkspaceStatus.@Nullable UsageStatus usage = status.usage();
    if (usage == null || usage.day() == null || usage.spentUsd() == null) {
      return Optional.empty();
    }
    try {
      BigDecimal then = new BigDecimal(usage.spentUsd());
      boolean isLess =
          stored
              .filter(workspace -> workspace.usage().day().toString().equals(usage.day()))
              .filter(workspace -> workspace.usage().spent().toUsd().compareTo(then) >= 0)
              .isEmpty();
      return isLess && then.signum() > 0
          ? Optional.of("%s USD spent on %s".formatted(usage.spentUsd(), usage.day()))
          : Optional.empty();
    } catch (NumberFormatException garbled) {
      return Optional.empty();
    }
  }

  private static List<KillLatch> latches(WorkspaceStatus status) {
    WorkspaceStatus.@Nullable KillSwitchLatches shown = status.killSwitch();
    return shown == null || shown.latches() == null
        ? List.of()
        : shown.latches().stream().flatMap(latch -> latch(latch).stream()).toList();
  }

  private static Optional<KillLatch> latch(WorkspaceStatus.Latch latch) {
    try {
      Instant since = Instant.parse(String.valueOf(latch.since()));
      return Arrays.stream(new Holder[] {Holder.RUNTIME, Holder.PLATFORM})
          .filter(holder -> holder.source().label().equals(latch.source()))
          .findFirst()
          .map(holder -> new KillLatch(holder, since, Optional.ofNullable(latch.reason())));
    } catch (DateTimeParseException garbled) {
      return Optional.empty();
    }
  }
}
