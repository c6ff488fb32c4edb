package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.PostgresDeclaredStore;
import dev.workspaceoperator.store.PostgresWorkspaceRegistry;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore.ClusterAdoption;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The administrator's commands, as they are typed, on a real store. */
@SuppressWarnings("NullAway.Init") // Set up before each test.
class CommandsIT {
  private String url;
  private Database database;
  private PostgresDeclaredStore store;
  private ControllerFence fence;

  @BeforeEach
  void open() throws InterruptedException {
    url = SharedDatabase.create();
    database = Database.open(DatabaseSettings.of(url).withPoolSize(2));
    store = new PostgresDeclaredStore(database, AuditChain.unkeyed());
    fence = store.raiseEpoch("default", "uid", ClusterAdoption.REFUSE);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aKeyIsPrintedOnceAndOnlyItsHashIsKept() {
    StoredWorkspace workspace = sync("research");

    Answer answer =
        run("key", "create", "--workspace=research", "--name=ci", "--scopes=runs:write");

    assertThat(answer.code()).isZero();
    ApiKey key = ApiKey.parse(answer.out().strip()).orElseThrow();
    assertThat(answer.err()).contains("\"ci\"").doesNotContain(key.reveal());
    assertThat(query("SELECT encode(digest, 'hex') FROM api_key"))
        .containsExactly(key.digest().hex());
    assertThat(
            query(
                "SELECT actor || ' ' || field FROM audit WHERE workspace_id = '%s' ORDER BY seq DESC LIMIT 1"
                    .formatted(workspace.id())))
        .containsExactly("administrator api_keys/ci");
  }

  @Test
  void aKeyOfTheWholeInstallationIsListedAndRevoked() {
    run("key", "create", "--fleet", "--name=on-call", "--scopes=fleet:read,fleet:write");
    run("key", "create", "--fleet", "--name=next", "--scopes=fleet:read", "--expires-in=P90D");
    assertThat(run("key", "list").out().lines().skip(1))
        .satisfiesExactly(
            next -> assertThat(next).contains("next      fleet:read ").doesNotContain("never"),
            onCall -> assertThat(onCall).contains("on-call   fleet:read,fleet:write ", "never"));
    String id = query("SELECT key_id FROM api_key WHERE name = 'on-call'").getFirst();

    Answer revoked = run("key", "revoke", id);
    Answer again = run("key", "revoke", id);

    assertThat(revoked.code()).as(revoked.err()).isZero();
    assertThat(run("key", "list").out()).contains("next").doesNotContain("on-call");
    assertThat(query("SELECT name FROM api_key WHERE revoked_at IS NOT NULL"))
        .containsExactly("on-call");
    assertThat(
            query(
                "SELECT actor || ' ' || field || ' ' || (after IS NULL) FROM audit WHERE field LIKE"
                    + " 'api_keys/%' ORDER BY seq DESC LIMIT 1"))
        .containsExactly("administrator api_keys/on-call true");
    assertThat(run("audit", "verify").out()).contains("0 finding(s)");
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).contains("There is no key " + id, "revoked already");
  }

  @Test
  void aKeyOfAWorkspaceIsRevokedToo() {
    sync("research");
    run("key", "create", "--workspace=research", "--name=ci", "--scopes=runs:write");
    String id = query("SELECT key_id FROM api_key").getFirst();

    assertThat(run("key", "revoke", id).code()).isZero();

    assertThat(query("SELECT name FROM api_key WHERE revoked_at IS NOT NULL"))
        .containsExactly("ci");
  }

