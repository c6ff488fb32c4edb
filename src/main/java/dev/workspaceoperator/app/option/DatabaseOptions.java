package dev.workspaceoperator.app.option;

import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.DatabaseSettings;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which PostgreSQL. */
public final class DatabaseOptions {
  @Option(
      names = "--database-url",
      paramLabel = "URL",
      description =
          "PostgreSQL 15 or newer, as postgresql://user:password@host:port/db or"
              + " jdbc:postgresql://host:port/db?user=…. Required.")
  private @Nullable String url;

  @Option(
      names = "--database-password-file",
      paramLabel = "FILE",
      description =
          "A file that holds the password; read anew for each connection, so a rotated password"
              + " needs no restart.")
  private @Nullable String passwordFile;

  @Option(
      names = "--database-pool-size",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "Most connections of its pool, 2 to 200; a replica of the API has 20 more, the controller 1."
              + " Default: ${DEFAULT-VALUE}.")
  private String poolSize = "10";

  @Option(
      names = "--database-allow-lost-commits",
      arity = "0..1",
      paramLabel = "true|false",
      defaultValue = "false",
      fallbackValue = "true",
      description =
          "Starts, too, where PostgreSQL has synchronous_commit, fsync or full_page_writes off: a"
              + " crash"
              + " of it then loses runs, steps and kill switches that were answered as done. For trying out.")
  private String allowLostCommits = "false";

  /** How the database is reached. */
  public DatabaseSettings read(ConfigurationReader reader) {
    String given = reader.required("--database-url", url);
    Optional<Path> file = reader.file("--database-password-file", passwordFile);
    int size = reader.integer("--database-pool-size", poolSize, 2, 200);
    DatabaseSettings usual = DatabaseSettings.of(given).withPoolSize(size);
    DatabaseSettings settings =
        reader.bool("--database-allow-lost-commits", allowLostCommits)
            ? usual.withDurabilityAsConfigured()
            : usual;
    if (!given.isEmpty()) {
      check(reader, "--database-url", settings);
    }
    return file.map(settings::withPasswordFile).orElse(settings);
  }

  /** The settings with another URL; the same ones where none is given. */
  public static DatabaseSettings other(
      ConfigurationReader reader, String option, @Nullable String url, DatabaseSettings settings) {
    if (url == null || url.isBlank()) {
      return settings;
    }
    DatabaseSettings other = settings.withUrl(url);
    check(reader, option, other);
    return other;
  }

  private static void check(ConfigurationReader reader, String option, DatabaseSettings settings) {
    try {
      ConnectionSource _ = ConnectionSource.forWork(settings);
    } catch (IllegalArgumentException e) {
      // The URL may hold a password: the message says what is wrong without repeating it.
      reader.mistake(option + ": " + e.getMessage() + ".");
    }
  }
}
