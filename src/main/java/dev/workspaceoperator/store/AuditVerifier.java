package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.AuditHead;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Walks audit chains and tells what was changed, removed or cut off. Writes nothing. */
public final class AuditVerifier {
  private static final Sql HEADS = Sql.load("audit/heads");
  private static final Sql ROWS = Sql.load("audit/rows");
  private static final Sql ORPHANS = Sql.load("audit/orphans");
  private static final int FETCH_SIZE = 1000;

  private final Database database;
  private final AuditChain chain;

  public AuditVerifier(Database database, AuditChain chain) {
    this.database = database;
    this.chain = chain;
  }

  /** The newest row of every chain that has one. */
  public List<ExpectedHead> heads() {
    return database.read(connection ->
        heads(connection, Optional.empty()).stream()
            .filter(head -> head.audit().seq() > 0)
            .map(head -> new ExpectedHead(head.chain(), head.audit()))
            .toList());
  }

  /** Verifies every chain. */
  public Report verifyAll() {
    return verifyAll(List.of());
  }

  /**
   * Verifies every chain.
   *
   * @param expected rows that chains must have, several of one chain too
   */
  public Report verifyAll(List<ExpectedHead> expected) {
    Map<UUID, List<ExpectedHead>> byChain =
        expected.stream().collect(Collectors.groupingBy(ExpectedHead::chain));
    return database.transact(connection -> {
      begin(connection);
      List<AuditFinding> findings = new ArrayList<>();
      List<LossNote> notes = new ArrayList<>();
      long rows = 0;
      List<Head> heads = heads(connection, Optional.empty());
      Set<UUID> chains = new HashSet<>();
      for (Head head : heads) {
        chains.add(head.chain());
        rows +=
            walk(connection, head, byChain.getOrDefault(head.chain(), List.of()), findings, notes);
      }
      expected.stream()
          .filter(row -> !chains.contains(row.chain()))
          .map(row -> new AuditFinding.ExpectedChainMissing(row.chain(), row.head()))
          .forEach(findings::add);
      try (NamedStatement statement = NamedStatement.of(connection, ORPHANS)) {
        ResultSet row = statement.run().nextRows();
        while (row.next()) {
          findings.add(new AuditFinding.HeadMissing(chainOf(row)));
        }
      }
      return new Report(heads.size(), rows, findings, notes);
    });
  }

  /**
   * Verifies one chain.
   *
   * @param expected a row that it must have, as somebody noted it down earlier ({@code
   *     status.audit})
   */
  public Report verify(UUID workspaceId, Optional<AuditHead> expected) {
    return database.transact(connection -> {
      begin(connection);
      List<AuditFinding> findings = new ArrayList<>();
      List<Head> heads = heads(connection, Optional.of(workspaceId));
      if (heads.isEmpty()) {
        return new Report(0, 0, List.of(new AuditFinding.Unknown(workspaceId)), List.of());
      }
      List<ExpectedHead> rows =
          expected.stream().map(row -> new ExpectedHead(workspaceId, row)).toList();
      List<LossNote> notes = new ArrayList<>();
      long walked = walk(connection, heads.getFirst(), rows, findings, notes);
      return new Report(1, walked, findings, notes);
    });
  }

