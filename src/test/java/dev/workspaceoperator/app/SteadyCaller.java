package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.workspace.Scope;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Clients that ask for one step after the other, each with a key of its own, and remember what was
 * answered; in between one switches a kill switch and reads.
 */
final class SteadyCaller implements AutoCloseable {
  private static final int CLIENTS = 4;
  private static final Duration BOUND = Duration.ofSeconds(60);

  /** So that the disk of the steps is full soon. */
  private static final String STEP =
      "{\"max_cost_usd\":0.000001,\"labels\":{\"a\":\"%1$s\",\"b\":\"%1$s\",\"c\":\"%1$s\"}}"
          .formatted("x".repeat(250));

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final ApiServer api;
  private final UUID workspaceId;
  private final String key;
  private final String steps;
  private final Map<String, String> admitted = new ConcurrentHashMap<>();
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private final Map<Integer, Integer> answers = new HashMap<>();
  private final Set<String> problems = new TreeSet<>();
  private final List<Thread> clients = new ArrayList<>();
  private volatile boolean over;

  private SteadyCaller(ApiServer api, UUID workspaceId) {
    this.api = api;
    this.workspaceId = workspaceId;
    this.key =
        api.key(workspaceId, Scope.RUNS_WRITE, Scope.KILL_SWITCH_WRITE, Scope.WORKSPACE_READ);
    String run = post("/v1/runs", "", "{\"user_id\":\"ada\",\"lease_seconds\":3600}").body();
    this.steps =
        "/v1/runs/%s/steps".formatted(run.replaceAll("(?s)^\\{\"id\":\"([^\"]+)\".*", "$1"));
  }

  /** Begins to ask. */
  static SteadyCaller start(ApiServer api, UUID workspaceId) {
    SteadyCaller caller = new SteadyCaller(api, workspaceId);
    for (int client = 0; client < CLIENTS; client++) {
      String name = "client-" + client;
      caller.clients.add(Thread.ofVirtual().start(() -> caller.live(name)));
    }
    return caller;
  }

  /** Waits for so many more answers of this status. */
  void awaitMore(int status, int count) {
    int enough = count(status) + count;
    await()
        .atMost(BOUND)
        .failFast(
            "another answer than 201 and 503",
            () -> !problems().stream().allMatch(SteadyCaller::isPassing))
        .until(() -> count(status) >= enough);
  }

  /** Nothing was told but 201 and 503, and what was acknowledged is there, each once. */
  void judge() throws InterruptedException {
    over = true;
    for (Thread client : clients) {
      client.join();
    }
    assertThat(problems()).allMatch(SteadyCaller::isPassing);
    for (String one : asked) {
      HttpResponse<String> again = post(steps, one, STEP);
      assertThat(again.statusCode()).as(again.body()).isEqualTo(201);
      String id = idOf(again);
      assertThat(admitted.getOrDefault(one, id)).as("acknowledged as " + one).isEqualTo(id);
      if (admitted.containsKey(one)) {
        assertThat(again.headers().firstValue("Idempotency-Replayed")).contains("true");
      }
    }
    assertThat(stepsStored()).isEqualTo(asked.size());
    System.err.println("answers: " + told());
  }

  private long stepsStored() {
    return api.count("SELECT count(*) FROM step WHERE workspace_id = '%s'".formatted(workspaceId));
  }

  private static boolean isPassing(String problem) {
    return problem.equals("503 STORE_UNAVAILABLE") || problem.equals("503 OVERLOADED");
  }

  private void live(String name) {
    for (int number = 0; !over; number++) {
      String one = name + "-" + number;
      asked.add(one);
      HttpResponse<String> answer = post(steps, one, STEP);
      if (answer.statusCode() == 201) {
        admitted.put(one, idOf(answer));
      }
      note(answer);
      if (number % 10 == 0) {
        note(get("/v1/workspace/"));
      }
    }
  }

  private static String idOf(HttpResponse<String> answer) {
    return answer.body().replaceAll("(?s)^\\{\"id\":\"([^\"]+)\".*", "$1");
  }

  private synchronized void note(HttpResponse<String> answer) {
    answers.merge(answer.statusCode(), 1, Integer::sum);
    if (answer.statusCode() >= 300) {
      String code = answer.body().replaceAll("(?s).*\"code\":\"([A-Z_]+)\".*", "$1");
      problems.add(answer.statusCode() + " " + code);
    }
  }

  private synchronized int count(int status) {
    return answers.getOrDefault(status, 0);
  }

  private synchronized Set<String> problems() {
    return new TreeSet<>(problems);
  }

  private synchronized String told() {
    return answers + " " + problems;
  }

  private HttpResponse<String> post(String path, String idempotencyKey, String body) {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    if (!idempotencyKey.isEmpty()) {
      request.header("Idempotency-Key", idempotencyKey);
    }
    return send(request);
  }

  private HttpResponse<String> get(String path) {
    return send(request(path));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + path))
        .header("X-API-Key", key);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return HTTP.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError("the replica is alive", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    over = true;
  }
}
