package dev.workspaceoperator.extauthz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.workspaceoperator.http.server.ProblemException;
import dev.workspaceoperator.workspace.MicroUsd;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The most that a request can cost, whatever its body says or leaves out. */
class CostEstimateTest {
  private static final String CHAT = "/v1/chat/completions";

  /** Nothing for what goes in, a micro-dollar for each token that comes out. */
  private static final PriceList PRICES =
      PriceList.read(
          """
          {"out": {"input_cost_per_token": 0, "output_cost_per_token": 1e-6, "max_output_tokens": 100},
           "in": {"input_cost_per_token": 1e-6, "mode": "embedding", "max_input_tokens": 50},
           "endless": {"input_cost_per_token": 1e-6, "output_cost_per_token": 0}}
          """
              .getBytes(StandardCharsets.UTF_8),
          mistake -> {
            throw new AssertionError(mistake);
          });

  private static CheckedRequest request(
      String method, String path, String body, Map<String, String> headers) {
    return new CheckedRequest(
        CheckRequest.newBuilder()
            .setAttributes(
                AttributeContext.newBuilder()
                    .setRequest(
                        AttributeContext.Request.newBuilder()
                            .setHttp(
                                AttributeContext.HttpRequest.newBuilder()
                                    .setMethod(method)
                                    .setPath(path)
                                    .putAllHeaders(headers)
                                    .setRawBody(ByteString.copyFromUtf8(body)))))
            .build());
  }

  private static Optional<MicroUsd> cost(CheckedRequest request) {
    return CostEstimate.of(request, Optional.of(PRICES), ExtAuthzSettings.on("127.0.0.1", 0))
        .maxCost();
  }

  private static long micros(String path, String body) {
    return cost(request("POST", path, body, Map.of())).orElseThrow().micros();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model\":\"out\",\"max_tokens\":7} | 7",
        "{\"model\":\"out\",\"max_tokens\":7,\"max_completion_tokens\":9} | 9",
        "{\"model\":\"out\",\"max_tokens\":null} | 100",
        "{\"model\":\"out\",\"max_tokens\":7,\"n\":3} | 21",
        "{\"model\":\"out\",\"max_tokens\":7,\"n\":3,\"best_of\":5} | 35",
        // What another API calls it limits nothing here.
        "{\"model\":\"out\",\"max_output_tokens\":1} | 100",
        // An answer to each of them.
        "{\"model\":\"out\",\"max_tokens\":7,\"prompt\":[\"a\",\"b\",\"c\"]} | 21",
        "{\"model\":\"out\",\"max_tokens\":7,\"prompt\":[[1,2],[3]]} | 14",
        "{\"model\":\"out\",\"max_tokens\":7,\"prompt\":[1,2,3]} | 7",
        "{\"model\":\"out\",\"max_tokens\":7,\"prompt\":[]} | 7"
      })
  void whatComesOutIsCountedAtItsMost(String body, long micros) {
    assertThat(micros(CHAT, body)).isEqualTo(micros);
  }

  @Test
  void theResponsesApiHasALimitOfItsOwn() {
    assertThat(micros("/v1/responses?x=1", "{\"model\":\"out\",\"max_output_tokens\":7}"))
        .isEqualTo(7);
    assertThat(micros("/v1/responses", "{\"model\":\"out\",\"max_tokens\":7}")).isEqualTo(100);
  }

  @Test
  void ofOneTextAModelTakesNoMoreThanItSaysAndOfSeveralEachOfThem() {
    String text = "x".repeat(200);

    assertThat(micros("/v1/embeddings", "{\"model\":\"in\",\"input\":\"" + text + "\"}"))
        .isEqualTo(50);
    assertThat(micros("/v1/embeddings", "{\"model\":\"in\",\"input\":[\"" + text + "\",\"b\"]}"))
        .isGreaterThan(200);
  }

  @Test
  void inputThatIsKeptElsewhereIsAsMuchAsAModelTakes() {
    String more = ",\"previous_response_id\":\"resp_1\"}";

    assertThat(micros("/v1/responses", "{\"model\":\"in\"" + more)).isEqualTo(50);
    refuses(request("POST", "/v1/responses", "{\"model\":\"endless\"" + more, Map.of()));
    refuses(
        request(
            "POST",
            "/v1/responses",
            "{\"model\":\"endless\",\"prompt\":{\"id\":\"p\"}}",
            Map.of()));
  }

  @Test
  void namesInOtherCaseAreRefused() {
    refuses(request("POST", CHAT, "{\"model\":\"out\",\"Max_Tokens\":1}", Map.of()));
    refuses(request("POST", CHAT, "{\"model\":\"out\",\"Model\":\"in\"}", Map.of()));
  }

  @Test
  void aGetIsFreeUnlessItBeginsAWebSocket() {
    assertThat(cost(request("GET", "/v1/models", "", Map.of()))).contains(MicroUsd.ZERO);
    refuses(request("GET", "/v1/realtime", "", Map.of("upgrade", "websocket")));
  }

  @ParameterizedTest
  @CsvSource({"-1", "1e99", "a lot", "0.0000001", "NaN"})
  void aHighestCostThatIsNoneIsRefused(String usd) {
    refuses(request("POST", CHAT, "{\"model\":\"out\"}", Map.of("x-workspace-max-cost-usd", usd)));
  }

  @Test
  void theTierIsKeptForTheSettlement() {
    CostEstimate priority =
        CostEstimate.of(
            request("POST", CHAT, "{\"model\":\"out\",\"service_tier\":\"priority\"}", Map.of()),
            Optional.of(PRICES),
            ExtAuthzSettings.on("127.0.0.1", 0));

    assertThat(priority.isDearer()).isTrue();
    assertThat(priority.pricedModel()).contains("out");
  }

  private static void refuses(CheckedRequest request) {
    assertThatThrownBy(() -> cost(request)).isInstanceOf(ProblemException.class);
  }
}
