package dev.workspaceoperator.env;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;

/** Waits for a server that was just started. */
final class Readiness {
  private static final Duration PROBE_BOUND = Duration.ofSeconds(5);
  private static final long PROBE_EVERY_MILLIS = 50;

  /** One look at the server. */
  @FunctionalInterface
  interface Probe {
    boolean ready() throws IOException, GeneralSecurityException, InterruptedException;
  }

  private Readiness() {}

  static void await(String name, EmbeddedProcess process, Duration bound, Probe probe)
      throws InterruptedException {
    Deadline deadline = Deadline.in(bound);
    String last = "no answer yet";
    while (!deadline.passed()) {
      try {
        if (probe.ready()) {
          return;
        }
      } catch (IOException e) {
        last = String.valueOf(e);
      } catch (GeneralSecurityException e) {
        throw new KubeUnavailableException("No TLS with " + name + ".", e);
      }
      if (!process.isAlive()) {
        throw new KubeUnavailableException(name + " ended at its start:\n" + process.logTail());
      }
      Thread.sleep(PROBE_EVERY_MILLIS);
    }
    throw new KubeUnavailableException(
        "%s was not ready within %d s (%s):%n%s"
            .formatted(name, bound.toSeconds(), last, process.logTail()));
  }

  static HttpClient.Builder client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .proxy(HttpClient.Builder.NO_PROXY)
        .connectTimeout(PROBE_BOUND);
  }

  /** Whether the address answers 200. */
  static boolean answersOk(HttpClient client, String url, String token)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(PROBE_BOUND)
            .header("Authorization", "Bearer " + token)
            .build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
  }
}
