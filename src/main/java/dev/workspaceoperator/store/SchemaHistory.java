package dev.workspaceoperator.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Tells at once whether the schema is exactly this program's, which is so at nearly every start:
 * loading Flyway for that answer takes longer than all the rest of a start's work on the store. In
 * doubt the answer is no, and Flyway decides.
 */
final class SchemaHistory {
  static final String FOLDER = "/db/migration/";

  private static final Sql HAS_HISTORY = Sql.load("schema/hasHistory");
  private static final Sql HISTORY = Sql.load("schema/history");

  private SchemaHistory() {}

  /** Whether every migration of this program is applied, unchanged, and no other. */
  static boolean isCurrent(Connection connection) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, HAS_HISTORY)) {
      ResultSet row = statement.run().nextRows();
      if (!row.next() || !row.getBoolean("found")) {
        return false;
      }
    }
    Map<String, Integer> applied = new HashMap<>();
    try (NamedStatement statement = NamedStatement.of(connection, HISTORY)) {
      ResultSet row = statement.run().nextRows();
      while (row.next()) {
        if (!row.getBoolean("applied")) {
          return false;
        }
        applied.put(row.getString("script"), row.getInt("checksum"));
      }
    }
    return applied.equals(
        checksums(Objects.requireNonNull(SchemaHistory.class.getResource(FOLDER), FOLDER)));
  }

  /** The checksum of each file, as Flyway computes it. */
  static Map<String, Integer> checksums(URL folder) {
    try {
      return folder.openConnection() instanceof JarURLConnection jar
          ? packed(jar)
          : unpacked(Path.of(folder.toURI()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Map<String, Integer> packed(JarURLConnection connection) throws IOException {
    Map<String, Integer> checksums = new HashMap<>();
    JarFile jar = connection.getJarFile();
    List<JarEntry> entries =
        jar.stream()
            .filter(entry -> !entry.isDirectory())
            .filter(entry -> entry.getName().startsWith(connection.getEntryName()))
            .toList();
    for (JarEntry entry : entries) {
      try (InputStream in = jar.getInputStream(entry)) {
        String name = entry.getName().substring(connection.getEntryName().length());
        checksums.put(name, checksum(in));
      }
    }
    return checksums;
  }

  private static Map<String, Integer> unpacked(Path folder) throws IOException {
    Map<String, Integer> checksums = new HashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        try (InputStream in = Files.newInputStream(file)) {
          checksums.put(folder.relativize(file).toString(), checksum(in));
        }
      }
    }
    return checksums;
  }

  private static int checksum(InputStream in) throws IOException {
    CRC32 crc = new CRC32();
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      crc.update(line.getBytes(UTF_8));
    }
    return (int) crc.getValue();
  }
}
