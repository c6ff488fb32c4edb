package dev.workspaceoperator.env;

import dev.workspaceoperator.store.Database;
import dev.workspaceoperator.store.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL for all tests of a JVM, started when the first asks. Each test class has a
 * database of its own, copied from one that is migrated already.
 *
 * <p>{@code -Dtest.database=postgresql://user:password@host:port} names a server to use instead,
 * such as one of an older version; the user must be allowed to create databases there.
 */
public final class SharedDatabase {
  private static final String GIVEN_SERVER = "test.database";

  private static @Nullable Server server;
  private static int created;

  private SharedDatabase() {}

  /** The address of a new database with the newest schema. */
  public static synchronized String create() throws InterruptedException {
    Server running = server();
    return running.create(" TEMPLATE " + running.template());
  }

  /** The address of a new database without any schema. */
  public static synchronized String createEmpty() throws InterruptedException {
    return server().create("");
  }

  private static Server server() throws InterruptedException {
    if (server == null) {
      String given = System.getProperty(GIVEN_SERVER);
      Server started = given == null ? Server.embedded() : Server.given(given);
      new Migrations(DatabaseSettings.of(started.create("", started.template())))
          .migrate(Duration.ofSeconds(10), System.err::println);
      server = started;
    }
    return server;
  }

  /**
   * Where databases are made.
   *
   * @param url of the server, without a database
   * @param admin connected to it
   * @param prefix of every database's name: several JVMs may use one server
   */
  private record Server(String url, Database admin, String prefix) {
    static Server embedded() throws InterruptedException {
      return at(EmbeddedDatabase.startThrowaway(System.err::println).serverUrl(), "test");
    }

    static Server given(String url) {
      return at(url, "test_" + UUID.randomUUID().toString().replace("-", ""));
    }

    private static Server at(String url, String prefix) {
      return new Server(url, Database.open(DatabaseSettings.of(url + "/postgres")), prefix);
    }

    String template() {
      return prefix + "_migrated";
    }

    String create(String options) {
      return create(options, prefix + "_" + ++created);
    }

    String create(String options, String name) {
      return admin.read(connection -> {
        try (Statement statement = connection.createStatement()) {
          statement.execute("CREATE DATABASE " + name + options);
          return url + "/" + name;
        }
      });
    }
  }
}
