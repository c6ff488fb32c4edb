package dev.workspaceoperator.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.store.StoreFixture;
import dev.workspaceoperator.trace.TraceContext;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.core.BaseConnection;

class TraceCommentsStoreIT {
  private static final Sql ITSELF =
      new Sql("SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()", List.of());
  private static final Sql PREPARED =
      new Sql("SELECT count(*) FROM pg_prepared_statements WHERE statement = ?", List.of("text"));
  private static final TraceContext TRACE = place(1, true);
  private static final String COMMENT =
      "/*traceparent='00-0af7651916cd43dd8448eb211c80319c-0000000000000001-01'*/ ";

  private static StoreFixture db;

  @BeforeAll
  static void open() throws InterruptedException {
    db = StoreFixture.open();
  }

  @AfterAll
  static void close() {
    db.close();
  }

  @Test
  void postgresqlSeesTheTraceBeforeTheStatementAndOfAPipelineBeforeEach() throws SQLException {
    assertThat(seen(every(Duration.ZERO), TRACE, ITSELF)).containsExactly(COMMENT + ITSELF.text());
    assertThat(seen(every(Duration.ZERO), TRACE, Sql.pipeline(ITSELF, ITSELF)))
        .containsExactly(COMMENT + ITSELF.text(), COMMENT + ITSELF.text());
  }

  @Test
  void whatIsNotSampledOrNotItsTurnIsSentAsItIs() throws SQLException {
    TraceComments rare = every(Duration.ofDays(1));

    assertThat(seen(rare, place(1, false), ITSELF)).containsExactly(ITSELF.text());
    assertThat(seen(rare, TRACE, ITSELF)).containsExactly(COMMENT + ITSELF.text());
    assertThat(seen(rare, TRACE, ITSELF)).containsExactly(ITSELF.text());
  }

  @Test
  void whatIsSaidOnceTakesNoPlaceOfWhatComesAgain() throws SQLException {
    TraceComments comments = every(Duration.ZERO);
    try (Connection connection = db.database.pool().getConnection()) {
      for (int i = 0; i < 10; i++) {
        run(connection, ITSELF);
      }
      for (int i = 1; i <= 600; i++) {
        var _ = comments.during(Optional.of(place(i, true)), () -> run(connection, ITSELF));
      }

      assertThat(prepared(connection, ITSELF.text())).isEqualTo(1);
      assertThat(prepared(connection, COMMENT + ITSELF.text())).isZero();
      assertThat(
              connection
                  .unwrap(BaseConnection.class)
                  .getQueryExecutor()
                  .borrowQuery(COMMENT + ITSELF.text())
                  .getExecuteCount())
          .isZero();
    }
  }

  private static List<String> seen(TraceComments comments, TraceContext trace, Sql sql)
      throws SQLException {
    try (Connection connection = db.database.pool().getConnection()) {
      return comments.during(Optional.of(trace), () -> run(connection, sql));
    }
  }

  private static List<String> run(Connection connection, Sql sql) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (NamedStatement statement = NamedStatement.of(connection, sql)) {
      statement.run();
      for (int i = 0; i < sql.text().split(";", -1).length; i++) {
        ResultSet row = statement.nextRows();
        row.next();
        texts.add(row.getString(1));
      }
    }
    return texts;
  }

  private static long prepared(Connection connection, String text) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, PREPARED)) {
      ResultSet row = statement.text("text", text).run().nextRows();
      row.next();
      return row.getLong(1);
    }
  }

  private static TraceComments every(Duration duration) {
    return new TraceComments(duration);
  }

  private static TraceContext place(long span, boolean isSampled) {
    return new TraceContext("0af7651916cd43dd8448eb211c80319c", "%016x".formatted(span), isSampled);
  }
}
