package dev.workspaceoperator.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/** An answer that the contract allows. */
public record ApiResponse(int status, HttpHeaders headers, String body) {
  /** The values of a header, joined by a comma; empty if it is absent. */
  public String header(String name) {
    return String.join(", ", headers.allValues(name));
  }

  /** The body as JSON; numbers with a fraction are BigDecimals. */
  public JsonNode json() {
    try {
      return StrictJson.read(body);
    } catch (IOException e) {
      throw new UncheckedIOException("not JSON: " + body, e);
    }
  }

  /** The item of a list whose field has this value. */
  public JsonNode item(String field, String value) {
    for (JsonNode item : json().path("items")) {
      if (item.path(field).asText().equals(value)) {
        return item;
      }
    }
    throw new AssertionError("no %s %s in %s".formatted(field, value, body));
  }

  /** The member {@code code} of a problem; empty for any other answer. */
  public String code() {
    return RecordedExchange.mediaType(headers.firstValue("Content-Type"))
            .equals(Optional.of("application/problem+json"))
        ? json().path("code").asText()
        : "";
  }

  /** The {@code pointer} of each error of a problem. */
  public List<String> pointers() {
    return json().path("errors").findValuesAsText("pointer");
  }
}
