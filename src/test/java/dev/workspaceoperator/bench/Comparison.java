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
final class Comparison implements AutoCloseable {
  private static final String GIVEN = "database.url";
  private static final String OTHER_BUILD = "bench.jar";
  private static final int CONNECTIONS = 128;

  /** A replica that has just started would be overloaded by all of them. */
  private static final int WARM_UP_CONNECTIONS = 16;

  private static final int WORKSPACES = 200;
  private static final int USERS = 100;
  private static final int TURNS = 4;
  private static final int CHANGES_AT_REST = 400;
  private static final double SECONDS = Integer.getInteger("bench.seconds", 15) / (double) TURNS;
  private static final double WARM_UP_SECONDS = Integer.getInteger("bench.warm", 90) / 3.0;
  private static final double GOAL_OF_DATABASES = 0.77;
  private static final double GOAL_OF_BUILDS = 0.97;
  private static final double GOAL_AT_REST_MILLIS = 50;

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Report report;
  private final double goalRatio;
  private final Side baseline;
  private final Side given;

  private Comparison(Report report, double goalRatio, Side baseline, Side given) {
    this.report = report;
    this.goalRatio = goalRatio;
    this.baseline = baseline;
    this.given = given;
  }

  /** Starts a replica on each side, if there is something to compare with. */
  static Optional<Comparison> open(String role)
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

  private static Comparison ofBuilds(Path jar, String role)
      throws IOException, InterruptedException, SQLException {
    if (!Files.isReadable(jar)) {
      throw new IllegalArgumentException(
          "-D%s=%s: there is no such file".formatted(OTHER_BUILD, jar));
    }
    Side other = Side.on("the other build", GateLab.ofBuild(jar.toAbsolutePath()));
    Side ours = Side.on("this build", GateLab.ofBuild(Path.of(GateLab.PACKAGED)));
    return new Comparison(
        new Report(
            role + " with another build",
            "This build beside another, %d connections, %d workspaces, %d turns of %.0f s each"
                .formatted(CONNECTIONS, WORKSPACES, TURNS, SECONDS)),
        GOAL_OF_BUILDS,
        other,
        ours);
  }

  private static Comparison ofDatabases(String url, String role)
      throws IOException, InterruptedException, SQLException {
    Side given = Side.on("given", GateLab.on(url));
    Side embedded = Side.on("embedded", GateLab.open());
    return new Comparison(
        new Report(
            role,
            "PostgreSQL %s beside the embedded %s, %d connections, %d workspaces, %d turns of %.0f s each"
                .formatted(
                    given.lab().version(),
                    embedded.lab().version(),
                    CONNECTIONS,
                    WORKSPACES,
                    TURNS,
                    SECONDS)),
        GOAL_OF_DATABASES,
        embedded,
        given);
  }

  /** Steps of a hot workspace, of its users, and of all workspaces. */
  void admissions() throws IOException, InterruptedException, SQLException {
    compare(
        "Steps of one hot workspace, as fast as it goes",
        side -> List.of(side.tenants().getFirst().run(side.port(), "hot").wire()));
    compare("The same with %d runs of %d users".formatted(USERS, USERS), Comparison::runsOfUsers);
    compare("Steps of %d workspaces in turn".formatted(WORKSPACES), Comparison::runsOfWorkspaces);
    report.finish();
  }

  /** Reads, and changes at rest. */
  void api() throws IOException, InterruptedException, SQLException {
    compare("GET /v1/workspace/, as fast as it goes", Comparison::reads);
    atRest("PATCH /v1/workspace/ at rest", Comparison::patch);
    atRest("POST /v1/workspace/kill-switch at rest", Comparison::kill);
    report.finish();
  }

  private void compare(String what, Requests requests)
      throws IOException, InterruptedException, SQLException {
    List<Turns> both = new ArrayList<>();
    for (Side side : List.of(baseline, given)) {
      both.add(new Turns(side, requests.of(side)));
    }
    for (Turns side : both) {
      side.load(WARM_UP_CONNECTIONS, WARM_UP_SECONDS);
      side.side().lab().settleDown();
    }
    for (int turn = 0; turn < TURNS; turn++) {
      // Each goes first as often as the other.
      for (Turns side : turn % 2 == 0 ? both : both.reversed()) {
        side.measure();
      }
    }
    double base = both.getFirst().perSecond();
    double measured = both.getLast().perSecond();
    report.goal(
        what,
        "%,.0f/s; %s %,.0f/s: %.2f×".formatted(measured, baseline.name(), base, measured / base),
        "≥ %.2f×".formatted(goalRatio),
        measured / base >= goalRatio);
    report.figure(
        "CPU for each of these: api, PostgreSQL",
        "%s; %s %s".formatted(both.getLast().cpu(), baseline.name(), both.getFirst().cpu()));
  }

