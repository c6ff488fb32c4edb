package dev.workspaceoperator.auth;

import dev.workspaceoperator.auth.Authenticator.Ambiguous;
import dev.workspaceoperator.auth.Authenticator.Attempt;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the one credential among the headers of a request (RFC 6750 §2.1). A client that sends no
 * bearer token, as kubectl does to a server without TLS, may send it as a password (RFC 7617).
 */
final class CredentialHeaders {
  private static final String KEY_PREFIX = "wsk_";
  private static final Pattern BEARER = Pattern.compile("(?i:bearer) +([!-~]+)");
  private static final Pattern BASIC = Pattern.compile("(?i:basic) +([A-Za-z0-9+/]+=*)");

  /** A credential as the password of a user who has this name and no other. */
  private static final Pattern AS_PASSWORD = Pattern.compile("token:([!-~]+)");

  /** Only names that everybody knows are repeated to the caller; anything else may be a secret. */
  private static final Pattern OTHER_SCHEME =
      Pattern.compile("(?i:(basic|digest|negotiate|ntlm|dpop|token|apikey)) .*", Pattern.DOTALL);

  private CredentialHeaders() {}

  /** Either a credential or why there is none to judge. */
  sealed interface Found {}

  record One(Credential credential) implements Found {}

  record None(Result why) implements Found {}

  static Found read(Attempt attempt) {
    int given = attempt.authorization().size() + attempt.apiKey().size();
    if (given > 1) {
      return new None(
          new Ambiguous(
              "The request has more than one credential. Send one header only: either"
                  + " Authorization or X-API-Key, once."));
    }
    if (given == 0) {
      return new None(
          new Unauthenticated(
              "The request has no credential. Send an API key as \"X-API-Key: wsk_…\" or"
                  + " \"Authorization: Bearer wsk_…\", or a token as \"Authorization: Bearer …\".",
              false));
    }
    return attempt.apiKey().isEmpty()
        ? authorization(attempt.authorization().getFirst())
        : key(attempt.apiKey().getFirst());
  }

  private static Found authorization(String value) {
    Matcher bearer = BEARER.matcher(value);
    Optional<String> credential = bearer.matches() ? Optional.of(bearer.group(1)) : password(value);
    return credential
        .map(CredentialHeaders::keyOrToken)
        .orElseGet(() -> refused(otherScheme(value)));
  }

  private static Found keyOrToken(String credential) {
    return credential.startsWith(KEY_PREFIX)
        ? key(credential)
        : new One(new Credential.Token(credential));
  }

  private static Optional<String> password(String value) {
    Matcher basic = BASIC.matcher(value);
    if (!basic.matches()) {
      return Optional.empty();
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(basic.group(1));
      Matcher user = AS_PASSWORD.matcher(new String(decoded, StandardCharsets.ISO_8859_1));
      return user.matches() ? Optional.of(user.group(1)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      // It is no Base64.
      return Optional.empty();
    }
  }

  private static String otherScheme(String value) {
    Matcher scheme = OTHER_SCHEME.matcher(value);
    return scheme.matches()
        ? "The scheme %s of the Authorization header is not supported like this. Use \"Bearer\", or \"Basic\" with the user token and the credential as the password."
            .formatted(scheme.group(1))
        : "The Authorization header must be \"Bearer\", a space, and an API key or a token.";
  }

  private static Found key(String text) {
    return ApiKey.parse(text)
        .<Found>map(key -> new One(new Credential.Key(key)))
        .orElseGet(() ->
            refused(
                "This is not an API key: a key is 53 characters, starts with wsk_ and ends in a"
                    + " checksum, which does not fit here. Copy the whole key again."));
  }

  private static Found refused(String detail) {
    return new None(new Unauthenticated(detail, true));
  }
}
