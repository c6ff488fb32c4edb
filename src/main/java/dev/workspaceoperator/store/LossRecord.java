package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.CanonicalJson;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.PendingNotifications;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.workspace.AuditHead;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillLatch.Holder;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.LostHistory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes down that history was lost, where nobody can take it for something that a person did: in
 * the workspace's own audit chain. What stopped the workspace then stops it again, until a person
 * lets go.
 */
final class LossRecord {
  /** The field of such an audit row; its layer is the whole installation. */
  static final String FIELD = "history";

  static final AuditLayer LAYER = AuditLayer.PLATFORM;

  /** As the column has it. */
  private static final int REASON_LENGTH_MAX = 500;

  private static final String ACTOR = "controller, by what status knew";
  private static final Sql KNOWS = Sql.load("declared/knows");
  private static final Sql IS_TOLD = Sql.load("declared/isLossTold");
  private static final Sql RECORD =
      Sql.pipeline(Sql.load("declared/recordLoss"), AuditChain.APPEND, Sql.load("declared/gather"));

  private final AuditChain audit;

  LossRecord(AuditChain audit) {
    this.audit = audit;
  }

  static LostHistory.Answer answer(Connection connection, LostHistory.Question question)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, KNOWS)) {
      ResultSet row =
          statement
              .uuid("workspace_id", question.workspaceId())
              .bigint("seq", question.head().seq())
              .bytes("hash", HexFormat.of().parseHex(question.head().hash()))
              .time("platform_since", question.platformSince())
              .run()
              .nextRows();
      row.next();
      return new LostHistory.Answer(row.getBoolean("has_head"), row.getBoolean("has_platform"));
    }
  }

  /**
   * Writes it, unless that was done before.
   *
   * @param before of the workspace, whose row is locked
   * @return what the store knows now
   */
  Gathered write(
      Connection connection,
      PendingNotifications notifications,
      Gathered before,
      StoredWorkspace workspace,
      LostHistory lost)
      throws SQLException {
    String known = known(lost);
    if (isTold(connection, workspace, known)) {
      return before;
    }
    Optional<KillLatch> latch =
        workspace.layers().killSwitch().of(Holder.RUNTIME).isPresent()
            ? Optional.empty()
            : lost.latches().stream().min((one, other) -> one.holder().compareTo(other.holder()));
    Optional<String> reason = latch.flatMap(LossRecord::reason);
    List<AuditEntry> entries = new ArrayList<>();
    entries.add(
        AuditEntry.of(
                ACTOR,
                LAYER,
                FIELD,
                Optional.of(known),
                Optional.of(head(workspace.id().toString(), workspace.auditHead())))
            .because(Optional.of(lost.told())));
    latch.ifPresent(_ ->
        entries.add(
            AuditEntry.of(
                    ACTOR,
                    AuditLayer.RUNTIME,
                    "kill_switch",
                    Optional.of(CanonicalJson.bool(false)),
                    Optional.of(CanonicalJson.bool(true)))
                .because(reason)));
    AuditChain.Links links =
        audit.link(workspace.id(), workspace.auditHead(), before.now(), entries);
    try (NamedStatement statement = NamedStatement.of(connection, RECORD)) {
      DeclaredWrites.bindGather(statement, workspace.identity(), Optional.empty(), Set.of());
      statement
          .uuid("workspace_id", workspace.id())
          .time("kill_switch_since", latch.map(KillLatch::since).orElse(null))
          .text("kill_switch_reason", reason.orElse(null))
          .bigint("audit_seq", links.head().seq())
          .bytes("audit_hash", HexFormat.of().parseHex(links.head().hash()))
          .time("now", before.now());
      links.bind(statement);
      statement.run();
      notifications.changed(workspace.identity(), workspace.revision() + 1);
      return DeclaredWrites.gathered(statement.nextRows());
    }
  }

  private static boolean isTold(Connection connection, StoredWorkspace workspace, String known)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, IS_TOLD)) {
      ResultSet row =
          statement
              .uuid("workspace_id", workspace.id())
              .text("layer", LAYER.label())
              .text("field", FIELD)
              .text("before", known)
              .run()
              .nextRows();
      row.next();
      return row.getBoolean("told");
    }
  }

  /** The reason is the one that whoever is refused was shown, as far as it fits. */
  private static Optional<String> reason(KillLatch latch) {
    return switch (latch.holder()) {
      case RUNTIME, DECLARED -> latch.reason();
      case PLATFORM ->
          Optional.of(
              cut(
                  "The whole installation was stopped%s; the database has lost that, so this workspace stays stopped until its own kill switch is released"
                      .formatted(latch.reason().map(text -> " (" + text + ")").orElse(""))));
    };
  }

  private static String cut(String text) {
    return text.codePointCount(0, text.length()) <= REASON_LENGTH_MAX
        ? text
        : text.substring(0, text.offsetByCodePoints(0, REASON_LENGTH_MAX - 1)) + "…";
  }

  private static String known(LostHistory lost) {
    return lost.latches().isEmpty()
        ? head(lost.workspaceId().toString(), lost.head())
        : CanonicalJson.object(
            Map.of(
                "head", Optional.of(head(lost.workspaceId().toString(), lost.head())),
                "kill_switches",
                    Optional.of(
                        CanonicalJson.array(
                            lost.latches().stream()
                                .map(latch ->
                                    CanonicalJson.text(
                                        latch.holder().source().label() + " " + latch.since()))
                                .toList()))));
  }

  private static String head(String workspaceId, AuditHead head) {
    return CanonicalJson.object(
        Map.of(
            "id", Optional.of(CanonicalJson.text(workspaceId)),
            "seq", Optional.of(CanonicalJson.integer(head.seq())),
            "hash", Optional.of(CanonicalJson.text(head.hash()))));
  }
}
