package dev.workspaceoperator.workspace;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * A receiver of notifications that a manifest lists. Whether it may be sent anything is not judged
 * yet.
 *
 * @param name unique within the manifest
 * @param url takes a POST
 * @param keyName the key of the installation that signs what is sent
 * @param kinds what it wants; empty for all there are
 */
public record DeclaredReceiver(
    String name, String url, String keyName, Set<NotificationKind> kinds) {
  /** Longest URL. */
  public static final int URL_LENGTH_MAX = 1_024;

  /**
   * An absolute URL of {@code http} or {@code https} without a user and without a fragment, as RFC
   * 3986 writes it, its host in lower case.
   */
  public static final Pattern URL =
      Pattern.compile(
          "https?://([a-z0-9]([-a-z0-9.]*[a-z0-9])?|\\[[0-9a-f:.]+\\])"
              + "(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
              + "(/([-A-Za-z0-9._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?");

  public DeclaredReceiver {
    kinds = Set.copyOf(kinds);
  }
}