  @Test
  void aKeyOfAnArchivedWorkspaceIsNotSaidToBeMissing() {
    StoredWorkspace workspace = sync("research");
    run("key", "create", "--workspace=research", "--name=ci", "--scopes=runs:write");
    String id = query("SELECT key_id FROM api_key").getFirst();
    store.retire(fence, workspace.identity());
    assertThat(run("workspace", "archive", "team/research").code()).isZero();

    Answer answer = run("key", "revoke", id);

    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.err()).contains("is archived").doesNotContain("There is no key");
  }

  /** Whoever gives the key where its id is wanted finds it in no log of an exec. */
  @Test
  void aKeyInThePlaceOfItsIdIsNotRepeated() {
    Answer answer = run("key", "revoke", "wsk_secret");

    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err()).contains("ID must be a key's id").doesNotContain("wsk_secret");
  }

  @Test
  void aDatabaseWithoutTheSchemaIsToldInASentence() throws InterruptedException {
    url = SharedDatabase.createEmpty();

    for (String command : List.of("workspace list", "workspace archive team/research")) {
      Answer answer = run(command.split(" ", -1));

      assertThat(answer.code()).isEqualTo(1);
      assertThat(answer.err()).contains("run the command migrate").doesNotContain("\tat ");
    }
  }

  @Test
  void aKeyNeedsAWorkspaceThatIsThere() {
    Answer answer = run("key", "create", "--workspace=none", "--name=ci", "--scopes=runs:write");

    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.out()).isEmpty();
    assertThat(answer.err())
        .contains("No workspace holds the slug \"none\"")
        .doesNotContain("\tat ");
  }

  @Test
  void aWorkspaceIsArchivedOnlyOnceItsResourceIsGone() {
    StoredWorkspace workspace = sync("research");

    Answer present = run("workspace", "archive", "team/research");
    assertThat(present.code()).isEqualTo(1);
    assertThat(present.err()).contains("kubectl delete workspace -n team research");

    store.retire(fence, workspace.identity());
    assertThat(run("workspace", "list").out()).contains("frozen", workspace.id().toString());
    assertThat(run("workspace", "archive", "team/research").code()).isZero();
    assertThat(run("workspace", "list").out()).contains("archived", workspace.id().toString());
  }

  @Test
  void aSlugNamesTheChainOfWhoHoldsItNow() {
    StoredWorkspace former = sync("a-former", "shared");
    store.retire(fence, former.identity());
    run("workspace", "archive", "team/a-former");
    StoredWorkspace holder = sync("holder", "shared");

    Answer bySlug = run("audit", "verify", "--workspace=shared", "--head=" + head(holder));
    Answer byId =
        run("audit", "verify", "--workspace=" + former.id(), "--head=" + head(stored(former)));

    assertThat(run("workspace", "list").out()).containsOnlyOnce("shared");
    assertThat(bySlug.out()).contains("1 chain(s)", "0 finding(s)");
    assertThat(bySlug.code()).isZero();
    assertThat(byId.out()).contains("1 chain(s)", "0 finding(s)");
    assertThat(byId.code()).isZero();
    assertThat(run("audit", "verify", "--workspace=nobody").err())
        .contains("No workspace holds the slug \"nobody\"");
  }

  @Test
  void aDamagedChainIsToldRowByRowAndEndsWithOne() throws SQLException {
    sync("research");
    execute(
        "ALTER TABLE audit DISABLE TRIGGER audit_is_append_only;"
            + "UPDATE audit SET actor = 'nobody' WHERE seq = 2");

    Answer answer = run("audit", "verify");

    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.out()).contains("Row 2 of ", "1 finding(s)");
  }

  /** As the master user of a managed PostgreSQL does it, who is no superuser. */
  @Test
  void theDatabaseThatThePageMakesIsOne() throws Exception {
    String role = "of_the_page_" + UUID.randomUUID().toString().replace("-", "");
    String master = role + "_master";
    String page = Files.readString(Path.of("docs", "database.md"));
    String shown = page.substring(page.indexOf("```sql\n") + 7);
    String script =
        shown
            .substring(0, shown.indexOf("```"))
            .replaceAll("(?m)^\\\\password (\\w+)$", "ALTER ROLE $1 PASSWORD 'typed';")
            .replace("workspace_operator", role);
    String[] admin = URI.create(url).getUserInfo().split(":", 2);
    execute("CREATE ROLE %s LOGIN PASSWORD 'm' CREATEDB CREATEROLE".formatted(master));
    try {
      for (String statement : script.split(";", -1)) {
        executeAs(master, "m", url, statement);
      }

      Answer answer =
          run(
              "migrate",
              "--database-url=" + urlOf(role, "typed", url).replaceFirst("/[^/]*$", "/" + role));

      assertThat(answer.code()).as(answer.err()).isZero();
    } finally {
      // Not by the pool, which gives a statement little time.
      executeAs(admin[0], admin[1], url, "DROP DATABASE IF EXISTS " + role);
      executeAs(admin[0], admin[1], url, "DROP ROLE IF EXISTS " + role);
      executeAs(admin[0], admin[1], url, "DROP ROLE " + master);
    }
  }

  private static void executeAs(String user, String password, String url, String sql)
      throws SQLException {
    if (sql.isBlank()) {
      return;
    }
    URI address = URI.create(urlOf(user, password, url));
    String jdbc =
        "jdbc:postgresql://%s:%d%s"
            .formatted(address.getHost(), address.getPort(), address.getPath());
    try (Connection connection = DriverManager.getConnection(jdbc, user, password);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String urlOf(String user, String password, String url) {
    return url.replaceFirst("//[^@]*@", "//%s:%s@".formatted(user, password));
  }

  @Test
  void aSchemaOfANewerProgramIsASentenceAndNoStackTrace() throws SQLException {
    execute(
        "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
            + " checksum, installed_by, execution_time, success)"
            + " VALUES (999, '999', 'later', 'SQL', 'V999__later.sql', 1, 'test', 1, true)");

    Answer answer = run("migrate");

    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.err()).contains("version 999", "newer program").doesNotContain("\tat ");
  }

  private StoredWorkspace sync(String name) {
    return sync(name, name);
  }

  private StoredWorkspace sync(String name, String slug) {
    Manifest manifest =
        new Manifest(
            new ResourceIdentity("default", "team", name),
            "uid-" + name,
            1,
            slug,
            DeclaredSettings.NONE,
            DeletionPolicy.RETAIN,
            List.of(),
            List.of());
    store.sync(fence, manifest, State.PRESENT, 0);
    return new PostgresWorkspaceRegistry(database, AuditChain.unkeyed())
        .findBySlug(slug)
        .orElseThrow();
  }

  private StoredWorkspace stored(StoredWorkspace workspace) {
    return new PostgresWorkspaceRegistry(database, AuditChain.unkeyed())
        .list().stream().filter(it -> it.id().equals(workspace.id())).findFirst().orElseThrow();
  }

  private static String head(StoredWorkspace workspace) {
    return workspace.auditHead().seq() + ":" + workspace.auditHead().hash();
  }

  private List<String> query(String sql) {
    return database.read(connection -> {
      try (Statement statement = connection.createStatement();
          var rows = statement.executeQuery(sql)) {
        List<String> values = new ArrayList<>();
        while (rows.next()) {
          values.add(rows.getString(1));
        }
        return values;
      }
    });
  }

  @ParameterizedTest
  @CsvSource({
    "--address, --management-address, The API cannot listen on",
    "--management-address, --address, The management server cannot listen on"
  })
  @Timeout(60)
  void aPortThatIsTakenIsASentenceAndEndsTheApi(String option, String other, String sentence)
      throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();

      Answer answer = run("api", option + "=" + address, other + "=127.0.0.1:0");

      assertThat(answer.code()).isEqualTo(1);
      assertThat(answer.err())
          .contains(sentence + " " + address, "Choose another with " + option)
          .doesNotContain("\tat ");
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.pool().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private Answer run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine program = Main.program(Map.of("WORKSPACE_OPERATOR_DATABASE_URL", url));
    program.setOut(new PrintWriter(out, true));
    program.setErr(new PrintWriter(err, true));
    return new Answer(program.execute(arguments), out.toString(), err.toString());
  }

  private record Answer(int code, String out, String err) {}
}
