import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An agent that asks Workspace Operator before each step. {@code java Agent.java}, Java 25, the JDK
 * alone.
 *
 * <p>The work is a stand-in (see {@link #work}); all else is what a real agent needs too. Ends with
 * 0 (done), 1 (failed), 2 (wrong usage), 3 (stopped by the workspace), 130 or 143 (by a signal).
 */
public final class Agent {
  /** How long to wait where waiting helps: a full workspace, a store that is away. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** The same once the run is over: its lease ends by itself anyway. */
  private static final Duration HURRY = Duration.ofSeconds(10);

  private static final String INTERRUPTED = "INTERRUPTED";
  private static final Set<Integer> WORTH_REPEATING = Set.of(429, 502, 503, 504);
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "--user", "ada",
          "--steps", "5",
          "--step-seconds", "1",
          "--max-cost", "0.02",
          "--lease-seconds", "30");

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final String url;
  private final Credential credential;
  private final Map<String, String> options;

  /** Completed by the heartbeat or by a signal; ends every wait. */
  private final CompletableFuture<Stopped> stop = new CompletableFuture<>();

  private Agent(String url, Credential credential, Map<String, String> options) {
    this.url = url.replaceAll("/+$", "");
    this.credential = credential;
    this.options = options;
  }

  public static void main(String[] arguments) throws InterruptedException {
    Map<String, String> options = new HashMap<>(DEFAULTS);
    for (int i = 0; i < arguments.length; i += 2) {
      if (!DEFAULTS.containsKey(arguments[i]) || i + 1 == arguments.length) {
        usage("Each option has a value: " + DEFAULTS);
      }
      options.put(arguments[i], arguments[i + 1]);
    }
    String url = System.getenv().getOrDefault("WORKSPACE_API_URL", "");
    Optional<Credential> credential = Credential.of(System.getenv());
    List<String> missing = new ArrayList<>();
    if (url.isEmpty()) {
      missing.add("WORKSPACE_API_URL");
    }
    if (credential.isEmpty()) {
      missing.add("WORKSPACE_API_KEY");
    }
    if (!missing.isEmpty()) {
      usage("Set " + String.join(" and ", missing) + "; run mode writes both to .run/env.");
    }
    try {
      credential.orElseThrow().read();
    } catch (IOException e) {
      usage("WORKSPACE_API_KEY_FILE cannot be read: " + e);
    }
    Agent agent = new Agent(url, credential.orElseThrow(), options);
    CountDownLatch over = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> agent.interrupt(over)));
    int exitCode = agent.runAndExplain();
    over.countDown();
    // After a signal the JVM is ending already, with the signal's own exit code.
    if (!agent.isInterrupted()) {
      System.exit(exitCode);
    }
  }

  private int runAndExplain() throws InterruptedException {
    try {
      run();
      return 0;
    } catch (Stopped stopped) {
      System.err.println("Stopped, " + stopped.getMessage());
      return 3;
    } catch (IOException e) {
      System.err.println("Given up, " + e.getMessage());
      return 1;
    }
  }

  private void run() throws IOException, InterruptedException {
    String user = options.get("--user");
    String body =
        "{\"user_id\": %s, \"lease_seconds\": %s}"
            .formatted(quoted(user), options.get("--lease-seconds"));
    String run = field(post("/v1/runs", body, newKey(), PATIENCE), "id").orElseThrow();
    System.out.printf("Run %s started for %s.%n", run, user);
    Thread heartbeat = Thread.ofVirtual().start(() -> beat(run));
    String outcome = "failed";
    try {
      int steps = Integer.parseInt(options.get("--steps"));
      for (int number = 1; number <= steps; number++) {
        step(run, number);
      }
      outcome = "succeeded";
    } catch (Stopped stopped) {
      // Out of money is a failure of the task; else somebody wanted it to end.
      outcome = stopped.code.contains("BUDGET") ? "failed" : "cancelled";
      throw stopped;
    } finally {
      heartbeat.interrupt();
      finish(run, outcome);
    }
  }

  /** Asks, works, and settles the real cost. */
  private void step(String run, int number) throws IOException, InterruptedException {
    String steps = "/v1/runs/" + run + "/steps";
    BigDecimal maxCost = new BigDecimal(options.get("--max-cost"));
    String asked =
        "{\"max_cost_usd\": %s, \"name\": \"step %d\"}".formatted(maxCost.toPlainString(), number);
    String admitted = post(steps, asked, newKey(), PATIENCE);
    BigDecimal cost = BigDecimal.ZERO;
    try {
      cost = work(maxCost);
    } finally {
      // Whatever happened: a step that is not settled is charged its whole reservation.
      post(
          steps + "/" + field(admitted, "id").orElseThrow() + "/settle",
          "{\"cost_usd\": %s}".formatted(cost.toPlainString()),
          Optional.empty(),
          HURRY);
    }
    System.out.printf(
        "Step %d of %s: %s US dollars reserved, %s spent.%n",
        number,
        options.get("--steps"),
        field(admitted, "reserved_usd").orElseThrow(),
        cost.toPlainString());
    if (stop.isDone()) {
      throw stop.join();
    }
  }

  /** The stand-in for a call of a model. Returns what it really cost, also if stopped halfway. */
  private BigDecimal work(BigDecimal maxCost) throws InterruptedException {
    double share = ThreadLocalRandom.current().nextDouble(0.3, 0.9);
    Duration takes =
        Duration.ofMillis((long) (1000 * Double.parseDouble(options.get("--step-seconds"))));
    long begin = System.nanoTime();
    if (isStoppedWithin(takes)) {
      share *= Math.min(1, (System.nanoTime() - begin) / Math.max(1.0, takes.toNanos()));
    }
    return maxCost.multiply(BigDecimal.valueOf(share)).setScale(6, RoundingMode.HALF_UP);
  }

  /** Renews the lease, and hears while a step is under way that the run has to stop. */
  private void beat(String run) {
    Duration lease = Duration.ofSeconds(Long.parseLong(options.get("--lease-seconds")));
    long renewedAt = System.nanoTime();
    try {
      while (!isStoppedWithin(lease.dividedBy(3))) {
        long askedAt = System.nanoTime();
        try {
          HttpResponse<String> answer =
              send("/v1/runs/" + run + "/heartbeat", "{}", Optional.empty());
          if (answer.statusCode() == 200) {
            renewedAt = askedAt;
            field(answer.body(), "blocked")
                .ifPresent(code -> stop.complete(new Stopped(code, "told by the heartbeat")));
            continue;
          }
        } catch (IOException lost) {
          // The next heartbeat may get through, until the lease is over.
        }
        if (System.nanoTime() - renewedAt > lease.toNanos()) {
          stop.complete(new Stopped("LEASE_ENDED", "no heartbeat got through"));
        }
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  /** Frees the slot. If it fails, the run expires with its lease. */
  private void finish(String run, String outcome) throws InterruptedException {
    try {
      String ended =
          post(
              "/v1/runs/" + run + "/finish",
              "{\"outcome\": \"%s\"}".formatted(outcome),
              Optional.empty(),
              HURRY);
      System.out.printf(
          "Run %s %s; %s US dollars spent.%n",
          run, field(ended, "status").orElse("ended"), field(ended, "spent_usd").orElse("?"));
    } catch (IOException | Stopped e) {
      System.out.printf("Run %s was not finished as %s: %s%n", run, outcome, e.getMessage());
    }
  }

  /** Asks until there is an answer. Repeating is safe: by the key, or as the call is idempotent. */
  private String post(
      String path, String body, Optional<String> idempotencyKey, Duration patience)
      throws IOException, InterruptedException {
    long giveUpAt = System.nanoTime() + patience.toNanos();
    while (true) {
      long waitSeconds = 1;
      String why;
      try {
        HttpResponse<String> answer = send(path, body, idempotencyKey);
        if (answer.statusCode() < 300) {
          return answer.body();
        }
        String code = field(answer.body(), "code").orElse("HTTP " + answer.statusCode());
        // Of a kill switch: what whoever engaged it has said.
        String reason = field(answer.body(), "reason").map(" Reason: "::concat).orElse("");
        String detail = field(answer.body(), "detail").orElse("") + reason;
        Optional<String> retryAfter = answer.headers().firstValue("Retry-After");
        // Retry-After says that waiting helps: 429 and 503 have it, and a 402 whose money may come
        // back. 502 and 504 are a proxy's way to say that nobody knows what became of the request.
        if (retryAfter.isEmpty() && !WORTH_REPEATING.contains(answer.statusCode())) {
          throw new Stopped(code, detail);
        }
        waitSeconds = retryAfter.map(Long::parseLong).orElse(1L);
        why = code + ": " + detail;
      } catch (IOException e) {
        // The answer is lost, and perhaps not the request: the same key makes one effect of both.
        why = "the connection failed: " + e;
      }
      if (System.nanoTime() + TimeUnit.SECONDS.toNanos(waitSeconds) - giveUpAt > 0) {
        throw new IOException(why);
      }
      System.out.printf("Waiting %d s, %s%n", waitSeconds, why);
      // After the end of the run only its last calls are made: nothing stops those.
      if (patience.equals(HURRY)) {
        Thread.sleep(Duration.ofSeconds(waitSeconds));
      } else if (isStoppedWithin(Duration.ofSeconds(waitSeconds))) {
        throw stop.join();
      }
    }
  }

  private HttpResponse<String> send(String path, String body, Optional<String> idempotencyKey)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(Duration.ofSeconds(15))
            .header("Authorization", "Bearer " + credential.read())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    idempotencyKey.ifPresent(it -> request.header("Idempotency-Key", it));
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private boolean isStoppedWithin(Duration time) throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    CompletableFuture<Void> waiting = stop.thenRun(stopped::countDown);
    try {
      return stopped.await(time.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      waiting.cancel(false);
    }
  }

  /** Ctrl-C or SIGTERM: the run is finished first. A second signal does not wait for that. */
  private void interrupt(CountDownLatch over) {
    // Nothing hears of it where the program ends by itself.
    stop.complete(new Stopped(INTERRUPTED, "by a signal"));
    try {
      over.await(2 * HURRY.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isInterrupted() {
    return stop.isDone() && stop.join().code.equals(INTERRUPTED);
  }

  /** A member that is a string or a number. The JDK has no JSON parser; use one if you have it. */
  private static Optional<String> field(String json, String name) {
    Matcher member =
        Pattern.compile("\"%s\"\\s*:\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|(-?[0-9][0-9.eE+-]*))".formatted(name))
            .matcher(json);
    return member.find()
        ? Optional.of(member.group(1) == null ? member.group(2) : member.group(1))
        : Optional.empty();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static Optional<String> newKey() {
    return Optional.of(UUID.randomUUID().toString());
  }

  private static void usage(String sentence) {
    System.err.println(sentence);
    System.exit(2);
  }

  /** What to sign in with. */
  private interface Credential {
    String read() throws IOException;

    /** As the environment says; empty if it does not. */
    static Optional<Credential> of(Map<String, String> environment) {
      String file = environment.getOrDefault("WORKSPACE_API_KEY_FILE", "");
      String key = environment.getOrDefault("WORKSPACE_API_KEY", "");
      if (!file.isEmpty()) {
        // Anew for each request: Kubernetes renews the token of a ServiceAccount before it ends.
        return Optional.of(() -> Files.readString(Path.of(file)).strip());
      }
      return key.isEmpty() ? Optional.empty() : Optional.of(() -> key);
    }
  }

  /** Whoever runs the workspace wants this run to end. Asking again would not help. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String code;

    private Stopped(String code, String detail) {
      super(code + ": " + detail);
      this.code = code;
    }
  }
}
