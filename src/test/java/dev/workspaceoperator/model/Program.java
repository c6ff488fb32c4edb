package dev.workspaceoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.Cluster;
import dev.workspaceoperator.app.ControllerRole;
import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import dev.workspaceoperator.workspace.Scope;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The running program: a controller and an api on a real API server and a real PostgreSQL. */
final class Program implements AutoCloseable {
  private static final String WORKSPACE = "/v1/workspace/";
  private static final String OVERRIDES = "/v1/workspace/overrides";
  private static final String KEYS = "/v1/api-keys";

  /** Name of the keys that a test asks with. */
  private static final String ASKING = "test";

  /** What waits for a slug or a key is looked at again within 10 s at the latest. */
  private static final Duration CONVERGED_WITHIN = Duration.ofSeconds(15);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Cluster cluster;
  private final AppliedManifests manifests;
  private final ControllerRole controller;
  private final ApiServer api;
  private final ApiClient fleet;
  private final Map<String, ApiClient> callers = new HashMap<>();
  private final Map<String, Long> compared = new HashMap<>();
  private final Map<String, ApiKey> secrets = new HashMap<>();
  private final Map<String, String> ids = new HashMap<>();

  private Program(Cluster cluster) throws InterruptedException {
    this.cluster = cluster;
    this.manifests = new AppliedManifests(cluster);
    this.controller = cluster.controller();
    this.api = ApiServer.on(cluster.databaseUrl);
    this.fleet = ApiClient.with(api.port(), api.fleetKey(Scope.FLEET_READ, Scope.FLEET_WRITE));
    SecureRandom random = new SecureRandom();
    NextActions.SECRETS.forEach(label -> secrets.put(label, ApiKey.generate(random)));
  }

  /** One of its own database, at noon, so that no day ends on the way. */
  static Program start() throws InterruptedException, SQLException {
    KubeApiServer kubernetes = SharedKubeApiServer.get();
    WorkspaceCrd.install(kubernetes);
    Cluster cluster = new Cluster(kubernetes, SharedDatabase.create(), "model");
    cluster.execute(
        """
        DO $$ BEGIN EXECUTE format(
          'CREATE OR REPLACE FUNCTION operator_clock() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE
           RETURN clock_timestamp() + %L::interval',
          date_trunc('day', now() AT TIME ZONE 'UTC') + interval '12 hours' - now() AT TIME ZONE 'UTC'); END $$
        """);
    return new Program(cluster);
  }

  /** Makes one call. */
  ModelAnswer perform(Action operation) throws InterruptedException, SQLException {
    String team = operation.team();
    return switch (operation) {
      case Action.Apply it -> manifests.apply(it, secrets);
      case Action.Delete it -> manifests.delete(it);
      case Action.Patch it -> answer(caller(team).patch(WORKSPACE, body(it.fields())));
      case Action.SendBack _ ->
          answer(caller(team).patch(WORKSPACE, caller(team).get(WORKSPACE).body()));
      case Action.Kill it ->
          answer(caller(team).post(WORKSPACE + "kill-switch", "{\"active\":" + it.active() + "}"));
      case Action.KillAll it ->
          answer(fleet.post("/v1/platform/kill-switch", "{\"active\":" + it.active() + "}"));
      case Action.MakeOverride it -> override(it);
      case Action.EndOverride it -> answer(caller(team).delete(OVERRIDES + "/" + id(it.label())));
      case Action.PassOverride it -> {
        cluster.execute(
            "UPDATE workspace_override SET expires_at = operator_clock() WHERE override_id = '%s'"
                .formatted(id(it.label())));
        yield ModelAnswer.OK;
      }
      case Action.MakeKey it -> makeKey(it);
      case Action.RevokeKey it -> answer(caller(team).delete(KEYS + "/" + keyId(team, it.label())));
      case Action.Start it ->
          made(
              it.label(),
              caller(team)
                  .post(
                      "/v1/runs",
                      "{\"user_id\":\"%s\",\"lease_seconds\":3600%s}"
                          .formatted(
                              it.user(),
                              it.maxCost()
                                  .map(cents -> ",\"max_cost_usd\":" + usd(cents))
                                  .orElse(""))));
      case Action.Step it ->
          made(
              it.label(),
              caller(team)
                  .post(
                      "/v1/runs/%s/steps".formatted(id(it.run())),
                      "{\"max_cost_usd\":%s}".formatted(usd(it.maxCost()))));
      case Action.Settle it ->
          answer(
              caller(team)
                  .post(
                      "/v1/runs/%s/steps/%s/settle".formatted(id(it.run()), id(it.label())),
                      "{\"cost_usd\":%s}".formatted(usd(it.cost()))));
      case Action.Finish it ->
          answer(
              caller(team)
                  .post(
                      "/v1/runs/%s/finish".formatted(id(it.run())),
                      "{\"outcome\":\"%s\"}".formatted(it.outcome())));
    };
  }

  /** Waits until everything that can be read of a workspace is as the model has it. */
  void hold(Model model, Team team) {
    List<String> expected = View.of(model, team);
    await()
        .atMost(CONVERGED_WITHIN)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(() -> assertThat(differences(team, expected, read(team))).isEmpty());
    if (team.isStored()) {
      compared.put(team.name, newest(team.name));
    }
    team.rows.clear();
  }

