package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;

/** Calls that tests of runs make on their way to what they prove. */
final class RunCalls {
  private RunCalls() {}

  /** Starts a run and gives its path. */
  static String run(ApiClient caller, String body) {
    ApiResponse started = caller.post("/v1/runs", body);
    assertThat(started.status()).as(started.body()).isEqualTo(201);
    return started.header("Location");
  }

  /** Has a step of it admitted, and gives the path of that. */
  static String step(ApiClient caller, String run, String body) {
    ApiResponse admitted = caller.post(run + "/steps", body);
    assertThat(admitted.status()).as(admitted.body()).isEqualTo(201);
    return run + "/steps/" + admitted.json().path("id").asText();
  }
}
