package dev.workspaceoperator.extauthz;

import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.workspaceoperator.http.server.Json;
import dev.workspaceoperator.http.server.Problem;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.helidon.http.Header;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** Answers in Envoy's form. */
final class CheckAnswers {
  /** By which whoever asked finds his call in the books. */
  static final String CALL = CheckedRequest.PREFIX + "call";

  private CheckAnswers() {}

  static CheckResponse admitted(
      List<String> headersToRemove, Reservation reservation, SettleTokens tokens) {
    return CheckResponse.newBuilder()
        .setStatus(Status.newBuilder().setCode(Code.OK_VALUE))
        .setOkResponse(
            OkHttpResponse.newBuilder()
                .addAllHeadersToRemove(headersToRemove)
                .addResponseHeadersToAdd(header(CALL, reservation.stepId().toString())))
        .setDynamicMetadata(reservation.metadata(tokens))
        .build();
  }

  static CheckResponse refused(Problem problem, String requestId) {
    DeniedHttpResponse.Builder denied =
        DeniedHttpResponse.newBuilder()
            .setStatus(HttpStatus.newBuilder().setCodeValue(problem.status().code()))
            .addHeaders(header("content-type", "application/json"))
            .addHeaders(header("x-request-id", requestId))
            .setBody(body(problem));
    for (Header each : problem.headers()) {
      denied.addHeaders(header(each.headerName().lowerCase(), each.get()));
    }
    return CheckResponse.newBuilder()
        .setStatus(
            Status.newBuilder()
                .setCode(Code.PERMISSION_DENIED_VALUE)
                .setMessage(problem.code().name()))
        .setDeniedResponse(denied)
        .build();
  }

  private static HeaderValueOption header(String name, String value) {
    return HeaderValueOption.newBuilder()
        .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
        .setAppendAction(HeaderValueOption.HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)
        .build();
  }

  /** What the SDKs of OpenAI and Anthropic read: their own form of an error. */
  private static String body(Problem problem) {
    byte[] body =
        Json.bytes(json -> {
          json.writeStartObject();
          json.writeObjectFieldStart("error");
          json.writeStringField("message", message(problem));
          json.writeStringField("type", type(problem.status().code()));
          json.writeStringField("code", problem.code().name());
          json.writeNullField("param");
          json.writeEndObject();
          json.writeEndObject();
        });
    return new String(body, StandardCharsets.UTF_8);
  }

  /**
   * With the code, which not every SDK shows by itself, what whoever engaged a kill switch has
   * said, and each thing that is wrong.
   */
  private static String message(Problem problem) {
    StringBuilder message =
        new StringBuilder(problem.code().name()).append(": ").append(problem.detail());
    Object reason = problem.members().get("reason");
    if (reason != null) {
      message.append(" Reason: ").append(reason);
    }
    if (!problem.errors().isEmpty()) {
      message
          .append(' ')
          .append(
              problem.errors().stream()
                  .map(error -> error.pointer().replaceFirst("^#/?", "") + ": " + error.detail())
                  .collect(Collectors.joining(" ")));
    }
    return message.toString();
  }

  /** The words of both APIs for a status. */
  private static String type(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 402 -> "insufficient_quota";
      case 403 -> "permission_error";
      case 404 -> "not_found_error";
      case 429 -> "rate_limit_error";
      case 503 -> "overloaded_error";
      default -> status < 500 ? "invalid_request_error" : "api_error";
    };
  }
}
