package dev.workspaceoperator.env;

import dev.workspaceoperator.store.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL for all tests of a JVM, started when the first asks. Each test class has a
 * database of its own, copied from one that is migrated already.
 */
public final class SharedDatabase {
  private static final String TEMPLATE = "migrated";

  private static @Nullable EmbeddedDatabase server;
  private static int created;

  private SharedDatabase() {}

  /** The address of a new database with the newest schema. */
  public static synchronized String create() throws InterruptedException {
    try {
      EmbeddedDatabase running = server();
      String name = "test_" + ++created;
      running.execute("postgres", "CREATE DATABASE " + name + " TEMPLATE " + TEMPLATE);
      return running.url(name);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot create a database", e);
    }
  }

  /** The address of a new database without any schema. */
  public static synchronized String createEmpty() throws InterruptedException {
    try {
      EmbeddedDatabase running = server();
      String name = "test_" + ++created;
      running.execute("postgres", "CREATE DATABASE " + name);
      return running.url(name);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot create a database", e);
    }
  }

  private static EmbeddedDatabase server() throws InterruptedException, SQLException {
    if (server == null) {
      Consumer<String> progress = System.err::println;
      EmbeddedDatabase started = EmbeddedDatabase.startThrowaway(progress);
      started.execute("postgres", "CREATE DATABASE " + TEMPLATE);
      new Migrations(DatabaseSettings.of(started.url(TEMPLATE)))
          .migrate(Duration.ofSeconds(10), progress);
      server = started;
    }
    return server;
  }
}
