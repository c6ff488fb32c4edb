package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.InvalidConfigurationException;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.store.Migrations;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Run mode on a database of the user's own. */
class RunDatabaseIT {
  private final ConfigurationReader reader =
      ConfigurationReader.of(new CommandLine(CommandSpec.create()).getCommandSpec());

  @Test
  void isOnlyTheUsersOwnWhereItIsGiven() {
    assertThat(RunDatabase.read(reader, "")).isEmpty();
    reader.finish();
  }

  @Test
  void itsSchemaIsBroughtUpToDate() throws Exception {
    RunDatabase database = given(SharedDatabase.createEmpty());

    database.prepare(_ -> {});

    assertThat(new Migrations(database.settings()).pending()).isZero();
  }

  @Test
  void itsAddressIsToldAsPsqlTakesIt() {
    assertThat(given("jdbc:postgresql://host:1/db?user=u").url())
        .isEqualTo("postgresql://host:1/db?user=u");
    assertThat(given("postgresql://u:p@host:1/db").url()).isEqualTo("postgresql://u:p@host:1/db");
  }

  @Test
  void anAddressThatCannotBeReadIsToldWithoutIt() {
    Optional<RunDatabase> _ = RunDatabase.read(reader, "mysql://root:secret@host/db");

    assertThatExceptionOfType(InvalidConfigurationException.class)
        .isThrownBy(reader::finish)
        .withMessageContaining("-Ddatabase.url: ")
        .withMessageNotContaining("secret");
  }

  @Test
  void aDatabaseThatIsNotThereIsToldByItsReason() throws Exception {
    String url = SharedDatabase.createEmpty();

    assertThatIllegalStateException()
        .isThrownBy(() -> given(url + "_gone").prepare(_ -> {}))
        .withMessageStartingWith("-Ddatabase.url: ")
        .withMessageContaining("There is no database of this name: CREATE DATABASE");
  }

  private RunDatabase given(String url) {
    RunDatabase database = RunDatabase.read(reader, url).orElseThrow();
    reader.finish();
    return database;
  }
}
