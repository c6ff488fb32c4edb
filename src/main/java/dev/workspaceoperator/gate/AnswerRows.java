package dev.workspaceoperator.gate;

import dev.workspaceoperator.gate.ledger.WorkspaceLedger;
import dev.workspaceoperator.sql.Column;
import dev.workspaceoperator.sql.Sql;
import java.util.List;

/** What a batch writes to the idempotency keys. */
final class AnswerRows {
  private static final Sql KEEP_ANSWERS = Sql.load("gate/keepAnswers");

  private final Rows rows = new Rows(KEEP_ANSWERS);
  private final Column.Uuids workspaceIds = rows.uuids("kept_workspace_ids");
  private final Column.Dates days = rows.dates("kept_days");
  private final Column.Texts keys = rows.texts("kept_keys");
  private final Column.Texts fingerprints = rows.texts("kept_fingerprints");
  private final Column.Texts kinds = rows.texts("kept_kinds");
  private final Column.Uuids effectIds = rows.uuids("kept_effect_ids");
  private final Column.Times times = rows.times("kept_times");

  /** Adds the keys of one workspace. */
  void add(WorkspaceLedger ledger) {
    ledger
        .batch()
        .newAnswers()
        .forEach((key, answer) -> {
          workspaceIds.add(ledger.workspace().id());
          days.add(ledger.batch().today());
          keys.add(key);
          fingerprints.add(answer.fingerprint());
          kinds.add(answer.kind());
          effectIds.add(answer.effectId());
          times.add(ledger.workspace().now());
        });
  }

  List<Rows> rows() {
    return List.of(rows);
  }
}
