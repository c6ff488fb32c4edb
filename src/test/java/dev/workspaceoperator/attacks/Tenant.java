package dev.workspaceoperator.attacks;

import dev.workspaceoperator.storm.Wire;
import dev.workspaceoperator.storm.Wire.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A workspace that asks a replica.
 *
 * @param key with every scope that a workspace can give
 */
record Tenant(int port, UUID id, String key) {
  static final String STEP = "{\"max_cost_usd\":0.000001}";
  static final String RUNS = "/v1/runs";
  static final String WORKSPACE = "/v1/workspace/";
  static final String KILL_SWITCH = "/v1/workspace/kill-switch";
  static final String KEYS = "/v1/api-keys";
  static final String OVERRIDES = "/v1/workspace/overrides";

  /** Starts so many runs; gives their ids. */
  List<String> runs(int count) throws IOException {
    List<String> ids = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      ids.add(
          id(call(post(RUNS, "{\"user_id\":\"u%d\",\"lease_seconds\":3600}".formatted(number)))));
    }
    return ids;
  }

  /** A step of a run; gives its id. */
  String step(String run) throws IOException {
    return id(call(post(stepsOf(run), STEP)));
  }

  static String stepsOf(String run) {
    return RUNS + "/" + run + "/steps";
  }

  String post(String path, String body) {
    return Request.post(path, key, body);
  }

  String patch(String body) {
    return Request.patch(WORKSPACE, key, body);
  }

  String get(String path) {
    return Request.get(path, key);
  }

  /** Over a connection of its own. */
  Reply call(String request) throws IOException {
    try (Wire wire = Wire.connect(port)) {
      return wire.call(Request.bytes(request));
    }
  }

  private static String id(Reply reply) {
    if (reply.status() != 201) {
      throw new IllegalStateException("not admitted: " + reply);
    }
    return reply.field("id");
  }
}
