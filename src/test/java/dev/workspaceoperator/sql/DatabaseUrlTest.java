package dev.workspaceoperator.sql;

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
                Map.of("sslmode", "require"),
                false));
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
                Map.of("application_name", "x"),
                true));
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
    "me@host/db?ssl_mode=require, 'pgjdbc knows, ssl_mode: mend'",
    "me@host/db?sslmode=requre, 'one of disable, allow, prefer, require, verify-ca, verify-full'",
    "me:pw@host/db?sslmod=secret, 'pgjdbc knows, sslmod: mend its spelling'",
    "host/db?password=ab&secret, pgjdbc knows;",
    "me:1/b?secret@host/db, pgjdbc knows;",
    "me:pw@host/db?channel_binding=secret, 'channel_binding in the database URL: it must be one"
        + " of'",
    "me:pw@host/db?target_session_attrs=secret, 'target_session_attrs in the database URL: it must"
        + " be one of any, primary, read-write'",
    "me:pw@host/db?target_session_attrs=read-only, target_session_attrs",
    "me:pw@host/db?targetServerType=secondary, targetServerType in the database URL: the operator"
        + " writes",
    "me:pw@host/db?keepalives_idle=secret, keepalives_idle in the database URL is not taken here",
    "me:pw@host/db?tcp_user_timeout=secret, tcp_user_timeout",
    "me:pw@host/db?sslcrl=secret, sslcrl",
    "me:pw@host/db?hostaddr=secret, hostaddr",
    "me:pw@host/db?host=/secret, sockets of Unix",
    "me:pw@host/db?passfile=secret, --database-password-file",
    "me:pw@host/db?service=secret, service",
    "me:pw@host/db?ssl_min_protocol_version=secret, ssl_min_protocol_version",
    "me:pw@host/db?sslrootcert=system&sslmode=require, it demands sslmode=verify-full",
    "me:pw@host/db?connect_timeout=secret, 'connect_timeout in the database URL: it must be a whole"
        + " number'",
    "me:pw@host/db?prepareThreshold=secret, prepareThreshold",
    "me:pw@host/db?client_encoding=secret, client_encoding",
    "me:pw@host/db?currentSchema=secret, the tables are in the schema public",
    "me:pw@host/db?schema=secret, the tables are in the schema public",
    "me:pw@host/db?connection_limit=1, --database-pool-size",
    "me:pw@host/db?readOnly=true, readOnly in the database URL is not taken here",
    "me:pw@host/db?autosave=always, autosave",
    "me:pw@host/db?preferQueryMode=simple, preferQueryMode",
    "me:pw@host/db?replication=database, replication"
  })
  void aParameterThatIsNotUnderstoodIsToldBeforeAnythingStarts(String address, String message) {
    DatabaseSettings settings = DatabaseSettings.of("postgresql://" + address);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConnectionSource.forWork(settings))
        .withMessageContaining(message)
        .withMessageNotContaining("secret");
  }

  @ParameterizedTest
  @CsvSource({
    "h/db?channel_binding=require, channelBinding=require",
    "h/db?target_session_attrs=read-write, targetServerType=primary",
    "h/db?target_session_attrs=any, targetServerType=any",
    "h/db?gssencmode=disable, gssEncMode=disable",
    "h/db?keepalives=1, tcpKeepAlive=true",
    "h/db?keepalives=0, tcpKeepAlive=false",
    "h/db?application_name=x, ApplicationName=x",
    "h/db?connect_timeout=10, connectTimeout=10",
    "h/db?load_balance_hosts=random, loadBalanceHosts=true",
    "h/db?sslnegotiation=direct, sslNegotiation=direct",
    "h/db?require_auth=scram-sha-256, requireAuth=scram-sha-256",
    "h/db?krbsrvname=pg, kerberosServerName=pg",
    "h/db?sslmode=verify-full&sslrootcert=/ca&sslcert=/c&sslkey=/k, sslmode=verify-full"
        + " sslrootcert=/ca sslcert=/c sslkey=/k",
    "h/db?sslmode=require&sslrootcert=/ca, sslmode=verify-ca sslrootcert=/ca",
    "h/db?sslrootcert=system, sslmode=verify-full"
        + " sslfactory=dev.workspaceoperator.sql.EndingSystemTls",
    "h/db?sslmode=verify-full&sslrootcert=system, sslmode=verify-full"
        + " sslfactory=dev.workspaceoperator.sql.EndingSystemTls",
    "'a,b:5433/db', targetServerType=primary",
    "'a,b:5433/db?target_session_attrs=any', targetServerType=any",
    "h/db?client_encoding=UTF8&sslsni=1&sslcompression=0&fallback_application_name=x&pgbouncer=true,"
        + " ''",
    "h/db?currentSchema=public, ''"
  })
  void parametersAsProvidersPrintThemAreTheDrivers(String address, String expected) {
    Map<String, String> driver =
        DriverParameters.of(DatabaseUrl.parse("postgresql://me:pw@" + address));

    assertThat(driver.entrySet())
        .extracting(Object::toString)
        .containsExactlyInAnyOrder(expected.isEmpty() ? new String[0] : expected.split(" "));
    assertThatNoException()
        .isThrownBy(
            () -> ConnectionSource.forWork(DatabaseSettings.of("postgresql://me:pw@" + address)));
  }

  @Test
  void aModeOfTlsMayBeWrittenInAnyCase() {
    assertThatNoException()
        .isThrownBy(() ->
            ConnectionSource.forWork(
                DatabaseSettings.of("postgresql://me@host/db?sslmode=Require")));
  }

  @Test
  void neverPrintsTheSecret() {
    DatabaseSettings settings = DatabaseSettings.of("postgresql://me:secret@host/db");

    assertThat(settings.toString()).contains("host/db").doesNotContain("secret");
    assertThat(DatabaseUrl.parse(settings.url()).toString()).isEqualTo("host/db");
  }
}
