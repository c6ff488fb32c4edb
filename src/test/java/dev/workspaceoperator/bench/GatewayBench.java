package dev.workspaceoperator.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.app.RunModel;
import dev.workspaceoperator.bench.Tenants.Tenant;
import dev.workspaceoperator.env.Envoy;
import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.env.Gateways;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;

/**
 * {@code ./mvnw -Pbench -Dbench=GatewayBench}: what a call costs beside a step and its settle, and
 * what the question to ext-authz adds to a request through a real Envoy.
 *
 * <p>The ways take turns, so that all of them meet the same machine.
 */
public final class GatewayBench {
  private static final int WORKSPACES = 64;
  private static final int CLIENTS = 64;
  private static final int ROUNDS = 3;
  private static final double SECONDS = Integer.getInteger("bench.seconds", 15) / 3.0;
  private static final double CALM_PER_SECOND = 200;

  /** Longer than an entry of an access log takes to come. */
  private static final long SETTLED_LOOK_MILLIS = 500;

  private static final String BODY = "{\"model\":\"mock\",\"max_tokens\":8,\"messages\":[]}";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern ACCESS_LOG =
      Pattern.compile(" *# What became of each request.*?(?= *route_config:)", Pattern.DOTALL);
  private static final Pattern EXT_AUTHZ =
      Pattern.compile(
          " *- name: envoy.filters.http.ext_authz\n.*?(?= *# What the model counted)",
          Pattern.DOTALL);

  /** What stands before the model. */
  private enum Way {
    ENVOY("Envoy alone"),
    YES("Envoy with an ext_authz that says yes"),
    GATE("Envoy with ext-authz");

    private final String title;

    Way(String title) {
      this.title = title;
    }
  }

  private final Report report;
  private final HttpClient http = HttpClient.newHttpClient();

  private GatewayBench(Report report) {
    this.report = report;
  }

