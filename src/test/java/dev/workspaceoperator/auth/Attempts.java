package dev.workspaceoperator.auth;

import dev.workspaceoperator.auth.Authenticator.Attempt;
import java.util.List;
import java.util.Optional;

/** Requests as they come in. */
final class Attempts {
  static final String SOURCE = "192.0.2.1";

  private Attempts() {}

  static Attempt apiKey(ApiKey key) {
    return new Attempt(List.of(), List.of(key.reveal()), Optional.empty(), SOURCE);
  }

  static Attempt bearer(String token) {
    return authorization("Bearer " + token);
  }

  static Attempt authorization(String... values) {
    return new Attempt(List.of(values), List.of(), Optional.empty(), SOURCE);
  }

  static Attempt from(String source, Attempt attempt) {
    return new Attempt(attempt.authorization(), attempt.apiKey(), attempt.workspace(), source);
  }

  static Attempt forWorkspace(String slug, Attempt attempt) {
    return new Attempt(
        attempt.authorization(), attempt.apiKey(), Optional.of(slug), attempt.source());
  }
}
