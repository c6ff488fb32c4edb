package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.budget;
import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.next;
import static dev.workspaceoperator.store.Manifests.withKeys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.workspaceoperator.sql.DatabaseBugException;
import dev.workspaceoperator.workspace.AuditHead;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.Actor;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditStoreIT {
  private static StoreFixture db;

  @BeforeAll
  static void open() throws InterruptedException {
    db = StoreFixture.open();
  }

  @AfterAll
  static void close() {
    db.close();
  }

  @Nested
  class Table {
    @ParameterizedTest
    @ValueSource(strings = {"UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"})
    void refusesEveryChangeOfWhatIsWritten(String sql) {
      db.accept(fresh());

      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> db.execute(sql))
          .withMessageContaining("append-only");
    }
  }

  @Nested
  class Append {
    private static final String FUNCTION =
        "CREATE FUNCTION fail_on_purpose() RETURNS trigger LANGUAGE plpgsql"
            + " AS $$ BEGIN RAISE EXCEPTION 'on purpose'; END $$; ";

    private static final String NO_AUDIT_ROW_CAN_BE_WRITTEN =
        FUNCTION
            + "CREATE TRIGGER fail BEFORE INSERT ON audit"
            + " FOR EACH ROW EXECUTE FUNCTION fail_on_purpose()";

    private static final String EVERYTHING_IS_WRITTEN_AND_COMMIT_FAILS =
        FUNCTION
            + "CREATE CONSTRAINT TRIGGER fail AFTER UPDATE ON workspace"
            + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail_on_purpose()";

    @ParameterizedTest
    @ValueSource(strings = {NO_AUDIT_ROW_CAN_BE_WRITTEN, EVERYTHING_IS_WRITTEN_AND_COMMIT_FAILS})
    void sharesTheFateOfItsChange(String trigger) throws SQLException, InterruptedException {
      try (StoreFixture own = StoreFixture.open()) {
        Manifest manifest = withKeys(fresh(), Manifests.key("ci", "fate", Scope.RUNS_WRITE));
        StoredWorkspace before = own.accept(manifest);
        List<String> audit = own.audit(before.id());
        own.execute(trigger);

        assertThatExceptionOfType(DatabaseBugException.class)
            .isThrownBy(() ->
                own.store.sync(own.fence, next(withKeys(manifest), budget("1")), State.PRESENT, 1))
            .withMessageContaining("on purpose");
        assertThatExceptionOfType(DatabaseBugException.class)
            .isThrownBy(() -> own.store.retire(own.fence, manifest.identity()))
            .withMessageContaining("on purpose");

        assertThat(own.stored(manifest.identity())).isEqualTo(before);
        assertThat(own.audit(before.id())).isEqualTo(audit);
      }
    }
  }

  @Nested
  class Verify {
    @Test
    void findsNothingInAChainThatIsAsItWasWritten() {
      StoredWorkspace stored = threeChanges();

      AuditVerifier.Report report =
          db.verifier.verify(stored.id(), Optional.of(stored.auditHead()));

      assertThat(report.findings()).isEmpty();
      assertThat(report.rows()).isEqualTo(stored.auditHead().seq());
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "actor = 'x'",
          "layer = 'Runtime'",
          "field = 'x'",
          "before = '\"x\"'",
          "after = NULL",
          "reason = 'x'",
          "request_id = 'x'",
          "\"time\" = \"time\" + interval '1 microsecond'"
        })
    void findsAChangeOfAnyColumn(String change) throws SQLException {
      StoredWorkspace stored = threeChanges();
      tamper(
          "UPDATE audit SET %s WHERE workspace_id = '%s' AND seq = 2"
              .formatted(change, stored.id()));

      assertThat(findings(stored)).containsExactly(new AuditFinding.Changed(stored.id(), 2));
    }

    @Test
    void findsMissingRows() throws SQLException {
      StoredWorkspace stored = threeChanges();
      tamper(
          "DELETE FROM audit WHERE workspace_id = '%s' AND seq IN (2, 3)".formatted(stored.id()));

      assertThat(findings(stored)).containsExactly(new AuditFinding.Missing(stored.id(), 2, 3));
    }

    @Test
    void findsAChainThatWasCutOff() throws SQLException {
      StoredWorkspace stored = threeChanges();
      long head = stored.auditHead().seq();
      tamper(
          "DELETE FROM audit WHERE workspace_id = '%s' AND seq > %d"
              .formatted(stored.id(), head - 2));

      assertThat(findings(stored))
          .containsExactly(new AuditFinding.CutOff(stored.id(), head - 2, head));
    }

    @Test
    void findsAChainThatWasCutOffTogetherWithItsHeadIfTheHeadWasNotedDown() throws SQLException {
      StoredWorkspace stored = threeChanges();
      long head = stored.auditHead().seq();
      tamper(
          "DELETE FROM audit WHERE workspace_id = '%s' AND seq = %d".formatted(stored.id(), head));
      db.execute(
          "UPDATE workspace SET audit_seq = %d, audit_hash = (SELECT hash FROM audit a WHERE a.workspace_id = workspace.workspace_id AND seq = %d) WHERE workspace_id = '%s'"
              .formatted(head - 1, head - 1, stored.id()));

      assertThat(findings(stored)).isEmpty();
      assertThat(db.verifier.verify(stored.id(), Optional.of(stored.auditHead())).findings())
          .containsExactly(
              new AuditFinding.ExpectedRowMissing(stored.id(), stored.auditHead(), head - 1));
    }

    @Test
    void findsARowThatWasHashedAgainAfterItsChange() throws SQLException {
      StoredWorkspace stored = threeChanges();
      tamper(
          "UPDATE audit SET hash = sha256('x') WHERE workspace_id = '%s' AND seq = 2"
              .formatted(stored.id()));

      assertThat(findings(stored))
          .containsExactly(
              new AuditFinding.Changed(stored.id(), 2), new AuditFinding.Unlinked(stored.id(), 3));
    }

    @Test
    void findsAHeadThatIsNotTheLastRow() throws SQLException {
      StoredWorkspace stored = threeChanges();
      AuditHead head = stored.auditHead();
      db.execute(
          "UPDATE workspace SET audit_hash = sha256('x') WHERE workspace_id = '%s'"
              .formatted(stored.id()));

      assertThat(findings(stored))
          .singleElement()
          .isInstanceOfSatisfying(
              AuditFinding.HeadDiffers.class, it -> assertThat(it.lastRow()).isEqualTo(head));
    }

    @Test
    void saysThatAWorkspaceIsUnknown() {
      UUID nobody = UUID.randomUUID();

      assertThat(db.verifier.verify(nobody, Optional.empty()).findings())
          .containsExactly(new AuditFinding.Unknown(nobody));
    }

    private static List<AuditFinding> findings(StoredWorkspace workspace) {
      return db.verifier.verify(workspace.id(), Optional.empty()).findings();
    }

    private static StoredWorkspace threeChanges() {
      Manifest manifest = fresh();
      db.accept(manifest);
      db.accept(next(manifest, budget("1")));
      return db.accept(next(next(manifest, budget("1")), budget("2")));
    }
  }

  @Nested
  class VerifyAll {
    @Test
    void findsRowsWhoseWorkspaceIsGone() throws SQLException, InterruptedException {
      try (StoreFixture own = StoreFixture.open()) {
        StoredWorkspace stored = own.accept(fresh());
        own.accept(fresh());
        own.execute("DELETE FROM workspace WHERE workspace_id = '%s'".formatted(stored.id()));

        assertThat(own.verifier.verifyAll().findings())
            .containsExactly(new AuditFinding.HeadMissing(stored.id()));
      }
    }

    @Test
    void walksEveryChainAndThatOfTheInstallation() throws InterruptedException {
      try (StoreFixture own = StoreFixture.open()) {
        own.accept(fresh());
        own.accept(fresh());
        own.fleetKeys.create(
            "ops",
            Manifests.digest("ops"),
            Set.of(Scope.FLEET_READ),
            Optional.empty(),
            new Actor("administrator", Optional.empty()));

        AuditVerifier.Report report = own.verifier.verifyAll();

        assertThat(report.findings()).isEmpty();
        assertThat(report.chains()).isEqualTo(3);
        assertThat(report.rows()).isEqualTo(9);
      }
    }
  }

  @Nested
  class KeyedChain {
    @Test
    void isNotVerifiedWithoutItsKey() throws InterruptedException {
      try (StoreFixture own = StoreFixture.open()) {
        AuditChain keyed =
            AuditChain.keyed("a key of at least 32 bytes, secret".getBytes(StandardCharsets.UTF_8));
        Manifest manifest = fresh();
        new PostgresDeclaredStore(own.database, keyed).sync(own.fence, manifest, State.PRESENT, 0);

        assertThat(new AuditVerifier(own.database, keyed).verifyAll().findings()).isEmpty();
        assertThat(own.verifier.verifyAll().findings())
            .hasSize(4)
            .allMatch(AuditFinding.Changed.class::isInstance);
      }
    }
  }

  /** As somebody does who owns the database. */
  private static void tamper(String sql) throws SQLException {
    db.execute(
        "ALTER TABLE audit DISABLE TRIGGER audit_is_append_only; %s; ALTER TABLE audit ENABLE TRIGGER audit_is_append_only"
            .formatted(sql));
  }
}
