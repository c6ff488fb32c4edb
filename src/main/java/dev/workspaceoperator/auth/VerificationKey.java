package dev.workspaceoperator.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** One public key of an issuer (RFC 7517 §4), with the algorithms that it may verify. */
final class VerificationKey {
  private static final int RSA_BITS_MIN = 2048;
  private static final int RSA_BITS_MAX = 8192;

  /** All of a key that is read; never a private part, a certificate or an address. */
  private static final List<String> MEMBERS =
      List.of("kty", "kid", "use", "key_ops", "alg", "n", "e", "crv", "x", "y");

  private final String id;
  private final Set<String> algorithms;
  private final Check check;

  private VerificationKey(String id, Set<String> algorithms, Check check) {
    this.id = id;
    this.algorithms = algorithms;
    this.check = check;
  }

  /** The key of this JSON; empty if it has no name, is not for signatures, or is weak. */
  static Optional<VerificationKey> read(JsonNode json) {
    if (!(json instanceof ObjectNode object)) {
      return Optional.empty();
    }
    try {
      JWK key = JWK.parse(object.deepCopy().retain(MEMBERS).toString());
      return isForSignatures(object) && key.getKeyID() != null && !key.getKeyID().isEmpty()
          ? read(key)
          : Optional.empty();
    } catch (ParseException
        | JOSEException
        | GeneralSecurityException
        | IllegalArgumentException
        | IllegalStateException e) {
      return Optional.empty();
    }
  }

  String id() {
    return id;
  }

  /** Whether this key signed it. */
  boolean verifies(SignedToken token) {
    try {
      return algorithms.contains(token.algorithm()) && check.passes(token);
    } catch (JOSEException | GeneralSecurityException e) {
      return false;
    }
  }

  private static boolean isForSignatures(ObjectNode key) {
    JsonNode use = key.path("use");
    JsonNode operations = key.path("key_ops");
    boolean verify = operations.isMissingNode();
    for (JsonNode operation : operations) {
      verify |= operation.asText().equals("verify");
    }
    return verify && (use.isMissingNode() || use.asText().equals("sig"));
  }

  private static Optional<VerificationKey> read(JWK key)
      throws JOSEException, GeneralSecurityException {
    return switch (key) {
      case RSAKey rsa when rsa.size() >= RSA_BITS_MIN && rsa.size() <= RSA_BITS_MAX ->
          of(key, new RSASSAVerifier(rsa.toRSAPublicKey()));
      case ECKey ec -> of(key, new ECDSAVerifier(ec.toECPublicKey()));
      case OctetKeyPair okp when okp.getCurve().getName().equals("Ed25519") ->
          of(key, Set.of("EdDSA", "Ed25519"), Ed25519Check.of(okp.getX().decode())::passes);
      default -> Optional.empty();
    };
  }

  private static Optional<VerificationKey> of(JWK key, JWSVerifier verifier) {
    Set<String> supported =
        verifier.supportedJWSAlgorithms().stream()
            .map(JWSAlgorithm::getName)
            .collect(Collectors.toSet());
    return of(
        key,
        supported,
        token ->
            verifier.verify(
                new JWSHeader(JWSAlgorithm.parse(token.algorithm())),
                token.signedBytes(),
                new Base64URL(token.signatureText())));
  }

  private static Optional<VerificationKey> of(JWK key, Set<String> supported, Check check) {
    Set<String> allowed =
        supported.stream()
            .filter(SignedToken.ALGORITHMS::contains)
            .filter(name -> key.getAlgorithm() == null || isAlgorithm(key, name))
            .collect(Collectors.toUnmodifiableSet());
    return allowed.isEmpty()
        ? Optional.empty()
        : Optional.of(new VerificationKey(key.getKeyID(), allowed, check));
  }

  /** {@code EdDSA} is the older name of {@code Ed25519} (RFC 9864). */
  private static boolean isAlgorithm(JWK key, String name) {
    String declared = key.getAlgorithm().getName();
    return declared.equals(name)
        || (key instanceof OctetKeyPair
            && (declared.equals("EdDSA") || declared.equals("Ed25519")));
  }

  /** Checks a signature. */
  private interface Check {
    boolean passes(SignedToken token) throws JOSEException, GeneralSecurityException;
  }
}
