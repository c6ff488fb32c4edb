package dev.workspaceoperator.bench;

import dev.workspaceoperator.auth.ApiKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.SecureRandom;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/** Workspaces that are made in bulk, with an API key and runs for those that take part. */
final class Tenants {
  /** By which a database is known that only benchmarks have used. */
  static final String CLUSTER_UID = "bench";

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String STEP = "{\"max_cost_usd\":0.000001}";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final GateLab lab;
  private int made;

  Tenants(GateLab lab) throws SQLException {
    this.lab = lab;
    lab.execute(
        "INSERT INTO cluster (name, uid, controller_epoch) VALUES ('default', '%s', 1) ON CONFLICT DO NOTHING"
            .formatted(CLUSTER_UID));
    made = Math.toIntExact(lab.number("SELECT count(*) FROM workspace WHERE namespace = 'bench'"));
  }

  /** Makes more of them until there are so many. */
  void fillUpTo(int count) throws IOException, SQLException {
    lab.execute(Resources.text("workspaces.sql").formatted(made + 1, count));
    made = Math.max(made, count);
  }

  /** So many of those that there are, evenly over all, each with a key of its own. */
  List<Tenant> pick(int count) throws SQLException {
    List<Tenant> picked = new ArrayList<>();
    try (PreparedStatement find =
            lab.connection()
                .prepareStatement(
                    "SELECT workspace_id FROM workspace WHERE cluster = 'default' AND namespace = 'bench' AND resource_name = ?");
        PreparedStatement insert =
            lab.connection()
                .prepareStatement(
                    "INSERT INTO api_key (digest, key_id, workspace_id, name, scopes, source, created_at)"
                        + " VALUES (?, gen_random_uuid(), ?, 'bench', '{runs:write,kill-switch:write,workspace:read,workspace:write}',"
                        + " 'Runtime', now())")) {
      for (int i = 0; i < count; i++) {
        find.setString(1, "ws-" + (1 + (long) i * made / count));
        UUID id;
        try (ResultSet row = find.executeQuery()) {
          row.next();
          id = row.getObject(1, UUID.class);
        }
        ApiKey key = ApiKey.generate(RANDOM);
        insert.setBytes(1, HexFormat.of().parseHex(key.digest().hex()));
        insert.setObject(2, id);
        insert.execute();
        picked.add(new Tenant(id, key.reveal()));
      }
    }
    return picked;
  }

  /**
   * A workspace that asks.
   *
   * @param key lets it start runs, ask for steps and switch its kill switch
   */
  record Tenant(UUID id, String key) {
    /** Starts a run that lasts as long as a lease can, and gives the request for a step of it. */
    Post run(int port, String user) throws IOException, InterruptedException {
      HttpResponse<String> answer =
          post(
              port,
              new Post(
                  "/v1/runs", key, "{\"user_id\":\"%s\",\"lease_seconds\":3600}".formatted(user)));
      if (answer.statusCode() != 201) {
        throw new IllegalStateException("no run was started: " + answer.body());
      }
      return new Post(answer.headers().firstValue("Location").orElseThrow() + "/steps", key, STEP);
    }

    /** Engages or releases its kill switch. */
    void kill(int port, String active) throws IOException, InterruptedException {
      HttpResponse<String> answer =
          post(
              port,
              new Post("/v1/workspace/kill-switch", key, "{\"active\":%s}".formatted(active)));
      if (answer.statusCode() != 200) {
        throw new IllegalStateException("the kill switch did not move: " + answer.body());
      }
    }
  }

  private static HttpResponse<String> post(int port, Post post)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + post.path()))
            .header("X-API-Key", post.key())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(post.body()))
            .build(),
        BodyHandlers.ofString());
  }
}
