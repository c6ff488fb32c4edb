package dev.workspaceoperator.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SqlTest {
  @Test
  void turnsNamedParametersIntoJdbcsOnesAndLeavesCastsAlone() {
    Sql sql = Sql.load("audit/heads");

    assertThat(sql.parameters()).isEqualTo(List.of("workspace_id", "workspace_id"));
    assertThat(sql.text()).contains("COALESCE(?::uuid, ").doesNotContain(":workspace_id");
  }

  @Test
  void doesNotSendComments() {
    assertThat(Sql.load("declared/gather").text()).doesNotContain("--");
  }

  @Test
  void putsWhatAStatementIncludesInItsPlace() {
    assertThat(Sql.load("registry/list").text())
        .containsSubsequence(
            "now,\n    w.*,",
            "LEFT JOIN workspace_day today",
            "month ON true\n",
            "overrides ON true\n",
            "keys ON true\n",
            "ORDER BY w.cluster")
        .doesNotContain("\\ir");
  }

  @Test
  void saysWhichFileIsMissing() {
    assertThatNullPointerException()
        .isThrownBy(() -> Sql.load("declared/nothing"))
        .withMessageContaining("/sql/declared/nothing.sql");
  }

  @Test
  void identifiersSortByTheirTime() {
    Instant now = Instant.parse("2026-03-04T05:06:07.008Z");

    assertThat(UuidV7.at(now).toString())
        .startsWith("019cb73d-3220-7")
        .isLessThan(UuidV7.at(now.plusMillis(1)).toString());
    assertThat(UuidV7.at(now).variant()).isEqualTo(2);
  }
}
