package dev.workspaceoperator.auth;

/** What a request shows to say who asks, before it is judged. */
sealed interface Credential {
  /** An API key whose form and checksum are right. */
  record Key(ApiKey key) implements Credential {}

  /** Something of another issuer, most likely a JWT. */
  record Token(String text) implements Credential {
    /** Never the token: this is what lands in logs. */
    @Override
    public String toString() {
      return "Token[…]";
    }
  }
}
