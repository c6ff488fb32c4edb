package dev.workspaceoperator.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PgbouncerIT {
  @Test
  void standsInFrontOfAServersDatabases(@TempDir Path directory) throws Exception {
    String database = SharedDatabase.createEmpty();

    Pgbouncer pooler =
        Pgbouncer.start(directory.resolve("x"), database, Map.of(), System.err::println);
    try (pooler;
        var connection =
            DriverManager.getConnection(
                "jdbc:"
                    + pooler.inFrontOf(database).replaceFirst("//.*@", "//")
                    + "?preferQueryMode=simple",
                user(database)[0],
                user(database)[1]);
        var row = connection.createStatement().executeQuery("SELECT current_database()")) {
      row.next();
      assertThat(database).endsWith("/" + row.getString(1));
    }
  }

  private static String[] user(String url) {
    return url.substring("postgresql://".length(), url.indexOf('@')).split(":", 2);
  }
}
