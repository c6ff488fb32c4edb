package dev.workspaceoperator.gate;

import dev.workspaceoperator.gate.ledger.WorkspaceLedger;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** The second round trip of a batch: writes what was decided, and commits. */
final class BatchWriter {
  private final Pipelines pipelines = new Pipelines();

  /** Commits every change; false, and the transaction is open still, if there is none. */
  boolean write(Connection connection, Collection<WorkspaceLedger> ledgers) throws SQLException {
    List<WorkspaceLedger> changed =
        ledgers.stream().filter(ledger -> ledger.batch().isChanged()).toList();
    if (changed.isEmpty()) {
      return false;
    }
    List<Rows> tables = tables(changed);
    List<Sql> statements = new ArrayList<>();
    tables.forEach(rows -> statements.add(rows.sql()));
    statements.add(Sql.COMMIT);
    try (NamedStatement statement = NamedStatement.of(connection, pipelines.of(statements))) {
      for (Rows rows : tables) {
        rows.bind(statement);
      }
      statement.run();
    }
    return true;
  }

  private static List<Rows> tables(List<WorkspaceLedger> ledgers) {
    BookRows books = new BookRows();
    RunRows runs = new RunRows();
    StepRows steps = new StepRows();
    AnswerRows answers = new AnswerRows();
    for (WorkspaceLedger ledger : ledgers) {
      books.add(ledger);
      runs.add(ledger);
      steps.add(ledger);
      answers.add(ledger);
    }
    return Stream.of(books.rows(), runs.rows(), steps.rows(), answers.rows())
        .flatMap(List::stream)
        .filter(rows -> !rows.isEmpty())
        .toList();
  }
}
