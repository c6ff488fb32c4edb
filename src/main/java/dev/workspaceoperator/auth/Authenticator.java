package dev.workspaceoperator.auth;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Finds out who asks (design.md §6, Authentication). Safe for use by many threads. */
public interface Authenticator {
  /**
   * Judges the credential of one request.
   *
   * @throws dev.workspaceoperator.workspace.port.StoreUnavailableException if it cannot be judged
   *     now
   * @throws dev.workspaceoperator.workspace.port.OverloadedException if too many are judged now
   * @throws dev.workspaceoperator.workspace.port.ShareExceededException if too many are judged of
   *     this workspace, which were good a short time ago; strangers hear of overload alone
   */
  Result authenticate(Attempt attempt);

  /**
   * What a request came with.
   *
   * @param authorization every value of the header {@code Authorization}
   * @param apiKey every value of the header {@code X-API-Key}
   * @param workspace the header {@code Workspace}: a slug
   * @param source the address it came from, by which failed attempts are counted
   */
  record Attempt(
      List<String> authorization, List<String> apiKey, Optional<String> workspace, String source) {
    public Attempt {
      authorization = List.copyOf(authorization);
      apiKey = List.copyOf(apiKey);
    }
  }

  /** What was found. */
  sealed interface Result {}

  /**
   * The credential is good.
   *
   * @param endsAt when an API key expires, exclusive; the store's clock decides. Empty for one that
   *     does not, and for a token, which is judged anew with each request
   */
  record Accepted(Principal principal, Optional<Instant> endsAt) implements Result {}

  /** 400 {@code BAD_REQUEST}: two credentials at once, or a header that is none. */
  record Ambiguous(String detail) implements Result {}

  /**
   * 401 {@code UNAUTHENTICATED}.
   *
   * @param detail how to mend it; never the credential itself, and nothing that helps to forge one
   * @param credentialGiven whether there was one, so that {@code error="invalid_token"} is due
   */
  record Unauthenticated(String detail, boolean credentialGiven) implements Result {}

  /** 400 {@code WORKSPACE_REQUIRED}: the credential fits several workspaces. */
  record WorkspaceRequired(String detail) implements Result {}

  /** 403 {@code NO_WORKSPACE}: the credential is good and fits no workspace. */
  record NoWorkspace(String detail) implements Result {}

  /** 429 {@code TOO_MANY_REQUESTS}: too many failed attempts from this source. */
  record TooManyFailures(Duration retryAfter) implements Result {}
}
