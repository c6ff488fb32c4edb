package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.sql.Durability;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FitnessTest {
  private static final Map<String, Fitness.Setting> SAFE =
      Map.of(
          "fsync", new Fitness.Setting("on", "default"),
          "full_page_writes", new Fitness.Setting("on", "default"),
          "session_replication_role", new Fitness.Setting("origin", "default"),
          "synchronous_commit", new Fitness.Setting("on", "default"));

  private static Fitness database(
      int version, boolean hasStandbys, Map<String, Fitness.Setting> settings) {
    return new Fitness(
        true,
        version,
        "x",
        "UTF8",
        "db",
        "me",
        false,
        hasStandbys,
        true,
        true,
        List.of(),
        List.of(),
        settings);
  }

  private static Fitness with(String setting, String value, String source, boolean hasStandbys) {
    Map<String, Fitness.Setting> settings = new TreeMap<>(SAFE);
    settings.put(setting, new Fitness.Setting(value, source));
    return database(150_000, hasStandbys, settings);
  }

  @ParameterizedTest
  @CsvSource({"140022, 1", "150000, 0", "180001, 0"})
  void versionsBelow15AreRefused(int version, int mistakes) {
    assertThat(database(version, true, SAFE).mistakes(Durability.REQUIRED)).hasSize(mistakes);
  }

  static Stream<Arguments> losses() {
    return Stream.of(
        Arguments.of(
            "synchronous_commit",
            "off",
            "user",
            false,
            "ALTER ROLE \"me\" SET synchronous_commit = on"),
        Arguments.of(
            "synchronous_commit",
            "off",
            "database",
            false,
            "ALTER DATABASE \"db\" SET synchronous_commit = on"),
        Arguments.of(
            "synchronous_commit",
            "off",
            "database user",
            false,
            "ALTER ROLE \"me\" IN DATABASE \"db\" SET"),
        Arguments.of("synchronous_commit", "off", "client", false, "leave it out of options"),
        Arguments.of(
            "synchronous_commit",
            "off",
            "configuration file",
            false,
            "ALTER SYSTEM SET synchronous_commit = on"),
        Arguments.of("synchronous_commit", "local", "user", true, "ALTER ROLE"),
        Arguments.of("synchronous_commit", "remote_write", "user", true, "ALTER ROLE"),
        Arguments.of("fsync", "off", "command line", false, "ALTER SYSTEM SET fsync = on"),
        Arguments.of(
            "full_page_writes",
            "off",
            "configuration file",
            false,
            "ALTER SYSTEM SET full_page_writes"));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void whatLosesCommitsIsRefusedUnlessAccepted(
      String setting, String value, String source, boolean hasStandbys, String command) {
    Fitness database = with(setting, value, source, hasStandbys);

    assertThat(database.mistakes(Durability.REQUIRED))
        .singleElement()
        .asString()
        .contains(setting + " is " + value, command, "--database-allow-lost-commits");
    assertThat(database.mistakes(Durability.AS_CONFIGURED)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"on, true", "remote_apply, true", "local, false", "remote_write, false"})
  void whatLosesNothingIsNot(String value, boolean hasStandbys) {
    assertThat(with("synchronous_commit", value, "user", hasStandbys).mistakes(Durability.REQUIRED))
        .isEmpty();
  }

  @Test
  void everyMistakeIsToldAtOnce() {
    Fitness database =
        new Fitness(
            true,
            140_000,
            "14.9",
            "LATIN1",
            "d\"b",
            "me",
            false,
            false,
            true,
            false,
            List.of("other"),
            List.of("public.run"),
            Map.of(
                "fsync", new Fitness.Setting("off", "default"),
                "full_page_writes", new Fitness.Setting("off", "default"),
                "session_replication_role", new Fitness.Setting("replica", "user"),
                "synchronous_commit", new Fitness.Setting("off", "user")));

    assertThat(database.mistakes(Durability.REQUIRED))
        .hasSize(9)
        .anySatisfy(it -> assertThat(it).contains("CREATE DATABASE \"d\"\"b_utf8\" OWNER \"me\""))
        .anySatisfy(it -> assertThat(it).contains("ALTER TABLE public.run OWNER TO \"me\";"))
        .anySatisfy(it -> assertThat(it).contains("ALTER SCHEMA other RENAME TO public"));
  }
}
