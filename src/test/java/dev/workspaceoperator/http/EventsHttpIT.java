package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.contract.EventStream;
import dev.workspaceoperator.http.events.EventSettings;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.SettingValues;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code GET /v1/workspace/events} of one replica, while changes are made on another. */
class EventsHttpIT {
  private static final String EVENTS = "/v1/workspace/events";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration A_WHILE = Duration.ofMillis(600);

  /** What tells a lost notification and an ended credential apart from a slow answer. */
  private static final EventSettings LONG =
      new EventSettings(500, Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMinutes(5));

  private static ApiServer other;
  private static ApiServer server;

  @BeforeAll
  static void start() throws InterruptedException {
    other = ApiServer.start();
    server = ApiServer.on(other.databaseUrl(), http -> http.withEvents(LONG));
  }

  @AfterAll
  static void stop() {
    server.close();
    other.close();
  }

  @Test
  void beginsWithTheWorkspaceAndItsRevision() throws InterruptedException {
    Caller caller = caller();
    try (EventStream stream = caller.follow(EVENTS)) {
      EventStream.Event event = stream.next(SOON);

      assertThat(event.name()).isEqualTo("workspace");
      assertThat(event.data()).isEqualTo(caller.here().get("/v1/workspace/").body());
      assertThat(event.id())
          .isEqualTo(caller.here().get("/v1/workspace/settings").json().path("revision").asText());
    }
  }

  @Test
  void tellsAClientThatComesBackTheNewestStateWhateverItSawLast() throws InterruptedException {
    Caller caller = caller();
    try (EventStream stream = caller.follow(EVENTS)) {
      String id = stream.next(SOON).id();
      for (String seen : List.of(id, "0", "99999", "none of ours")) {
        try (EventStream resumed = caller.here().withHeader("Last-Event-ID", seen).events(EVENTS)) {
          assertThat(resumed.next(SOON).id()).isEqualTo(id);
        }
      }
    }
  }

  @Test
  void tellsWhatAnotherReplicaChangesWhileOneLooks() throws InterruptedException {
    Caller caller = caller();
    List<Long> latencies = new ArrayList<>();
    try (EventStream stream = caller.follow(EVENTS)) {
      stream.next(SOON);
      for (int change = 1; change <= 20; change++) {
        long askedAt = System.nanoTime();
        ApiResponse patched =
            caller.there().patch("/v1/workspace/", "{\"name\":\"change %d\"}".formatted(change));
        assertThat(stream.next(SOON).data()).isEqualTo(patched.body());
        latencies.add(millisSince(askedAt));
      }
    }
    report("PATCH sent to one replica, event from the other", latencies);
  }

  @Test
  void tellsOfTheKillSwitch() throws InterruptedException {
    Caller caller = caller();
    try (EventStream stream = caller.follow(EVENTS)) {
      assertThat(stream.next(SOON).data()).contains("\"kill_switch\":false");
      caller.there().post("/v1/workspace/kill-switch", "{\"active\":true}");
      assertThat(stream.next(SOON).data()).contains("\"kill_switch\":true");
    }
  }

  @Test
  void tellsOfThePlatformsKillSwitch() throws InterruptedException {
    ApiClient fleet = at(other).withApiKey(server.fleetKey(Scope.FLEET_WRITE));
    try (EventStream one = caller().follow(EVENTS);
        EventStream another = caller().follow(EVENTS)) {
      for (EventStream stream : List.of(one, another)) {
        assertThat(stream.next(SOON).data()).contains("\"kill_switch\":false");
      }
      fleet.post("/v1/platform/kill-switch", "{\"active\":true}");
      try {
        for (EventStream stream : List.of(one, another)) {
          assertThat(stream.next(SOON).data()).contains("\"kill_switch\":true");
        }
      } finally {
        fleet.post("/v1/platform/kill-switch", "{\"active\":false}");
      }
      for (EventStream stream : List.of(one, another)) {
        assertThat(stream.next(SOON).data()).contains("\"kill_switch\":false");
      }
    }
  }

  @Test
  void tellsWhenAnOverrideBeginsAndWhenItEnds() throws InterruptedException {
    Caller caller = caller();
    try (EventStream stream = caller.follow(EVENTS)) {
      stream.next(SOON);
      Instant end = server.now().plusSeconds(5);
      caller
          .there()
          .post(
              "/v1/workspace/overrides",
              "{\"daily_budget_usd\":7.5,\"expires_at\":\"%s\",\"reason\":\"an incident\"}"
                  .formatted(end));
      assertThat(stream.next(SOON).data()).contains("\"daily_budget_usd\":7.5");
      assertThat(stream.next(SOON).data()).contains("\"daily_budget_usd\":null");
      Duration late = Duration.between(end, server.now());
      report("End of an override, event", List.of(late.toMillis()));
      assertThat(late).isBetween(Duration.ZERO, Duration.ofSeconds(5));
    }
  }