  /** Takes no arguments that it heeds. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, SQLException {
    Report report =
        new Report(
            "gateways",
            "%d workspaces, %d turns of %.0f s for each figure"
                .formatted(WORKSPACES, ROUNDS, SECONDS));
    GatewayBench bench = new GatewayBench(report);
    try (GateLab lab = GateLab.open()) {
      GateLab.Replica api = lab.startReplica();
      Tenants tenants = new Tenants(lab);
      tenants.fillUpTo(WORKSPACES);
      List<Tenant> all = tenants.pick(WORKSPACES);
      bench.calls(api.port(), all);
      bench.envoys(lab, all);
    }
    report.finish();
  }

  private void calls(int port, List<Tenant> tenants) throws InterruptedException, IOException {
    List<String> runs = new ArrayList<>();
    for (Tenant tenant : tenants) {
      runs.add(tenant.run(port, "ada").path());
    }
    Asker steps =
        client -> {
          String path = runs.get(client % runs.size());
          String key = tenants.get(client % tenants.size()).key();
          String id = id(post(port, key, path, "{\"max_cost_usd\":0.01}"));
          post(port, key, path + "/" + id + "/settle", "{\"cost_usd\":0.001}");
        };
    Asker calls =
        client -> {
          String key = tenants.get(client % tenants.size()).key();
          String id =
              id(post(port, key, "/v1/calls", "{\"user_id\":\"ada\",\"max_cost_usd\":0.01}"));
          post(port, key, "/v1/calls/" + id + "/settle", "{\"cost_usd\":0.001}");
        };
    measure(steps);
    measure(calls);
    List<Pairs> ofSteps = new ArrayList<>();
    List<Pairs> ofCalls = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      ofSteps.add(measure(steps));
      ofCalls.add(measure(calls));
    }
    Pairs step = Pairs.median(ofSteps);
    Pairs call = Pairs.median(ofCalls);
    report.figure("A step of a run and its settle, %d clients".formatted(CLIENTS), step.toString());
    report.goal(
        "A call and its settle, likewise",
        "%s: %.2f× the time, %.2f× the rate"
            .formatted(call, call.medianMillis() / step.medianMillis(), call.rate() / step.rate()),
        "≤ 1.4×, ≥ 0.6×",
        call.medianMillis() <= 1.4 * step.medianMillis() && call.rate() >= 0.6 * step.rate());
  }

  private void envoys(GateLab lab, List<Tenant> tenants)
      throws IOException, InterruptedException, SQLException {
    Gateways gateways =
        Gateways.find(Report::say)
            .orElseThrow(() -> new IllegalStateException("there is no Envoy, see above"));
    int authzPort = FreePort.find();
    int yesPort = FreePort.find();
    Path logs = Lab.DIRECTORY;
    OperatorProcess authz =
        OperatorProcess.start(
            "ext-authz",
            new Flags("ext-authz", StartBench.AOT_CACHE).plain(),
            FreePort.find(),
            logs.resolve("ext-authz.log").toFile(),
            List.of(
                "--database-url=" + lab.databaseUrl(),
                "--address=127.0.0.1:" + authzPort,
                "--log-level=warn"));
    Process yes =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                YesServer.class.getName(),
                String.valueOf(yesPort))
            .redirectErrorStream(true)
            .redirectOutput(logs.resolve("yes.log").toFile())
            .start();
    try (authz;
        RunModel model = RunModel.start(0)) {
      authz.awaitOne("workspace_operator_store_up");
      Listening.await(authzPort);
      Listening.await(yesPort);
      List<Door> doors = new ArrayList<>();
      List<Envoy> envoys = new ArrayList<>();
      try {
        for (Way way : Way.values()) {
          int port = FreePort.find();
          doors.add(new Door(way, port, new ArrayList<>(), new ArrayList<>()));
          envoys.add(
              Envoy.start(
                  gateways.envoy(),
                  logs.resolve("envoy-" + way),
                  configuration(way, port, way == Way.YES ? yesPort : authzPort, model.port()),
                  port,
                  Report::say));
        }
        through(lab, doors, tenants, authz);
        report.goal(
            "Memory of ext-authz at its most (VmHWM)",
            "%.0f MiB".formatted(authz.memory("VmHWM")),
            "≤ 300 MiB",
            authz.memory("VmHWM") <= 300);
      } finally {
        envoys.forEach(Envoy::close);
      }
    } finally {
      yes.destroy();
    }
  }

  private static String configuration(Way way, int port, int authzPort, int modelPort)
      throws IOException {
    String text =
        Files.readString(Path.of("examples/envoy/envoy.yaml"))
            .replace("port_value: 10000", "port_value: " + port)
            .replace("port_value: 9191", "port_value: " + authzPort)
            .replace("port_value: 9292", "port_value: " + modelPort);
    return way == Way.ENVOY
        ? EXT_AUTHZ.matcher(ACCESS_LOG.matcher(text).replaceFirst("")).replaceFirst("")
        : text;
  }

  private void through(GateLab lab, List<Door> doors, List<Tenant> tenants, OperatorProcess authz)
      throws IOException, InterruptedException, SQLException {
    List<String> requests =
        tenants.stream()
            .map(tenant -> new Post("/v1/chat/completions", tenant.key(), BODY).wire())
            .toList();
    for (Door door : doors) {
      try (HttpLoad load = new HttpLoad(door.port, CLIENTS, requests)) {
        load.asFastAsItGoes(SECONDS);
        awaitSettled(authz);
        load.at(CALM_PER_SECOND, SECONDS);
      }
    }
    // First all that is calm: the disk is busy with what a storm has written for long after it.
    lab.settleDown();
    for (int round = 0; round < ROUNDS; round++) {
      for (Door door : doors) {
        try (HttpLoad load = new HttpLoad(door.port, CLIENTS, requests)) {
          door.slow.add(load.at(CALM_PER_SECOND, SECONDS));
        }
        awaitSettled(authz);
      }
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (Door door : doors) {
        try (HttpLoad load = new HttpLoad(door.port, CLIENTS, requests)) {
          door.fast.add(load.asFastAsItGoes(SECONDS));
        }
        awaitSettled(authz);
      }
    }
    for (Door door : doors) {
      HttpLoad.Result slow = HttpLoad.Result.together(door.slow);
      HttpLoad.Result fast = HttpLoad.Result.together(door.fast);
      report.figure(
          door.way.title + ", %.0f/s".formatted(CALM_PER_SECOND),
          "median %.1f ms, p99 %.1f ms".formatted(slow.millis(0.5), slow.millis(0.99)));
      report.figure(
          door.way.title + ", as fast as it goes",
          "%,.0f/s; median %.1f ms, p99 %.1f ms"
              .formatted(fast.perSecond(), fast.millis(0.5), fast.millis(0.99)));
    }
    judge(of(doors, Way.ENVOY), of(doors, Way.YES), of(doors, Way.GATE));
  }

  /** What the storm has left to be settled must not be measured as the calm. */
  private static void awaitSettled(OperatorProcess authz) throws InterruptedException {
    do {
      Thread.sleep(SETTLED_LOOK_MILLIS);
    } while (authz.metric("workspace_operator_ext_authz_settlements_under_way") > 0);
  }