  /** One snapshot for heads and rows, so that a change made meanwhile is not taken for damage. */
  private static void begin(Connection connection) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, Sql.ONE_SNAPSHOT)) {
      statement.run();
    }
  }

  private static List<Head> heads(Connection connection, Optional<UUID> workspaceId)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, HEADS)) {
      ResultSet row = statement.uuid("workspace_id", workspaceId.orElse(null)).run().nextRows();
      List<Head> heads = new ArrayList<>();
      while (row.next()) {
        heads.add(new Head(chainOf(row), WorkspaceRows.head(row)));
      }
      return heads;
    }
  }

  private long walk(
      Connection connection,
      Head head,
      List<ExpectedHead> expected,
      List<AuditFinding> findings,
      List<LossNote> notes)
      throws SQLException {
    Walk walk = new Walk(head.chain(), findings, notes);
    long rows = 0;
    Set<AuditHead> unseen = new LinkedHashSet<>();
    expected.forEach(row -> unseen.add(row.head()));
    unseen.remove(AuditHead.EMPTY);
    try (NamedStatement statement = NamedStatement.of(connection, ROWS).fetchSize(FETCH_SIZE)) {
      ResultSet row = statement.uuid("workspace_id", head.chain()).run().nextRows();
      while (row.next()) {
        AuditHead link = walk.step(row);
        rows++;
        unseen.remove(link);
      }
    }
    walk.finish(head.audit());
    for (AuditHead row : unseen) {
      findings.add(
          row.seq() > walk.last.seq()
              ? new AuditFinding.ExpectedRowMissing(head.chain(), row, walk.last.seq())
              : new AuditFinding.ExpectedRowDiffers(head.chain(), row));
    }
    return rows;
  }

  private static UUID chainOf(ResultSet row) throws SQLException {
    return Objects.requireNonNull(row.getObject("workspace_id", UUID.class));
  }

  /**
   * What was found.
   *
   * @param chains how many chains were walked
   * @param rows how many rows they have
   * @param findings what is wrong; empty if everything is as it was written
   * @param notes what the controller wrote of history that was lost
   */
  public record Report(int chains, long rows, List<AuditFinding> findings, List<LossNote> notes) {
    public Report {
      findings = List.copyOf(findings);
      notes = List.copyOf(notes);
    }
  }

  /**
   * A row in which the controller tells of history that was lost.
   *
   * @param told by the row, in sentences
   */
  public record LossNote(UUID chain, long seq, Instant time, String told) {
    /** For people. */
    public String sentence() {
      return "Row %d of %s tells of a loss, at %s: %s".formatted(seq, chain, time, told);
    }
  }

  private record Head(UUID chain, AuditHead audit) {}

  /** The state of a walk along one chain. */
  private final class Walk {
    private final UUID chainId;
    private final List<AuditFinding> findings;
    private final List<LossNote> notes;
    private AuditHead last = AuditHead.EMPTY;

    private Walk(UUID chainId, List<AuditFinding> findings, List<LossNote> notes) {
      this.chainId = chainId;
      this.findings = findings;
      this.notes = notes;
    }

    private AuditHead step(ResultSet result) throws SQLException {
      AuditRow row = row(result);
      String stored = HexFormat.of().formatHex(result.getBytes("hash"));
      if (row.seq() != last.seq() + 1) {
        findings.add(new AuditFinding.Missing(chainId, last.seq() + 1, row.seq() - 1));
      } else if (!row.previousHash().equals(last.hash())) {
        findings.add(new AuditFinding.Unlinked(chainId, row.seq()));
      }
      if (!chain.hash(row).equals(stored)) {
        findings.add(new AuditFinding.Changed(chainId, row.seq()));
      }
      if (row.layer().equals(LossRecord.LAYER.label()) && row.field().equals(LossRecord.FIELD)) {
        notes.add(new LossNote(chainId, row.seq(), row.time(), row.reason().orElse("")));
      }
      last = new AuditHead(row.seq(), stored);
      return last;
    }

    private void finish(AuditHead head) {
      if (last.seq() < head.seq()) {
        findings.add(new AuditFinding.CutOff(chainId, last.seq(), head.seq()));
      } else if (!last.equals(head)) {
        findings.add(new AuditFinding.HeadDiffers(chainId, head, last));
      }
    }

    private AuditRow row(ResultSet result) throws SQLException {
      return new AuditRow(
          chainId,
          result.getLong("seq"),
          WorkspaceRows.requiredTime(result, "time"),
          result.getString("actor"),
          result.getString("layer"),
          result.getString("field"),
          Optional.ofNullable(result.getString("before")),
          Optional.ofNullable(result.getString("after")),
          Optional.ofNullable(result.getString("reason")),
          Optional.ofNullable(result.getString("request_id")),
          HexFormat.of().formatHex(result.getBytes("previous_hash")));
    }
  }
}
