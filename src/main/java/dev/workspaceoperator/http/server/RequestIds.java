package dev.workspaceoperator.http.server;

import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Names of requests, in logs and audit rows. */
public final class RequestIds {
  private static final int LENGTH_MAX = 128;
  private static final HexFormat HEX = HexFormat.of();

  private RequestIds() {}

  /** The name that the caller gave, if it is a fit one; else a new one. */
  public static String of(Optional<String> given) {
    return given
        .filter(RequestIds::isFit)
        .orElseGet(() -> HEX.toHexDigits(ThreadLocalRandom.current().nextLong()));
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
}
