package dev.workspaceoperator.app;

import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A database of the user's own, for run mode: its data are kept, and nothing of it is started or
 * stopped.
 *
 * @param url as psql takes it
 */
record RunDatabase(String url) {
  private static final String OPTION = "-Ddatabase.url";
  private static final String JDBC = "jdbc:";
  private static final Duration THERE_WITHIN = Duration.ofSeconds(10);

  /** That of {@code -Ddatabase.url}; empty, with every mistake told, where there is none. */
  static Optional<RunDatabase> read(ConfigurationReader reader, String given) {
    if (given.isBlank()) {
      return Optional.empty();
    }
    try {
      ConnectionSource _ = ConnectionSource.forWork(DatabaseSettings.of(given));
    } catch (IllegalArgumentException e) {
      // The address may hold a password: it is not repeated.
      reader.mistake(OPTION + ": " + e.getMessage() + ".");
    }
    return Optional.of(
        new RunDatabase(given.startsWith(JDBC) ? given.substring(JDBC.length()) : given));
  }

  DatabaseSettings settings() {
    return DatabaseSettings.of(url);
  }

  /**
   * Brings its schema up to date, before anything else is started.
   *
   * @throws IllegalStateException if it cannot be used, with what is wrong
   */
  void prepare(Consumer<String> progress) throws InterruptedException {
    try {
      new Migrations(settings()).migrate(THERE_WITHIN, progress);
    } catch (RuntimeException e) {
      throw new IllegalStateException(OPTION + ": " + e.getMessage(), e);
    }
  }
}
