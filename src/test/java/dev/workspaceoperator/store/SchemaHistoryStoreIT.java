package dev.workspaceoperator.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaHistoryStoreIT {
  @Test
  void isNotCurrentBeforeTheFirstMigration() throws SQLException, InterruptedException {
    try (StoreFixture db = StoreFixture.open()) {
      db.execute("DROP TABLE flyway_schema_history");

      assertThat(isCurrent(db)).isFalse();
    }
  }

  @Test
  void isCurrentOnceFlywayHasMigrated() throws SQLException, InterruptedException {
    try (StoreFixture db = StoreFixture.open()) {
      assertThat(isCurrent(db)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE flyway_schema_history SET checksum = checksum + 1 WHERE version = '1'",
        "UPDATE flyway_schema_history SET success = false WHERE version = '1'",
        "UPDATE flyway_schema_history SET type = 'BASELINE' WHERE version = '1'",
        "DELETE FROM flyway_schema_history WHERE version = '1'",
        "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by,"
            + " execution_time, success) VALUES (999, '999', 'later', 'SQL', 'V999__later.sql', 1, 'test', 1, true)"
      })
  void isNotCurrentOnceAnythingDiffers(String sql) throws SQLException, InterruptedException {
    try (StoreFixture db = StoreFixture.open()) {
      db.execute(sql);

      assertThat(isCurrent(db)).isFalse();
    }
  }

  @Test
  void findsTheSameFilesWhetherPackedOrNot(@TempDir Path directory) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("db/migration"));
    Files.writeString(folder.resolve("V1__one.sql"), "SELECT 1\r\nFROM ä\n");
    Files.writeString(folder.resolve("V2__two.sql"), "SELECT 2");
    Path jar = directory.resolve("packed.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream packed = new JarOutputStream(out)) {
      packed.putNextEntry(new JarEntry("db/migration/"));
      packed.putNextEntry(new JarEntry("db/migration/V1__one.sql"));
      packed.write("SELECT 1\r\nFROM ä\n".getBytes(UTF_8));
      packed.putNextEntry(new JarEntry("db/migration/V2__two.sql"));
      packed.write("SELECT 2".getBytes(UTF_8));
      packed.putNextEntry(new JarEntry("db/other/V3__three.sql"));
    }
    URL inJar = URI.create("jar:" + jar.toUri() + "!/db/migration/").toURL();

    Map<String, Integer> checksums = SchemaHistory.checksums(folder.toUri().toURL());

    assertThat(checksums).containsOnlyKeys("V1__one.sql", "V2__two.sql");
    assertThat(SchemaHistory.checksums(inJar)).isEqualTo(checksums);
  }

  private static boolean isCurrent(StoreFixture db) throws SQLException {
    try (Connection connection = db.database.pool().getConnection()) {
      return SchemaHistory.isCurrent(connection);
    }
  }
}
