package dev.workspaceoperator.trace;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** Spans of OTLP as tests look at them. */
public final class Ids {
  private Ids() {}

  /** An id as {@code traceparent} has it. */
  public static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }

  /** A trace of this number. */
  public static String traceId(long number) {
    return "%032x".formatted(number);
  }

  /** What a span says of itself, as text. */
  public static Map<String, String> attributes(Span span) {
    Map<String, String> all = new TreeMap<>();
    for (KeyValue one : span.getAttributesList()) {
      all.put(
          one.getKey(),
          one.getValue().hasIntValue()
              ? Long.toString(one.getValue().getIntValue())
              : one.getValue().getStringValue());
    }
    return all;
  }
}
