package dev.workspaceoperator.bench;

import dev.workspaceoperator.bench.Tenants.Tenant;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Two sides in one run and in turns, so that what else the machine does falls upon both. Each has a
 * replica and workspaces of its own.
 *
 * <p>{@code -Ddatabase.url=postgresql://…}: a database of the user's own beside the embedded one.
 * It must hold no workspaces but those of an earlier benchmark. {@code -Dbench.jar=…}: this build
 * beside another one, whose {@code workspace-operator.jar} is named, each on an embedded database.
 */
final class SideBySide implements AutoCloseable {
  private static final String GIVEN = "database.url";
  private static final String OTHER_BUILD = "bench.jar";
  private static final int WORKSPACES = 200;
  private static final int USERS = 100;
  private static final int ROUNDS = 3;

  /** In a round. */
  private static final int TURNS = 2;

  /** Of what other benchmarks measure one thing for, a turn takes one part of so many. */
  private static final double PARTS_OF_SECONDS = 3;

  /** Of what they warm up for, each side takes one part of so many in each round. */
  private static final double PARTS_OF_WARM_UP = 6;

  private static final int CHANGES_AT_REST = 400;
  private static final int WARM_UP_AT_REST = 100;
  private static final double SECONDS = Integer.getInteger("bench.seconds", 15) / PARTS_OF_SECONDS;
  private static final double WARM_UP_SECONDS =
      Integer.getInteger("bench.warm", 90) / PARTS_OF_WARM_UP;
  private static final double GOAL_OF_DATABASES = 0.77;
  private static final double GOAL_OF_BUILDS = 0.97;
  private static final double GOAL_AT_REST_MILLIS = 50;
  private static final double MEDIAN = 0.5;
  private static final double P99 = 0.99;
  private static final double NANOS_PER_MILLI = 1e6;

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Report report;
  private final double goalRatio;
  private final ComparedSide baseline;
  private final ComparedSide given;

  private SideBySide(Report report, double goalRatio, ComparedSide baseline, ComparedSide given) {
    this.report = report;
    this.goalRatio = goalRatio;
    this.baseline = baseline;
    this.given = given;
  }

  /** Starts a replica on each side, if there is something to compare with. */
  static Optional<SideBySide> open(String role)
      throws IOException, InterruptedException, SQLException {
    Optional<String> url = property(GIVEN);
    if (url.isPresent()) {
      return Optional.of(ofDatabases(url.get(), role));
    }
    Optional<String> jar = property(OTHER_BUILD);
    return jar.isPresent() ? Optional.of(ofBuilds(Path.of(jar.get()), role)) : Optional.empty();
  }

  private static Optional<String> property(String name) {
    return Optional.ofNullable(System.getProperty(name)).filter(value -> !value.isBlank());
  }

  private static SideBySide ofBuilds(Path jar, String role)
      throws IOException, InterruptedException, SQLException {
    if (!Files.isReadable(jar)) {
      throw new IllegalArgumentException(
          "-D%s=%s: there is no such file".formatted(OTHER_BUILD, jar));
    }
    ComparedSide other =
        ComparedSide.on("the other build", WORKSPACES, GateLab.ofBuild(jar.toAbsolutePath()));
    ComparedSide ours =
        ComparedSide.on("this build", WORKSPACES, GateLab.ofBuild(Path.of(GateLab.PACKAGED)));
    return new SideBySide(
        new Report(
            role + " with another build",
            "This build beside another, %d connections, %d workspaces, %d rounds of new replicas with %d turns of %.0f s each"
                .formatted(ComparedRow.CONNECTIONS, WORKSPACES, ROUNDS, TURNS, SECONDS)),
        GOAL_OF_BUILDS,
        other,
        ours);
  }

  private static SideBySide ofDatabases(String url, String role)
      throws IOException, InterruptedException, SQLException {
    ComparedSide given = ComparedSide.on("given", WORKSPACES, GateLab.on(url));
    ComparedSide embedded = ComparedSide.on("embedded", WORKSPACES, GateLab.open());
    return new SideBySide(
        new Report(
            role,
            "PostgreSQL %s beside the embedded %s, %d connections, %d workspaces, %d rounds of new replicas with %d turns of %.0f s each"
                .formatted(
                    given.lab().version(),
                    embedded.lab().version(),
                    ComparedRow.CONNECTIONS,
                    WORKSPACES,
                    ROUNDS,
                    TURNS,
                    SECONDS)),
        GOAL_OF_DATABASES,
        embedded,
        given);
  }

  /** Steps of a hot workspace, of its users, and of all workspaces. */
  void admissions() throws IOException, InterruptedException, SQLException {
    compare(
        List.of(
            row(
                "Steps of one hot workspace, as fast as it goes",
                side -> List.of(side.tenants().getFirst().run(side.port(), "hot").wire())),
            row(
                "The same with %d runs of %d users".formatted(USERS, USERS),
                SideBySide::runsOfUsers),
            row(
                "Steps of %d workspaces in turn".formatted(WORKSPACES),
                SideBySide::runsOfWorkspaces)));
    report.finish();
  }

  /** Reads, and changes at rest. */
  void api() throws IOException, InterruptedException, SQLException {
    compare(List.of(row("GET /v1/workspace/, as fast as it goes", SideBySide::reads)));
    atRest("PATCH /v1/workspace/ at rest", SideBySide::patch);
    atRest("POST /v1/workspace/kill-switch at rest", SideBySide::kill);
    report.finish();
  }

  private ComparedRow row(String what, ComparedRow.Requests requests) {
    return new ComparedRow(what, requests, baseline, given);
  }

  /** One JVM compiles a few percent better than the next: so each round has new ones. */
  private void compare(List<ComparedRow> rows)
      throws IOException, InterruptedException, SQLException {
    for (int round = 0; round < ROUNDS; round++) {
      if (round > 0) {
        baseline.restart();
        given.restart();
      }
      for (ComparedRow row : rows) {
        row.measure(TURNS, WARM_UP_SECONDS, SECONDS);
      }
    }
    rows.forEach(row -> row.tell(report, goalRatio));
  }

  /** One client, one request at a time, nothing else to do. */
  private void atRest(String what, Change change) throws IOException, InterruptedException {
    List<long[]> nanos = List.of(new long[CHANGES_AT_REST], new long[CHANGES_AT_REST]);
    for (int number = -WARM_UP_AT_REST; number < CHANGES_AT_REST; number++) {
      for (int side = 0; side < nanos.size(); side++) {
        ComparedSide on = side == 0 ? baseline : given;
        HttpRequest request = change.request(on, number);
        long start = System.nanoTime();
        int status = HTTP.send(request, BodyHandlers.discarding()).statusCode();
        long took = System.nanoTime() - start;
        if (status != 200) {
          throw new IllegalStateException(what + " was answered " + status);
        }
        // The first ones warm up.
        if (number >= 0) {
          nanos.get(side)[number] = took;
        }
      }
    }
    nanos.forEach(Arrays::sort);
    double p99 = millis(nanos.getLast(), P99);
    report.goal(
        what,
        "median %.1f ms, p99 %.1f ms; %s %.1f ms, %.1f ms"
            .formatted(
                millis(nanos.getLast(), MEDIAN),
                p99,
                baseline.name(),
                millis(nanos.getFirst(), MEDIAN),
                millis(nanos.getFirst(), P99)),
        "p99 ≤ %.0f ms".formatted(GOAL_AT_REST_MILLIS),
        p99 <= GOAL_AT_REST_MILLIS);
  }

  private static double millis(long[] sorted, double quantile) {
    return sorted[(int) Math.ceil(sorted.length * quantile) - 1] / NANOS_PER_MILLI;
  }

  private static List<String> runsOfUsers(ComparedSide side)
      throws IOException, InterruptedException {
    List<String> requests = new ArrayList<>();
    for (int user = 0; user < USERS; user++) {
      requests.add(side.tenants().getFirst().run(side.port(), "user-" + user).wire());
    }
    return requests;
  }

  private static List<String> runsOfWorkspaces(ComparedSide side)
      throws IOException, InterruptedException {
    List<String> requests = new ArrayList<>();
    for (Tenant tenant : side.tenants()) {
      requests.add(tenant.run(side.port(), "ada").wire());
    }
    return requests;
  }

  private static List<String> reads(ComparedSide side) {
    return side.tenants().stream()
        .map(tenant ->
            "GET /v1/workspace/ HTTP/1.1\r\nHost: localhost\r\nX-API-Key: %s\r\n\r\n"
                .formatted(tenant.key()))
        .toList();
  }

  private static HttpRequest patch(ComparedSide side, int number) {
    return request(side, "/v1/workspace/")
        .method(
            "PATCH", BodyPublishers.ofString("{\"daily_budget_usd\":%d}".formatted(500 + number)))
        .build();
  }

  private static HttpRequest kill(ComparedSide side, int number) {
    return request(side, "/v1/workspace/kill-switch")
        .POST(BodyPublishers.ofString("{\"active\":%s}".formatted(number % 2 == 0)))
        .build();
  }

  private static HttpRequest.Builder request(ComparedSide side, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + side.port() + path))
        .header("X-API-Key", side.tenants().getLast().key())
        .header("Content-Type", "application/json");
  }

  @Override
  public void close() {
    given.lab().close();
    baseline.lab().close();
  }

  /** A change that really is one, by its number. */
  @FunctionalInterface
  private interface Change {
    HttpRequest request(ComparedSide side, int number);
  }
}
