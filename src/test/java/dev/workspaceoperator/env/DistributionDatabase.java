package dev.workspaceoperator.env;

import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL for all tests of a JVM, as the machine's distribution builds it (JIT included), of
 * the oldest supported version that is installed. Where none is, the build's own stands in, and
 * that is said.
 */
public final class DistributionDatabase {
  private static @Nullable EmbeddedDatabase server;

  private DistributionDatabase() {}

  /** The server. */
  public static synchronized EmbeddedDatabase get() throws InterruptedException {
    if (server == null) {
      Optional<PostgresBinaries> installed = PostgresBinaries.ofDistribution();
      if (installed.isEmpty()) {
        System.err.println(
            "postgres: NONE OF A DISTRIBUTION IS INSTALLED (/usr/lib/postgresql): the build's own,"
                + " without JIT, stands in; on Debian: apt-get install postgresql");
      }
      EmbeddedDatabase started =
          installed.isPresent()
              ? EmbeddedDatabase.startThrowaway(installed.get(), System.err::println)
              : EmbeddedDatabase.startThrowaway(System.err::println);
      server = started;
    }
    return server;
  }

  /**
   * The address of a new, empty database, by a role of its own that owns it.
   *
   * @param defaults of the role's sessions
   * @param options of CREATE DATABASE, such as its encoding
   */
  public static String create(Map<String, String> defaults, String options)
      throws InterruptedException, SQLException {
    EmbeddedDatabase running = get();
    String name = "it_" + UUID.randomUUID().toString().replace("-", "");
    running.execute("postgres", "CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(name, name));
    running.execute("postgres", "CREATE DATABASE %s OWNER %s %s".formatted(name, name, options));
    for (Map.Entry<String, String> setting : defaults.entrySet()) {
      running.execute(
          "postgres",
          "ALTER ROLE %s SET %s = '%s'".formatted(name, setting.getKey(), setting.getValue()));
    }
    return "postgresql://%s:%s@127.0.0.1:%d/%s".formatted(name, name, running.port(), name);
  }
}
