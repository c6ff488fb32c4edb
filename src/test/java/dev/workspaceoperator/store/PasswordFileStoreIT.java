package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswordFileStoreIT {
  @TempDir private Path directory;

  @Test
  void isReadAgainForEachNewConnectionSoThatARotatedSecretIsPickedUp()
      throws IOException, SQLException, InterruptedException {
    Path file = directory.resolve("password");
    try (StoreFixture owner = StoreFixture.open()) {
      owner.execute("DROP ROLE IF EXISTS rotating");
      owner.execute("CREATE ROLE rotating LOGIN PASSWORD 'first'");
      URI url = URI.create(owner.url);
      ConnectionSource source =
          ConnectionSource.forWork(
              DatabaseSettings.of(
                      "postgresql://rotating@%s:%d%s"
                          .formatted(url.getHost(), url.getPort(), url.getPath()))
                  .withPasswordFile(file));
      Files.writeString(file, "first\n");
      source.getConnection().close();
      owner.execute("ALTER ROLE rotating PASSWORD 'second'");

      assertThatExceptionOfType(SQLException.class).isThrownBy(source::getConnection);
      Files.writeString(file, "second\n");
      try (Connection connection = source.getConnection()) {
        assertThat(connection.isValid(1)).isTrue();
      }
      owner.execute("DROP ROLE rotating");
    }
  }

  @Test
  void thatIsMissingIsToldAsUnavailable() throws InterruptedException {
    DatabaseSettings settings =
        DatabaseSettings.of(SharedDatabase.create()).withPasswordFile(directory.resolve("none"));
    try (Database database = Database.open(settings)) {
      assertThatExceptionOfType(StoreUnavailableException.class)
          .isThrownBy(() -> database.read(connection -> true));
    }
  }
}
