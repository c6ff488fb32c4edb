package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlStatesTest {
  @ParameterizedTest(name = "{0}, {1}: {2}")
  @CsvSource({
    "40001, serialization_failure, true",
    "40P01, deadlock_detected, true",
    "08006, connection_failure, true",
    "57P01, admin_shutdown, true",
    "57P03, cannot_connect_now, true",
    "53300, too_many_connections, true",
    "25006, read_only_sql_transaction, true",
    "55P03, lock_not_available, true",
    "57014, query_canceled, true",
    "28P01, invalid_password, true",
    "28000, invalid_authorization_specification, true",
    "23505, unique_violation, false",
    "42P01, undefined_table, false",
    "42501, insufficient_privilege, false",
    "22P02, invalid_text_representation, false",
    ", a failure of the driver, false"
  })
  void laterAgainIsRightForWhatPassesAndForNothingElse(
      @Nullable String state, String meaning, boolean isTransient) {
    assertThat(SqlStates.isTransient(new SQLException(meaning, state))).isEqualTo(isTransient);
  }
}
