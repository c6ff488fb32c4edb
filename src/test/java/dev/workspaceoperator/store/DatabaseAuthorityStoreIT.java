package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.ServingAuthority;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.sql.SqlStates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseAuthorityStoreIT {
  private static final String TRUSTED = "encrypted";

  @TempDir private Path directory;

  @Test
  void isReadAgainForEachNewConnectionSoThatANewOneIsPickedUp() throws Exception {
    ServingAuthority first =
        ServingAuthority.create(Files.createDirectory(directory.resolve("first")));
    ServingAuthority second =
        ServingAuthority.create(Files.createDirectory(directory.resolve("second")));
    Path trusted = Files.writeString(directory.resolve("ca.crt"), first.certificate());
    try (EmbeddedDatabase server = startDatabase()) {
      ConnectionSource source =
          ConnectionSource.forWork(
              DatabaseSettings.of(
                  server.url() + "?sslmode=verify-full&sslrootcert=" + trusted.toAbsolutePath()));
      server.serveTls(first);
      await().until(() -> connect(source).equals(TRUSTED));

      server.serveTls(second);
      await().until(() -> connect(source).contains("PKIX path"));
      Files.writeString(trusted, second.certificate());

      assertThat(connect(source)).isEqualTo(TRUSTED);
    }
  }

  private EmbeddedDatabase startDatabase() throws InterruptedException {
    return EmbeddedDatabase.start(directory.resolve("database"), 0, System.err::println);
  }

  /** {@link #TRUSTED}, or why there is no connection. */
  private static String connect(ConnectionSource source) {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
      return row.next() && row.getBoolean(1) ? TRUSTED : "in the clear";
    } catch (SQLException e) {
      return SqlStates.isTransient(e)
          ? String.valueOf(e.getMessage())
          : "for ever: " + e.getMessage();
    }
  }
}
