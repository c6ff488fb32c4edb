package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.http.connections.TrustedProxies;
import dev.workspaceoperator.workspace.Plan;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Failed sign-ins are counted for each source, and behind a proxy that is not the proxy. */
class FailedSignInsHttpIT {
  private static final int LIMIT = 100;
  private static final String WRONG = ApiKey.generate(new SecureRandom()).reveal();

  @Test
  void aSourceBehindATrustedProxyIsCountedForItself() throws InterruptedException {
    TrustedProxies loopback =
        TrustedProxies.in(
            List.of("127.0.0.0/8"),
            mistake -> {
              throw new AssertionError(mistake);
            });
    try (ApiServer server = ApiServer.start(http -> http.withTrustedProxies(loopback))) {
      ApiClient wrong = ApiClient.with(server.port(), WRONG);
      String key = server.keyWithAllScopes(server.workspace(Plan.PRO).id());

      for (int i = 0; i < LIMIT; i++) {
        assertThat(from("198.51.100." + i + ", 203.0.113.1", wrong)).isEqualTo(401);
      }

      assertThat(from("203.0.113.1", wrong)).as("over the limit").isEqualTo(429);
      assertThat(from("203.0.113.2", wrong)).as("another source").isEqualTo(401);
      assertThat(from("203.0.113.1", ApiClient.with(server.port(), key)))
          .as("a valid key from the same source")
          .isEqualTo(200);
    }
  }

  @Test
  void withoutATrustedProxyTheHeaderIsNotBelieved() throws InterruptedException {
    try (ApiServer server = ApiServer.start()) {
      ApiClient wrong = ApiClient.with(server.port(), WRONG);

      for (int i = 0; i < LIMIT; i++) {
        assertThat(from("203.0.113." + i, wrong)).isEqualTo(401);
      }

      assertThat(from("198.51.100.1", wrong)).isEqualTo(429);
    }
  }

  private static int from(String forwardedFor, ApiClient client) {
    return client.withHeader("X-Forwarded-For", forwardedFor).get("/v1/workspace").status();
  }
}