  /** One client, one request at a time, nothing else to do. */
  private void atRest(String what, Change change) throws IOException, InterruptedException {
    List<long[]> nanos = List.of(new long[CHANGES_AT_REST], new long[CHANGES_AT_REST]);
    for (int number = -CHANGES_AT_REST / 4; number < CHANGES_AT_REST; number++) {
      for (int side = 0; side < nanos.size(); side++) {
        Side on = side == 0 ? baseline : given;
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
    double p99 = millis(nanos.getLast(), 0.99);
    report.goal(
        what,
        "median %.1f ms, p99 %.1f ms; %s %.1f ms, %.1f ms"
            .formatted(
                millis(nanos.getLast(), 0.5),
                p99,
                baseline.name(),
                millis(nanos.getFirst(), 0.5),
                millis(nanos.getFirst(), 0.99)),
        "p99 ≤ %.0f ms".formatted(GOAL_AT_REST_MILLIS),
        p99 <= GOAL_AT_REST_MILLIS);
  }

  private static double millis(long[] sorted, double quantile) {
    return sorted[(int) Math.ceil(sorted.length * quantile) - 1] / 1e6;
  }

  private static List<String> runsOfUsers(Side side) throws IOException, InterruptedException {
    List<String> requests = new ArrayList<>();
    for (int user = 0; user < USERS; user++) {
      requests.add(side.tenants().getFirst().run(side.port(), "user-" + user).wire());
    }
    return requests;
  }

  private static List<String> runsOfWorkspaces(Side side) throws IOException, InterruptedException {
    List<String> requests = new ArrayList<>();
    for (Tenant tenant : side.tenants()) {
      requests.add(tenant.run(side.port(), "ada").wire());
    }
    return requests;
  }

  private static List<String> reads(Side side) {
    return side.tenants().stream()
        .map(tenant ->
            "GET /v1/workspace/ HTTP/1.1\r\nHost: localhost\r\nX-API-Key: %s\r\n\r\n"
                .formatted(tenant.key()))
        .toList();
  }

  private static HttpRequest patch(Side side, int number) {
    return request(side, "/v1/workspace/")
        .method(
            "PATCH", BodyPublishers.ofString("{\"daily_budget_usd\":%d}".formatted(500 + number)))
        .build();
  }

  private static HttpRequest kill(Side side, int number) {
    return request(side, "/v1/workspace/kill-switch")
        .POST(BodyPublishers.ofString("{\"active\":%s}".formatted(number % 2 == 0)))
        .build();
  }

  private static HttpRequest.Builder request(Side side, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + side.port() + path))
        .header("X-API-Key", side.tenants().getLast().key())
        .header("Content-Type", "application/json");
  }

  @Override
  public void close() {
    given.lab().close();
    baseline.lab().close();
  }

  /** A database with a replica and workspaces. */
  private record Side(String name, GateLab lab, List<Tenant> tenants, int port) {
    static Side on(String name, GateLab lab)
        throws IOException, InterruptedException, SQLException {
      // The replica first: of another build it makes the schema.
      int port = lab.startReplica().port();
      Tenants tenants = new Tenants(lab);
      tenants.fillUpTo(WORKSPACES);
      return new Side(name, lab, tenants.pick(WORKSPACES), port);
    }
  }

  /** What is sent to one of them. */
  @FunctionalInterface
  private interface Requests {
    List<String> of(Side side) throws IOException, InterruptedException;
  }

  /** A change that really is one, by its number. */
  @FunctionalInterface
  private interface Change {
    HttpRequest request(Side side, int number);
  }

  /** The turns of one of them so far. */
  private static final class Turns {
    private final Side side;
    private final List<String> requests;
    private double sum;
    private int turns;
    private long count;
    private double api;
    private double postgres;

    Turns(Side side, List<String> requests) {
      this.side = side;
      this.requests = requests;
    }

    Side side() {
      return side;
    }

    void measure() throws IOException, SQLException {
      GateCpu before = side.lab().cpu();
      HttpLoad.Result result = load(CONNECTIONS, SECONDS);
      GateCpu used = side.lab().cpu().since(before);
      sum += result.perSecond();
      turns++;
      count += result.count();
      api += used.api();
      postgres += used.postgres();
    }

    /** CPU time of this machine, as much of it as is used here. */
    String cpu() {
      return "%.1f µs, %.1f µs".formatted(api * 1e6 / count, postgres * 1e6 / count);
    }

    HttpLoad.Result load(int connections, double seconds) throws IOException {
      try (HttpLoad load = new HttpLoad(side.port(), connections, requests)) {
        return load.asFastAsItGoes(seconds);
      }
    }

    double perSecond() {
      return sum / turns;
    }
  }
}
