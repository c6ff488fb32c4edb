package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Durability;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.postgresql.PGConnection;

/**
 * What a database is like, as far as this program depends on it.
 *
 * @param isOwnSession whether PostgreSQL itself answers, and not a pooler
 * @param versionNumber as {@code server_version_num}
 * @param version for people
 * @param encoding of all text in it
 * @param database its name
 * @param role who is signed in
 * @param standby whether it only repeats what a primary does
 * @param hasStandbys whether commits wait for standbys
 * @param hasSchema whether there is a schema {@code public}
 * @param mayCreate whether the role may make tables in it
 * @param schemasWithTables other schemas that hold this program's tables, if {@code public} does
 *     not, quoted
 * @param foreignTables this program's tables whose owner the role is not, quoted
 * @param settings those that no session of ours can or should set
 */
record Fitness(
    boolean isOwnSession,
    int versionNumber,
    String version,
    String encoding,
    String database,
    String role,
    boolean standby,
    boolean hasStandbys,
    boolean hasSchema,
    boolean mayCreate,
    List<String> schemasWithTables,
    List<String> foreignTables,
    Map<String, Setting> settings) {
  private static final Sql FITNESS = Sql.load("schema/fitness");
  private static final int OLDEST = 150_000;

  Fitness {
    schemasWithTables = List.copyOf(schemasWithTables);
    foreignTables = List.copyOf(foreignTables);
    settings = Map.copyOf(settings);
  }

  /**
   * A setting as a session finds it.
   *
   * @param source where from, as {@code pg_settings} has it
   */
  record Setting(String value, String source) {}

  /**
   * Looks.
   *
   * @param bare a session in which nothing was set
   */
  static Fitness of(Connection bare) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(bare, Sql.unhurried(FITNESS))) {
      ResultSet row = statement.run().nextRows();
      if (!row.next()) {
        throw new IllegalStateException("a look at the database has no answer");
      }
      Map<String, Setting> settings = new TreeMap<>();
      for (String setting : texts(row, "settings")) {
        String[] parts = setting.split("\n", 3);
        settings.put(parts[0], new Setting(parts[1], parts[2]));
      }
      return new Fitness(
          row.getInt("session") == bare.unwrap(PGConnection.class).getBackendPID(),
          row.getInt("version_number"),
          text(row, "version"),
          text(row, "encoding"),
          text(row, "database"),
          text(row, "role"),
          row.getBoolean("standby"),
          row.getBoolean("has_standbys"),
          row.getBoolean("has_schema"),
          row.getBoolean("may_create"),
          texts(row, "schemas_with_tables"),
          texts(row, "foreign_tables"),
          settings);
    }
  }

  private static String text(ResultSet row, String column) throws SQLException {
    return Objects.requireNonNull(row.getString(column), column);
  }

  private static List<String> texts(ResultSet row, String column) throws SQLException {
    Array array = Objects.requireNonNull(row.getArray(column), column);
    return Arrays.asList((String[]) array.getArray());
  }

  /** Everything that is wrong, each a sentence with the command that mends it. */
  List<String> mistakes(Durability durability) {
    List<String> mistakes = mistakesOfReading();
    addRights(mistakes);
    if (durability == Durability.REQUIRED) {
      addDurability(mistakes);
    }
    Setting triggers = setting("session_replication_role");
    if (!triggers.value().equals("origin")) {
      mistakes.add(
          "session_replication_role is %s, and nothing would keep the audit trail from being changed: %s."
              .formatted(
                  triggers.value(), command("session_replication_role", "origin", triggers)));
    }
    return mistakes;
  }

  /** What is wrong for whoever only reads, whose role need not own anything. */
  List<String> mistakesOfReading() {
    List<String> mistakes = new ArrayList<>();
    if (versionNumber < OLDEST) {
      mistakes.add("It is PostgreSQL %s: use PostgreSQL 15 or newer.".formatted(version));
    }
    if (!encoding.equals("UTF8")) {
      mistakes.add(
          "Its encoding is %s, which cannot hold every name: make another by CREATE DATABASE %s OWNER %s TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C', and name that in the database URL."
              .formatted(encoding, quoted(database + "_utf8"), quoted(role)));
    }
    return mistakes;
  }

  private void addRights(List<String> mistakes) {
    if (!hasSchema) {
      mistakes.add(
          "It has no schema public, where the tables are: CREATE SCHEMA public AUTHORIZATION %s."
              .formatted(quoted(role)));
    } else if (!mayCreate) {
      mistakes.add(
          "The role %s may not make tables in the schema public: GRANT USAGE, CREATE ON SCHEMA public TO %s."
              .formatted(role, quoted(role)));
    }
    for (String schema : schemasWithTables) {
      mistakes.add(
          "The tables are in the schema %s, and this version looks for them in public alone: if public is empty, DROP SCHEMA public; ALTER SCHEMA %s RENAME TO public."
              .formatted(schema, schema));
    }
    if (!foreignTables.isEmpty()) {
      StringBuilder commands = new StringBuilder();
      for (String table : foreignTables) {
        commands.append(" ALTER TABLE %s OWNER TO %s;".formatted(table, quoted(role)));
      }
      mistakes.add(
          "The role %s is not the owner of %d of the tables:%s"
              .formatted(role, foreignTables.size(), commands));
    }
  }

  private void addDurability(List<String> mistakes) {
    Setting commit = setting("synchronous_commit");
    boolean isLost =
        commit.value().equals("off")
            || (hasStandbys
                && (commit.value().equals("local") || commit.value().equals("remote_write")));
    if (isLost) {
      mistakes.add(unsafe("synchronous_commit", commit));
    }
    for (String name : List.of("fsync", "full_page_writes")) {
      if (!setting(name).value().equals("on")) {
        mistakes.add(unsafe(name, setting(name)));
      }
    }
  }

  private String unsafe(String name, Setting setting) {
    return "%s is %s, so a crash%s loses what was answered as done: %s; or accept that by --database-allow-lost-commits."
        .formatted(
            name,
            setting.value(),
            setting.value().equals("off") ? "" : " of the primary",
            command(name, "on", setting));
  }

  private Setting setting(String name) {
    return Objects.requireNonNull(settings.get(name), name);
  }

  /** What changes a setting where it was set. */
  private String command(String name, String value, Setting setting) {
    return switch (setting.source()) {
      case "client" -> "leave it out of options in the database URL";
      case "user" -> "ALTER ROLE %s SET %s = %s".formatted(quoted(role), name, value);
      case "database" -> "ALTER DATABASE %s SET %s = %s".formatted(quoted(database), name, value);
      case "database user" ->
          "ALTER ROLE %s IN DATABASE %s SET %s = %s"
              .formatted(quoted(role), quoted(database), name, value);
      default -> "ALTER SYSTEM SET %s = %s, then SELECT pg_reload_conf()".formatted(name, value);
    };
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