  private static Door of(List<Door> doors, Way way) {
    return doors.stream().filter(door -> door.way == way).findFirst().orElseThrow();
  }

  private void judge(Door alone, Door yes, Door gate) {
    HttpLoad.Result without = HttpLoad.Result.together(alone.slow);
    HttpLoad.Result with = HttpLoad.Result.together(gate.slow);
    double median = with.millis(0.5) - without.millis(0.5);
    double p99 = with.millis(0.99) - without.millis(0.99);
    report.goal(
        "What ext-authz adds at %.0f/s".formatted(CALM_PER_SECOND),
        "median %.1f ms, p99 %.1f ms".formatted(median, p99),
        "≤ 3 ms, ≤ 15 ms",
        median <= 3 && p99 <= 15);
    double ratio =
        HttpLoad.Result.together(gate.fast).perSecond()
            / HttpLoad.Result.together(yes.fast).perSecond();
    report.goal(
        "Its rate to that of one that says yes", "%.2f×".formatted(ratio), "≥ 0.5×", ratio >= 0.5);
  }

  /** One way, and what was measured of it. */
  private record Door(Way way, int port, List<HttpLoad.Result> slow, List<HttpLoad.Result> fast) {}

  /** Asks once and settles. */
  private interface Asker {
    void ask(int client) throws IOException, InterruptedException;
  }

  /** How often, and how soon. */
  private record Pairs(double rate, double medianMillis, double p99Millis) {
    static Pairs median(List<Pairs> all) {
      return all.stream()
          .sorted((one, other) -> Double.compare(one.rate, other.rate))
          .toList()
          .get(all.size() / 2);
    }

    @Override
    public String toString() {
      return "%,.0f/s; median %.1f ms, p99 %.1f ms".formatted(rate, medianMillis, p99Millis);
    }
  }

  private static Pairs measure(Asker asker) throws InterruptedException {
    ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    long end = System.nanoTime() + (long) (SECONDS * 1e9);
    List<Thread> threads = new ArrayList<>();
    for (int client = 0; client < CLIENTS; client++) {
      int number = client;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (System.nanoTime() < end) {
                    long start = System.nanoTime();
                    asker.ask(number);
                    nanos.add(System.nanoTime() - start);
                  }
                } catch (IOException | RuntimeException e) {
                  failures.add(e);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException("a client failed", failures.peek());
    }
    long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    return new Pairs(
        sorted.length / SECONDS,
        sorted[sorted.length / 2] / 1e6,
        sorted[(int) (sorted.length * 0.99)] / 1e6);
  }

  private String post(int port, String key, String path, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("X-API-Key", key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new IllegalStateException("not answered 2xx: " + answer.body());
    }
    return answer.body();
  }

  private static String id(String answer) throws IOException {
    return JSON.readTree(answer).path("id").asText();
  }
}