  /** Where the two read differently, line by line. */
  private static String differences(Team team, List<String> expected, List<String> actual) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
      String contract = i < expected.size() ? expected.get(i) : "";
      String program = i < actual.size() ? actual.get(i) : "";
      if (!contract.equals(program)) {
        lines.add(
            "%s: the contract says \"%s\", the program \"%s\""
                .formatted(team.name, contract, program));
      }
    }
    return String.join(System.lineSeparator(), lines);
  }

  /** Whether a secret opens its workspace, and no other. */
  void holdKey(Model model, String label) {
    Optional<Model.Key> holder = model.holder(label);
    ApiClient caller = ApiClient.with(api.port(), secret(label).reveal());
    await()
        .atMost(CONVERGED_WITHIN)
        .pollDelay(Duration.ZERO)
        .untilAsserted(() -> {
          ApiResponse reply = caller.get(WORKSPACE);
          String opens = reply.status() == 200 ? reply.json().path("id").asText() : "nothing";
          assertThat(opens)
              .as(label)
              .isEqualTo(holder.isPresent() ? workspaceId(holder.get().team()) : "nothing");
        });
  }

  /** That each activation of a kill switch made one event, and nothing else did. */
  void holdEvents(Model model) {
    await()
        .atMost(CONVERGED_WITHIN)
        .untilAsserted(() -> {
          Map<String, Integer> told = manifests.events("KillSwitchActivated");
          for (Team team : model.teams()) {
            assertThat(told.getOrDefault(team.name, 0))
                .as("KillSwitchActivated of " + team.name)
                .isEqualTo(team.activations);
          }
        });
  }

  private List<String> read(Team team) throws SQLException {
    ViewReader reading = new ViewReader();
    String state = cluster.row(team.name, "state");
    reading.state(state);
    reading.status(manifests.read(team.name));
    if (!state.isEmpty()) {
      ApiClient caller = caller(team.name);
      reading.workspace(caller.get(WORKSPACE).json());
      reading.settings(caller.get(WORKSPACE + "settings").json());
      reading.usage(caller.get("/v1/usage").json());
      reading.keys(caller.get(KEYS + "?limit=500").json(), ASKING);
      reading.audit(caller.get("/v1/audit?limit=50").json(), compared.getOrDefault(team.name, 0L));
    }
    return reading.lines();
  }

  private long newest(String team) {
    return caller(team).get("/v1/audit?limit=1").json().path("items").path(0).path("seq").asLong();
  }

  private ModelAnswer override(Action.MakeOverride asked) throws SQLException {
    String end =
        cluster.query(
            "SELECT to_char(operator_clock() AT TIME ZONE 'UTC' + interval '1 hour', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')");
    return made(
        asked.label(),
        caller(asked.team())
            .post(
                OVERRIDES,
                "{\"%s\":%s,\"expires_at\":\"%s\",\"reason\":\"by chance\"}"
                    .formatted(asked.field().rest, json(asked.field(), asked.value()), end)));
  }

  private ModelAnswer makeKey(Action.MakeKey asked) {
    ApiResponse reply =
        caller(asked.team())
            .post(
                KEYS, "{\"name\":\"%s\",\"scopes\":[\"workspace:read\"]}".formatted(asked.label()));
    if (reply.status() == 201) {
      secrets.put(asked.label(), ApiKey.parse(reply.json().path("key").asText()).orElseThrow());
    }
    return made(asked.label(), reply);
  }

  private String keyId(String team, String label) {
    for (JsonNode key : caller(team).get(KEYS + "?limit=500").json().path("items")) {
      if (key.path("name").asText().equals(label)) {
        return key.path("id").asText();
      }
    }
    return UUID.randomUUID().toString();
  }

  private ModelAnswer made(String label, ApiResponse reply) {
    if (reply.status() == 201) {
      ids.put(label, reply.json().path("id").asText());
    }
    return answer(reply);
  }

  private static ModelAnswer answer(ApiResponse reply) {
    return new ModelAnswer(reply.status(), reply.code());
  }

  private String id(String label) {
    return Optional.ofNullable(ids.get(label)).orElseThrow();
  }

  private ApiKey secret(String label) {
    return Optional.ofNullable(secrets.get(label)).orElseThrow();
  }

  private ApiClient caller(String team) {
    return callers.computeIfAbsent(
        team,
        it -> ApiClient.with(api.port(), api.keyWithAllScopes(UUID.fromString(workspaceId(it)))));
  }

  private String workspaceId(String team) {
    try {
      return cluster.row(team, "workspace_id");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String body(Map<Field, Optional<Object>> fields) {
    ObjectNode body = JSON.createObjectNode();
    fields.forEach((field, value) ->
        body.putRawValue(
            field.rest, new RawValue(value.map(it -> json(field, it)).orElse("null"))));
    return body.toString();
  }

  private static String json(Field field, Object value) {
    if (value.equals(Field.UNLIMITED)) {
      return "null";
    }
    return field == Field.NAME ? '"' + value.toString() + '"' : value.toString();
  }

  private static String usd(int cents) {
    return View.usd(cents * 10_000L);
  }

  @Override
  public void close() {
    manifests.close();
    api.close();
    controller.close();
  }
}
