package dev.workspaceoperator.attacks;

import dev.workspaceoperator.app.RoleProcess;
import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.env.Trees;
import dev.workspaceoperator.gate.Gate;
import dev.workspaceoperator.gate.GateSettings;
import dev.workspaceoperator.storm.Wire;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.Awaitility;

/** A durable PostgreSQL, a replica of the role {@code api}, and the attackers' process. */
final class AttackLab implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);
  private static final int LANES = GateSettings.STANDARD.lanes();

  private final EmbeddedDatabase database;
  private final Optional<Path> jar;
  private final Path directory;
  private final JwksOfAttack keySets;
  private final Attackers attackers;
  private final List<RoleProcess> replicas = new ArrayList<>();
  private int port;
  private int made;

  private AttackLab(EmbeddedDatabase database, Optional<Path> jar, Path directory)
      throws IOException {
    this.database = database;
    this.jar = jar;
    this.directory = directory;
    this.keySets = JwksOfAttack.start();
    this.attackers = Attackers.start();
  }

  /**
   * Starts PostgreSQL, and no replica.
   *
   * @param jar of the program; empty: the classes of this JVM
   */
  static AttackLab open(Optional<Path> jar) throws IOException, InterruptedException {
    return new AttackLab(
        EmbeddedDatabase.startThrowaway(System.err::println),
        jar,
        Files.createTempDirectory("workspace-operator-attacks-"));
  }

  /** Starts a replica, in the place of the one that there was. */
  void newReplica() throws IOException, InterruptedException, SQLException {
    stopReplica();
    port = FreePort.find();
    Path issuers = directory.resolve("issuers.yaml");
    Files.writeString(issuers, keySets.issuers());
    List<String> options =
        List.of(
            "--database-url=" + database.url(),
            "--address=127.0.0.1:" + port,
            "--jwt-issuers-file=" + issuers,
            "--log-level=warn");
    Path own = Files.createTempDirectory(directory, "api-");
    RoleProcess replica =
        jar.isPresent()
            ? RoleProcess.startPackaged("api", jar.get(), own, options)
            : RoleProcess.start("api", List.of(), own, options);
    replicas.add(replica);
    Awaitility.await("the replica")
        .atMost(STARTED_WITHIN)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> {
          if (!replica.isAlive()) {
            throw new IllegalStateException("the replica ended by itself:\n" + replica.log());
          }
          return Wire.answers(port) && replica.isReady();
        });
    execute(
        "INSERT INTO cluster (name, uid, controller_epoch) VALUES ('default', 'attacks', 1) ON CONFLICT DO NOTHING");
  }

  private void stopReplica() throws InterruptedException {
    for (RoleProcess replica : replicas) {
      replica.kill();
    }
    replicas.clear();
  }

  RoleProcess replica() {
    return replicas.getLast();
  }

  int port() {
    return port;
  }

  Attackers attackers() {
    return attackers;
  }

  JwksOfAttack keySets() {
    return keySets;
  }

  Optional<Path> jar() {
    return jar;
  }

  Path directory() {
    return directory;
  }

  String databaseUrl() {
    return database.url();
  }

  /** A new workspace of the one lane that everybody here is in. */
  Tenant tenant(Plan plan) throws SQLException {
    UUID id = UUID.randomUUID();
    while (Gate.laneOf(id, LANES) != 0) {
      id = UUID.randomUUID();
    }
    made++;
    execute(
        """
        INSERT INTO workspace (
            workspace_id, cluster, namespace, resource_name, slug, state, resource_uid,
            resource_generation, controller_epoch, plan, deletion_policy, revision,
            declared_revision, created_at, updated_at)
        VALUES ('%s', 'default', 'attacks', 'ws-%d', 'ws-%d', 'PRESENT', 'uid-%d', 1, 1, '%s',
            'Retain', 1, 1, clock_timestamp(), clock_timestamp())
        """
            .formatted(id, made, made, made, plan.label()));
    Scope[] scopes =
        Arrays.stream(Scope.values()).filter(scope -> !scope.isFleet()).toArray(Scope[]::new);
    return new Tenant(port, id, key(Optional.of(id), "Runtime", scopes));
  }

  /** A key that moves the platform's kill switch. */
  String fleetKey() throws SQLException {
    return key(Optional.empty(), "Fleet", Scope.FLEET_WRITE);
  }

  /** Whatever became of a request to release it. */
  void releasePlatform() throws SQLException {
    execute("UPDATE platform SET kill_switch_since = NULL WHERE kill_switch_since IS NOT NULL");
  }

  private String key(Optional<UUID> workspace, String source, Scope... scopes) throws SQLException {
    ApiKey key = ApiKey.generate(RANDOM);
    try (Connection connection = connect();
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO api_key (digest, key_id, workspace_id, name, scopes, source, created_at)"
                    + " VALUES (?, gen_random_uuid(), ?, 'attacks', ?, ?, clock_timestamp())")) {
      insert.setBytes(1, HexFormat.of().parseHex(key.digest().hex()));
      insert.setObject(2, workspace.orElse(null));
      insert.setArray(
          3, connection.createArrayOf("text", Arrays.stream(scopes).map(Scope::label).toArray()));
      insert.setString(4, source);
      insert.execute();
    }
    return key.reveal();
  }

  /** A connection with everything allowed. */
  Connection connect() throws SQLException {
    URI address = URI.create(database.url());
    String[] user = address.getUserInfo().split(":", 2);
    return DriverManager.getConnection(
        "jdbc:postgresql://%s:%d%s"
            .formatted(address.getHost(), address.getPort(), address.getPath()),
        user[0],
        user[1]);
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  long number(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Override
  public void close() throws IOException {
    attackers.close();
    try {
      stopReplica();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    keySets.close();
    database.close();
    Trees.delete(directory);
  }
}
