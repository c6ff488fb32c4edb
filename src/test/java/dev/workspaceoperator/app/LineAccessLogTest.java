package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.http.server.AccessLog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LineAccessLogTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-24T10:00:00Z"), ZoneOffset.UTC);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void writesOneJsonObjectALineWhateverAnActorIsCalled() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream target = new PrintStream(bytes, false, StandardCharsets.UTF_8);
        LineAccessLog log = LineAccessLog.start(target, CLOCK, registry)) {
      log.write(line("api-key \"a\"\n\\ü"));
      log.write(line("api-key b"));
    }

    String[] lines = bytes.toString(StandardCharsets.UTF_8).split("\n", -1);
    assertThat(lines).hasSize(3);
    JsonNode first = new ObjectMapper().readTree(lines[0]);
    assertThat(first.path("@timestamp").asText()).isEqualTo("2026-11-24T10:00:00Z");
    assertThat(first.path("actor").asText()).isEqualTo("api-key \"a\"\n\\ü");
    assertThat(first.path("status").asInt()).isEqualTo(404);
    assertThat(first.path("ms").asDouble()).isEqualTo(1.235);
    assertThat(first.path("code").asText()).isEqualTo("NOT_FOUND");
    assertThat(lines[2]).isEmpty();
  }

  @Test
  void dropsAndCountsWhatNobodyReadsInsteadOfHoldingUpRequests() {
    CountDownLatch reads = new CountDownLatch(1);
    OutputStream stuck =
        new OutputStream() {
          @Override
          public void write(int b) {
            try {
              reads.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    try (PrintStream target = new PrintStream(stuck, false, StandardCharsets.UTF_8);
        LineAccessLog log = LineAccessLog.start(target, CLOCK, registry)) {
      await()
          .until(() -> {
            for (int i = 0; i < 1_000; i++) {
              log.write(line("api-key a"));
            }
            return registry.get("workspace_operator_access_log_dropped").functionCounter().count()
                > 0;
          });
      reads.countDown();
    }
  }

  private static AccessLog.Line line(String actor) {
    return new AccessLog.Line(
        "GET",
        "/v1/audit",
        404,
        "NOT_FOUND",
        1.23456,
        "req",
        Optional.empty(),
        Optional.of(actor),
        Optional.of(UUID.randomUUID()),
        "127.0.0.1");
  }
}
