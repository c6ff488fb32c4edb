package dev.workspaceoperator.store;

import dev.workspaceoperator.workspace.AuditHead;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

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

  /** Verifies every chain. */
  public Report verifyAll() {
    return database.transact(connection -> {
      begin(connection);
      List<AuditFinding> findings = new ArrayList<>();
      long rows = 0;
      List<Head> heads = heads(connection, Optional.empty());
      for (Head head : heads) {
        rows += walk(connection, head, Optional.empty(), findings);
      }
      try (Call call = Call.of(connection, ORPHANS)) {
        ResultSet row = call.run().nextRows();
        while (row.next()) {
          findings.add(new AuditFinding.HeadMissing(chainOf(row)));
        }
      }
      return new Report(heads.size(), rows, findings);
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
        return new Report(0, 0, List.of(new AuditFinding.Unknown(workspaceId)));
      }
      return new Report(1, walk(connection, heads.getFirst(), expected, findings), findings);
    });
  }

  /** One snapshot for heads and rows, so that a change made meanwhile is not taken for damage. */
  private static void begin(Connection connection) throws SQLException {
    try (Call call = Call.of(connection, Sql.ONE_SNAPSHOT)) {
      call.run();
    }
  }

  private static List<Head> heads(Connection connection, Optional<UUID> workspaceId)
      throws SQLException {
    try (Call call = Call.of(connection, HEADS)) {
      ResultSet row = call.uuid("workspace_id", workspaceId.orElse(null)).run().nextRows();
      List<Head> heads = new ArrayList<>();
      while (row.next()) {
        heads.add(new Head(chainOf(row), WorkspaceRows.head(row)));
      }
      return heads;
    }
  }

  private long walk(
      Connection connection, Head head, Optional<AuditHead> expected, List<AuditFinding> findings)
      throws SQLException {
    Walk walk = new Walk(head.chain(), findings);
    long rows = 0;
    boolean expectedSeen = expected.isEmpty() || expected.get().equals(AuditHead.EMPTY);
    try (Call call = Call.of(connection, ROWS).fetchSize(FETCH_SIZE)) {
      ResultSet row = call.uuid("workspace_id", head.chain()).run().nextRows();
      while (row.next()) {
        AuditHead link = walk.step(row);
        rows++;
        expectedSeen |= expected.filter(link::equals).isPresent();
      }
    }
    walk.finish(head.audit());
    if (!expectedSeen) {
      findings.add(new AuditFinding.ExpectedRowDiffers(head.chain(), expected.orElseThrow()));
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
   */
  public record Report(int chains, long rows, List<AuditFinding> findings) {
    public Report {
      findings = List.copyOf(findings);
    }
  }

  private record Head(UUID chain, AuditHead audit) {}

  /** The state of a walk along one chain. */
  private final class Walk {
    private final UUID chainId;
    private final List<AuditFinding> findings;
    private AuditHead last = AuditHead.EMPTY;

    private Walk(UUID chainId, List<AuditFinding> findings) {
      this.chainId = chainId;
      this.findings = findings;
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
