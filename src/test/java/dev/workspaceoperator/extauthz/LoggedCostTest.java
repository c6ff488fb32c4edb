package dev.workspaceoperator.extauthz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.workspaceoperator.extauthz.LoggedCost.Basis;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.RunOutcome;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogCommon;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPRequestProperties;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPResponseProperties;
import io.envoyproxy.envoy.data.accesslog.v3.ResponseFlags;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What an entry of an access log is charged. */
class LoggedCostTest {
  private static final UUID ID = UUID.fromString("0199b2a0-0000-7000-8000-000000000001");
  private static final Reservation RESERVED =
      new Reservation(ID, ID, ID, new MicroUsd(10_000), Optional.of("m"), false);
  private static final PriceList PRICES =
      PriceList.read(
          "{\"m\": {\"input_cost_per_token\": 1e-6, \"input_cost_per_token_priority\": 2e-6, \"output_cost_per_token\": 1e-5}}"
              .getBytes(StandardCharsets.UTF_8),
          mistake -> {
            throw new AssertionError(mistake);
          });
  private static final ExtAuthzSettings SETTINGS =
      new ExtAuthzSettings(
          "127.0.0.1",
          0,
          Optional.empty(),
          ExtAuthzSettings.USER_HEADER,
          Set.of(),
          false,
          300,
          List.of("a", "b"),
          Set.of(429),
          1,
          Duration.ZERO);

  private static HTTPAccessLogEntry entry(
      int status, long sent, int attempts, Map<String, Struct> metadata) {
    return HTTPAccessLogEntry.newBuilder()
        .setCommonProperties(
            AccessLogCommon.newBuilder()
                .setUpstreamWireBytesSent(sent)
                .setUpstreamRequestAttemptCount(attempts)
                .setMetadata(Metadata.newBuilder().putAllFilterMetadata(metadata)))
        .setRequest(HTTPRequestProperties.newBuilder().setUpstreamHeaderBytesSent(sent))
        .setResponse(
            HTTPResponseProperties.newBuilder()
                .setResponseCode(UInt32Value.of(status))
                .setUpstreamHeaderBytesReceived(sent))
        .build();
  }

  private static Struct told(String... namesAndNumbers) {
    Struct.Builder told = Struct.newBuilder();
    for (int i = 0; i < namesAndNumbers.length; i += 2) {
      told.putFields(
          namesAndNumbers[i],
          Value.newBuilder().setNumberValue(Double.parseDouble(namesAndNumbers[i + 1])).build());
    }
    return told.build();
  }

  private static LoggedCost cost(HTTPAccessLogEntry entry) {
    return LoggedCost.of(entry, RESERVED, Optional.of(PRICES), SETTINGS);
  }

  private static LoggedCost of(long micros, Basis basis) {
    return new LoggedCost(new MicroUsd(micros), basis);
  }

  @Test
  void aCostThatIsToldIsTheCostRoundedUp() {
    assertThat(cost(entry(200, 9, 1, Map.of("b", told("cost_micro_usd", "41.2")))))
        .isEqualTo(of(42, Basis.COST));
    assertThat(cost(entry(500, 9, 1, Map.of("a", told("cost_micro_usd", "0")))))
        .isEqualTo(of(0, Basis.COST));
  }

  @Test
  void tokensCostWhatTheModelDoes() {
    assertThat(
            cost(
                entry(
                    200, 9, 1, Map.of("a", told("prompt_tokens", "3", "completion_tokens", "2")))))
        .isEqualTo(of(23, Basis.TOKENS));
  }

  @Test
  void whatIsNoAmountOrHalfOfOneIsNotBelieved() {
    for (Struct nonsense :
        List.of(
            told("cost_micro_usd", "-1"),
            told("cost_micro_usd", "NaN"),
            told("cost_micro_usd", "Infinity"),
            told("cost_micro_usd", "1e300"),
            told("prompt_tokens", "3"),
            told("completion_tokens", "3"))) {
      assertThat(cost(entry(200, 9, 1, Map.of("a", nonsense))))
          .isEqualTo(of(10_000, Basis.RESERVED));
    }
  }

  @Test
  void whatWasNotSentOrNotTakenCostsNothing() {
    assertThat(cost(entry(503, 0, 1, Map.of()))).isEqualTo(of(0, Basis.NOTHING_SENT));
    assertThat(cost(entry(429, 9, 1, Map.of()))).isEqualTo(of(0, Basis.NOTHING_SENT));
  }

  @Test
  void bytesThatNobodyCountedAreNotNone() {
    AccessLogCommon common =
        entry(200, 0, 1, Map.of()).getCommonProperties().toBuilder()
            .setUpstreamRemoteAddress(Address.getDefaultInstance())
            .build();
    HTTPAccessLogEntry uncounted =
        entry(200, 0, 1, Map.of()).toBuilder().setCommonProperties(common).build();
    HTTPAccessLogEntry refused =
        uncounted.toBuilder()
            .setCommonProperties(
                common.toBuilder()
                    .setResponseFlags(
                        ResponseFlags.newBuilder().setUpstreamConnectionFailure(true)))
            .build();

    assertThat(cost(uncounted)).isEqualTo(of(10_000, Basis.RESERVED));
    assertThat(cost(refused)).isEqualTo(of(0, Basis.NOTHING_SENT));
  }

  @Test
  void aDearerTierIsChargedAtTheDearestPrice() {
    Reservation priority =
        new Reservation(ID, ID, ID, new MicroUsd(10_000), Optional.of("m"), true);
    HTTPAccessLogEntry counted =
        entry(200, 9, 1, Map.of("a", told("prompt_tokens", "3", "completion_tokens", "2")));

    assertThat(LoggedCost.of(counted, priority, Optional.of(PRICES), SETTINGS).cost().micros())
        .isEqualTo(3 * 2 + 2 * 10);
  }

  @Test
  void whatNobodyKnowsCostsWhatWasReserved() {
    assertThat(cost(entry(200, 9, 1, Map.of()))).isEqualTo(of(10_000, Basis.RESERVED));
    assertThat(cost(entry(500, 9, 1, Map.of()))).isEqualTo(of(10_000, Basis.RESERVED));
    // Of three attempts the last one was refused, or found nobody: the others may have been
    // charged.
    assertThat(cost(entry(429, 9, 3, Map.of()))).isEqualTo(of(10_000, Basis.RESERVED));
    assertThat(cost(entry(503, 0, 3, Map.of()))).isEqualTo(of(10_000, Basis.RESERVED));
  }

  @Test
  void aCallEndsAsItsAnswerDid() {
    assertThat(LoggedCost.outcome(entry(200, 9, 1, Map.of()))).isEqualTo(RunOutcome.SUCCEEDED);
    assertThat(LoggedCost.outcome(entry(500, 9, 1, Map.of()))).isEqualTo(RunOutcome.FAILED);
    assertThat(LoggedCost.outcome(entry(0, 9, 1, Map.of()))).isEqualTo(RunOutcome.CANCELLED);
  }
}
