package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {
  @Test
  void readsAnAddressAsPsqlTakesIt() {
    assertThat(
            DatabaseUrl.parse("postgresql://me:p%40ss+w%2Ford@h1:5432,h2:5433/db?sslmode=require"))
        .isEqualTo(
            new DatabaseUrl(
                "h1:5432,h2:5433",
                "db",
                Optional.of("me"),
                Optional.of("p@ss+w/ord"),
                Map.of("sslmode", "require")));
  }

  @Test
  void readsAnAddressAsJdbcTakesIt() {
    assertThat(
            DatabaseUrl.parse(
                "jdbc:postgresql://host/db?user=me&password=a%26b&application_name=x"))
        .isEqualTo(
            new DatabaseUrl(
                "host",
                "db",
                Optional.of("me"),
                Optional.of("a&b"),
                Map.of("ApplicationName", "x")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://me:secret@host/db",
        "postgresql://me:secret@host",
        "postgresql://me:secret@host/",
        "postgresql://me:secret@host:0/db",
        "postgresql://me:secret@host:5432,other:65536/db",
        "postgresql://me:secret@host:port/db"
      })
  void refusesWhatItCannotReadWithoutRepeatingTheSecret(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DatabaseUrl.parse(url))
        .withMessageNotContaining("secret");
  }

  @ParameterizedTest
  @CsvSource({
    "me@host/db?ssl_mode=require, 'does not know, ssl_mode;'",
    "me@host/db?sslmode=requre, 'one of disable, allow, prefer, require, verify-ca, verify-full'",
    "host/db?password=ab&secret, does not know;",
    "me:1/b?secret@host/db, does not know;"
  })
  void aParameterThatIsNotUnderstoodIsToldBeforeAnythingStarts(String address, String message) {
    DatabaseSettings settings = DatabaseSettings.of("postgresql://" + address);

    assertThatIllegalArgumentException()
        .isThrownBy(settings::check)
        .withMessageContaining(message)
        .withMessageNotContaining("secret");
  }

  @Test
  void aModeOfTlsMayBeWrittenInAnyCase() {
    assertThatNoException()
        .isThrownBy(DatabaseSettings.of("postgresql://me@host/db?sslmode=Require")::check);
  }

  @Test
  void neverPrintsTheSecret() {
    DatabaseSettings settings = DatabaseSettings.of("postgresql://me:secret@host/db");

    assertThat(settings.toString()).contains("host/db").doesNotContain("secret");
    assertThat(DatabaseUrl.parse(settings.url()).toString()).isEqualTo("host/db");
  }
}