  @Test
  void tellsOfAChangeOfTheManifest() throws InterruptedException {
    ApiServer.Declared workspace = server.workspace(Plan.SCALE);
    try (EventStream stream =
        at(server).withApiKey(server.keyWithAllScopes(workspace.id())).events(EVENTS)) {
      stream.next(SOON);
      SettingValues values = ApiServer.budget("12.25");
      server.declare(
          workspace.with(
              new DeclaredSettings(Plan.SCALE, values, Optional.empty(), Optional.empty())));
      assertThat(stream.next(SOON).data()).contains("\"daily_budget_usd\":12.25");
    }
  }

  @Test
  void followsAWorkspaceIntoTheArchive() throws InterruptedException {
    ApiServer.Declared workspace = server.workspace(Plan.SCALE);
    ApiClient client = at(server).withApiKey(server.keyWithAllScopes(workspace.id()));
    try (EventStream stream = client.events(EVENTS)) {
      long revision = Long.parseLong(stream.next(SOON).id());
      server.archive(workspace);
      EventStream.Event archived = stream.next(SOON);
      assertThat(Long.parseLong(archived.id())).isGreaterThan(revision);
      assertThat(archived.data()).isEqualTo(client.get("/v1/workspace/").body());
    }
  }

  @Test
  void missesNothingWhenTheConnectionThatHearsIsLost() throws InterruptedException {
    Caller caller = caller();
    try (EventStream stream = caller.follow(EVENTS)) {
      stream.next(SOON);
      server.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
              + " AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()");
      caller.there().patch("/v1/workspace/", "{\"name\":\"changed in the dark\"}");
      assertThat(stream.next(SOON).data()).contains("\"changed in the dark\"");
    }
  }

  @Test
  void findsByComparisonWhatNobodyAnnounced() throws InterruptedException {
    EventSettings comparing =
        new EventSettings(5, Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMillis(400));
    Caller caller = caller();
    try (ApiServer third = ApiServer.on(server.databaseUrl(), http -> http.withEvents(comparing));
        EventStream stream = at(third).withApiKey(caller.key()).events(EVENTS)) {
      stream.next(SOON);
      server.execute(
          "UPDATE workspace SET runtime_name = 'unannounced', revision = revision + 1"
              + " WHERE workspace_id = '"
              + caller.workspace().id()
              + "'");
      assertThat(stream.next(SOON).data()).contains("\"unannounced\"");
    }
  }

  @Test
  void tellsAHundredStreamsOfOneChange() throws InterruptedException {
    Caller caller = caller();
    List<EventStream> streams = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        streams.add(caller.follow(EVENTS));
      }
      for (EventStream stream : streams) {
        stream.next(SOON);
      }
      long askedAt = System.nanoTime();
      caller.there().patch("/v1/workspace/", "{\"name\":\"for all\"}");
      for (EventStream stream : streams) {
        assertThat(stream.next(SOON).data()).contains("\"for all\"");
      }
      report(
          "PATCH sent to one replica, event in the last of 100 streams",
          List.of(millisSince(askedAt)));
    } finally {
      streams.forEach(EventStream::close);
    }
  }

  @Test
  void tellsTheUsageAtMostOnceASecond() throws InterruptedException {
    Caller caller = caller();
    long from = System.nanoTime();
    try (EventStream stream = caller.follow(EVENTS + "?include=usage")) {
      assertThat(stream.next(SOON).name()).isEqualTo("workspace");
      assertThat(stream.next(SOON).data())
          .contains("\"spent_usd\":0", "\"remaining_usd\":null", "\"active_runs\":0");
      for (int change = 1; change <= 30; change++) {
        server.execute(
            """
            INSERT INTO workspace_day (workspace_id, day, spent_micro_usd, reserved_micro_usd)
            SELECT '%s', (operator_clock() AT TIME ZONE 'UTC')::date + ahead, %d, 0
            FROM generate_series(0, 1) AS ahead
            ON CONFLICT (workspace_id, day) DO UPDATE SET spent_micro_usd = excluded.spent_micro_usd
            """
                .formatted(caller.workspace().id(), change * 100_000));
      }
      int events = 0;
      double spent = 0;
      while (spent < 3) {
        EventStream.Event event = stream.next(SOON);
        assertThat(event.name()).isEqualTo("usage");
        spent = json(event.data()).path("spent_usd").asDouble();
        events++;
      }
      assertThat(spent).isEqualTo(3);
      assertThat(events).isPositive();
      assertThat(Duration.ofNanos(System.nanoTime() - from))
          .isGreaterThan(Duration.ofMillis(900L * events));
    }
  }

  @Test
  void endsWithItsCredential() throws InterruptedException {
    Caller caller = caller();
    String made =
        caller
            .there()
            .post("/v1/api-keys", "{\"name\":\"brief\",\"scopes\":[\"workspace:read\"]}")
            .body();
    try (EventStream stays = caller.follow(EVENTS);
        EventStream stream =
            at(server).withApiKey(json(made).path("key").asText()).events(EVENTS)) {
      stream.next(SOON);
      long askedAt = System.nanoTime();
      caller.there().delete("/v1/api-keys/" + json(made).path("id").asText());
      assertThat(stream.endsWithin(SOON)).isTrue();
      report(
          "Key revoked on one replica, stream of the other ended", List.of(millisSince(askedAt)));
      assertThat(stays.endsWithin(A_WHILE)).isFalse();
    }
  }

  @Test
  void endsWhenItsKeyMayReadNoMore() throws InterruptedException {
    ApiKey key = ApiKey.generate(new SecureRandom());
    ApiServer.Declared workspace = other.workspace(Plan.PRO);
    ApiServer.Declared reader =
        other.declare(workspace.withKeys(declared(key, Scope.WORKSPACE_READ)));
    try (EventStream stream = at(server).withApiKey(key.reveal()).events(EVENTS)) {
      stream.next(SOON);
      other.declare(reader.withKeys(declared(key, Scope.KILL_SWITCH_WRITE)));
      assertThat(stream.endsWithin(SOON)).isTrue();
    }
  }

  @Test
  void endsWhenItsCredentialExpires() throws InterruptedException {
    assumeThat(Duration.between(server.now(), Instant.now()).abs())
        .as("the replica ends the stream by its own clock, the key is found by the database's")
        .isLessThan(Duration.ofSeconds(2));
    EventSettings neverLooking =
        new EventSettings(5, Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMinutes(5));
    Caller caller = caller();
    try (ApiServer third =
        ApiServer.on(server.databaseUrl(), http -> http.withEvents(neverLooking))) {
      Instant end = Instant.now().plusSeconds(5);
      String made =
          caller
              .there()
              .post(
                  "/v1/api-keys",
                  "{\"name\":\"brief\",\"scopes\":[\"workspace:read\"],\"expires_at\":\"%s\"}"
                      .formatted(end))
              .body();
      try (EventStream stream =
          at(third).withApiKey(json(made).path("key").asText()).events(EVENTS)) {
        stream.next(SOON);
        assertThat(stream.endsWithin(SOON.plusSeconds(5))).isTrue();
        assertThat(Instant.now()).isAfter(end);
      }
    }
  }

  @Test
  void needsTheScopeAndAKnownInterest() {
    Caller caller = caller();
    ApiClient writer =
        at(server).withApiKey(server.key(caller.workspace().id(), Scope.WORKSPACE_WRITE));
    assertThat(at(server).get(EVENTS).status()).isEqualTo(401);
    assertThat(writer.get(EVENTS).code()).isEqualTo("INSUFFICIENT_SCOPE");
    assertThat(caller.here().withHeader("Accept", "application/json").get(EVENTS).code())
        .isEqualTo("NOT_ACCEPTABLE");
    assertThat(caller.here().get(EVENTS + "?include=everything").code()).isEqualTo("BAD_REQUEST");
  }

  @Test
  void answersHeadWithoutAStream() {
    ApiResponse head = caller().here().send("HEAD", EVENTS);
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
  }

  /** A workspace of plan Scale, and a key with every scope on both replicas. */
  private static Caller caller() {
    ApiServer.Declared workspace = server.workspace(Plan.SCALE);
    return new Caller(workspace, server.keyWithAllScopes(workspace.id()));
  }

  private static ApiClient at(ApiServer replica) {
    return ApiClient.at(URI.create("http://127.0.0.1:" + replica.port()));
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + text, e);
    }
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }

  private static void report(String what, List<Long> millis) {
    List<Long> sorted = millis.stream().sorted().toList();
    System.err.printf(
        "%s: median %d ms, at most %d ms of %d%n",
        what, sorted.get(sorted.size() / 2), sorted.getLast(), sorted.size());
  }

  private static DeclaredApiKey declared(ApiKey key, Scope scope) {
    return new DeclaredApiKey("git", key.digest(), Set.of(scope), Optional.empty());
  }

  private record Caller(ApiServer.Declared workspace, String key) {
    ApiClient here() {
      return at(server).withApiKey(key);
    }

    ApiClient there() {
      return at(other).withApiKey(key);
    }

    EventStream follow(String path) {
      return here().events(path);
    }
  }
}
