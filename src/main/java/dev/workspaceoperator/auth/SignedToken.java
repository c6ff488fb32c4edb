package dev.workspaceoperator.auth;

import static dev.workspaceoperator.auth.CredentialJudgement.bad;
import static dev.workspaceoperator.auth.CredentialJudgement.good;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A JWS in compact form (RFC 7515 §3.1), taken apart and not yet believed. Keys that a token brings
 * along ({@code jwk}, {@code jku}, {@code x5c}, {@code x5u}) are never looked at.
 *
 * @param algorithm one of {@link #ALGORITHMS}
 * @param keyId names the key that signed it
 * @param claims what it says
 * @param signedText header and claims as they were signed
 * @param signatureText base64url
 */
record SignedToken(
    String algorithm, String keyId, ObjectNode claims, String signedText, String signatureText) {
  /** Asymmetric ones only, so that no public key can serve as a shared secret. */
  static final Set<String> ALGORITHMS =
      Set.of(
          "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
          "Ed25519");

  /** Longest token, in characters; those of large issuers have up to 8,000. */
  static final int LENGTH_MAX = 16_384;

  private static final int KEY_ID_LENGTH_MAX = 512;
  private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");

  static CredentialJudgement<SignedToken> parse(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length == 5) {
      return bad("Encrypted tokens (JWE) are not supported. Use a signed one (JWS).");
    }
    if (parts.length != 3) {
      return bad("This is neither an API key nor a signed token (JWS) of three parts.");
    }
    Optional<ObjectNode> header = base64(parts[0]).flatMap(TokenJson::object);
    Optional<ObjectNode> claims = base64(parts[1]).flatMap(TokenJson::object);
    Optional<byte[]> signature = base64(parts[2]);
    if (header.isEmpty() || claims.isEmpty() || signature.isEmpty()) {
      return bad(
          "The token is damaged: its parts must be base64url without padding, the first two of them"
              + " JSON objects without repeated names.");
    }
    String signed = parts[0] + "." + parts[1];
    return judgeHeader(header.get())
        .then(used ->
            good(
                new SignedToken(
                    used.path("alg").textValue(),
                    used.path("kid").textValue(),
                    claims.get(),
                    signed,
                    parts[2])));
  }

  byte[] signedBytes() {
    return signedText.getBytes(StandardCharsets.US_ASCII);
  }

  byte[] signature() {
    return Base64.getUrlDecoder().decode(signatureText);
  }

  private static CredentialJudgement<ObjectNode> judgeHeader(ObjectNode header) {
    if (header.has("crit") || header.has("b64")) {
      return bad("Tokens with header extensions (crit, b64) are not supported.");
    }
    if (!ALGORITHMS.contains(header.path("alg").asText()) || !header.path("alg").isTextual()) {
      return bad(
          "The token's algorithm is not accepted. Use one of %s."
              .formatted(String.join(", ", ALGORITHMS.stream().sorted().toList())));
    }
    JsonNode type = header.path("typ");
    if (!type.isMissingNode()
        && !(type.isTextual() && TYPES.contains(type.textValue().toLowerCase(Locale.ROOT)))) {
      return bad("The token's typ is not accepted. Use JWT, at+jwt or none: an access token.");
    }
    JsonNode keyId = header.path("kid");
    return keyId.isTextual()
            && !keyId.textValue().isEmpty()
            && keyId.textValue().length() <= KEY_ID_LENGTH_MAX
        ? good(header)
        : bad("The token does not name the key that signed it. Its header needs a kid.");
  }

  /** Only the one right form: without padding, foreign characters or stray last bits. */
  private static Optional<byte[]> base64(String part) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(part);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)
          ? Optional.of(bytes)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Never the token: this is what lands in logs. */
  @Override
  public String toString() {
    return "SignedToken[…]";
  }
}
