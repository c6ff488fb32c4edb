package dev.workspaceoperator.env;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL for all tests of a JVM, started when the first asks. Each test class has a
 * database of its own, copied from one that is migrated already.
 *
 * <p>{@code -Dtest.database=postgresql://user:password@host:port} names a server to use instead,
 * such as one of an older version; the user must be allowed to create databases there.
 *
 * <p>{@code -Dtest.database.clock=2027-02-28T23:59:50Z} is the time of the database's clock when
 * the schema was made, from which it goes on: tests run in the hours after it, whatever day it is.
 */
public final class SharedDatabase {
  private static final String GIVEN_SERVER = "test.database";
  private static final String GIVEN_CLOCK = "test.database.clock";

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

  /** As the server says it: {@code 18.6}, or {@code 15.18 (Debian 15.18-0+deb12u1)}. */
  public static synchronized String serverVersion() throws InterruptedException {
    return server()
        .admin()
        .read(connection -> {
          try (Statement statement = connection.createStatement();
              ResultSet row = statement.executeQuery("SHOW server_version")) {
            row.next();
            return row.getString(1);
          }
        });
  }

  private static Server server() throws InterruptedException {
    if (server == null) {
      String given = System.getProperty(GIVEN_SERVER);
      Server started = given == null ? Server.embedded() : Server.given(given);
      DatabaseSettings template = DatabaseSettings.of(started.create("", started.template()));
      new Migrations(template).migrate(Duration.ofSeconds(10), System.err::println);
      String clock = System.getProperty(GIVEN_CLOCK);
      if (clock != null) {
        startClock(template, Instant.parse(clock));
      }
      server = started;
    }
    return server;
  }

  /** As if the schema had been made at this time. */
  private static void startClock(DatabaseSettings template, Instant time) {
    try (Database database = Database.open(template)) {
      boolean _ =
          database.read(connection -> {
            try (Statement statement = connection.createStatement()) {
              return statement.execute(
                  """
                  DO $$
                  DECLARE
                      ahead interval := timestamptz '%s' - clock_timestamp();
                      partition regclass;
                  BEGIN
                      EXECUTE format(
                          'CREATE OR REPLACE FUNCTION operator_clock() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE'
                              ' RETURN clock_timestamp() + %%L::interval',
                          ahead);
                      FOR partition IN SELECT inhrelid FROM pg_inherits
                          WHERE inhparent IN (SELECT partrelid FROM pg_partitioned_table)
                              AND inhrelid IN (SELECT oid FROM pg_class WHERE relkind = 'r')
                      LOOP
                          EXECUTE format('DROP TABLE %%s', partition);
                      END LOOP;
                      PERFORM make_day_partition(partrelid::regclass, (operator_clock() AT TIME ZONE 'UTC')::date + days)
                      FROM pg_partitioned_table, generate_series(0, 7) AS days;
                  END
                  $$\
                  """
                      .formatted(time));
            }
          });
    }
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
