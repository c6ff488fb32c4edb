package dev.workspaceoperator.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.store.StoreFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SqlStoreIT {
  private static final Path ROOT = Path.of("src/main/resources/sql");
  private static StoreFixture db;

  @BeforeAll
  static void open() throws InterruptedException {
    db = StoreFixture.open();
  }

  @AfterAll
  static void close() {
    db.close();
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyFileFitsTheSchema(String name) throws SQLException {
    Sql sql = Sql.load(name);
    try (Connection connection = db.database.pool().getConnection();
        PreparedStatement statement = connection.prepareStatement(sql.text())) {
      assertThat(statement.getParameterMetaData().getParameterCount())
          .isEqualTo(sql.parameters().size());
    }
  }

  private static List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(ROOT)) {
      return all.filter(file -> file.toString().endsWith(".sql"))
          .map(file -> ROOT.relativize(file).toString().replace(".sql", ""))
          .sorted()
          .toList();
    }
  }
}
