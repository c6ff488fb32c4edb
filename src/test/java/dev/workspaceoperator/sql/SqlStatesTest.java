package dev.workspaceoperator.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlStatesTest {
  @ParameterizedTest(name = "{0}, {1}: {2}")
  @CsvSource({
    "40001, serialization_failure, LOST_RACE",
    "40P01, deadlock_detected, LOST_RACE",
    "08006, connection_failure, LOST_CONNECTION",
    "57P01, admin_shutdown, LOST_CONNECTION",
    "57P03, cannot_connect_now, LOST_CONNECTION",
    "53000, insufficient_resources, PASSING",
    "53100, disk_full, PASSING",
    "53300, too_many_connections, PASSING",
    "58030, io_error, PASSING",
    "25006, read_only_sql_transaction, PASSING",
    "55P03, lock_not_available, PASSING",
    "57014, query_canceled, PASSING",
    "28P01, invalid_password, PASSING",
    "3D000, invalid_catalog_name, PASSING",
    "28000, invalid_authorization_specification, PASSING",
    "23505, unique_violation, BUG",
    "42P01, undefined_table, BUG",
    "42501, insufficient_privilege, BUG",
    "22P02, invalid_text_representation, BUG",
    ", a failure of the driver, BUG"
  })
  void atOnceOnAnotherSessionOrLaterAgainIsRightForWhatPasses(
      @Nullable String state, String meaning, Kind kind) {
    SQLException failure = new SQLException(meaning, state);
    assertThat(SqlStates.isLostRace(failure)).isEqualTo(kind == Kind.LOST_RACE);
    assertThat(SqlStates.isLostConnection(failure)).isEqualTo(kind == Kind.LOST_CONNECTION);
    assertThat(SqlStates.isTransient(failure)).isEqualTo(kind != Kind.BUG);
  }

  @Test
  void aPoolWithoutAFreeConnectionPasses() {
    assertThat(SqlStates.isTransient(new SQLTransientConnectionException("pool"))).isTrue();
  }

  enum Kind {
    LOST_RACE,
    LOST_CONNECTION,
    PASSING,
    BUG
  }
}
