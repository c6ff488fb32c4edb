package dev.workspaceoperator.extauthz;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a client may say of itself by a header. */
public enum ClientHeader {
  /** For whom it asks. */
  USER,
  /** Of which run it is a step. */
  RUN,
  /** What it may cost at most. */
  MAX_COST;

  /** As options say it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Optional<ClientHeader> ofLabel(String label) {
    return Arrays.stream(values()).filter(header -> header.label().equals(label)).findFirst();
  }

  /** All of them. */
  public static List<String> labels() {
    return Arrays.stream(values()).map(ClientHeader::label).toList();
  }
}
