package dev.workspaceoperator.http.server;

import dev.workspaceoperator.metric.CallerTrace;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Names of requests, in logs and audit rows. */
public final class RequestIds {
  private static final int LENGTH_MAX = 128;
  private static final HexFormat HEX = HexFormat.of();
  private static final int TRACEPARENT_LENGTH = 55;
  private static final int SAMPLED = 1;

  private RequestIds() {}

  /** The name that the caller gave, if it is a fit one; else a new one. */
  public static String of(Optional<String> given) {
    return given
        .filter(RequestIds::isFit)
        .orElseGet(() -> HEX.toHexDigits(ThreadLocalRandom.current().nextLong()));
  }

  /** The trace that the request is part of (W3C Trace Context, version 00). */
  public static Optional<String> traceId(Optional<String> traceparent) {
    return traceparent
        .filter(text -> text.length() == TRACEPARENT_LENGTH && text.startsWith("00-"))
        .map(text -> text.substring(3, 35))
        .filter(
            id -> id.chars().allMatch(RequestIds::isHex) && !id.chars().allMatch(c -> c == '0'));
  }

  /** The same with the caller's own part of the trace. */
  public static Optional<CallerTrace> trace(Optional<String> traceparent) {
    return traceId(traceparent)
        .flatMap(id -> {
          String text = traceparent.orElseThrow();
          String span = text.substring(36, 52);
          String flags = text.substring(53);
          return span.chars().allMatch(RequestIds::isHex)
                  && flags.chars().allMatch(RequestIds::isHex)
              ? Optional.of(
                  new CallerTrace(id, span, (HexFormat.fromHexDigits(flags) & SAMPLED) != 0))
              : Optional.empty();
        });
  }

  private static boolean isFit(String id) {
    if (id.isEmpty() || id.length() > LENGTH_MAX) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean fit =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "-._~:/+=@".indexOf(c) >= 0;
      if (!fit) {
        return false;
      }
    }
    return true;
  }

  private static boolean isHex(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }
}
