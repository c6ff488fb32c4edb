package dev.workspaceoperator.auth;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;

/** Verifies Ed25519 signatures (RFC 8037 §3.1) with the platform's own implementation. */
record Ed25519Check(PublicKey key) {
  private static final int LENGTH = 32;

  /**
   * The check of this public key.
   *
   * @param encoded as in RFC 8032 §5.1.5: y, little-endian, with the lowest bit of x on top
   */
  static Ed25519Check of(byte[] encoded) throws GeneralSecurityException {
    if (encoded.length != LENGTH) {
      throw new InvalidKeyException("an Ed25519 key has 32 bytes");
    }
    byte[] y = new byte[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      y[i] = encoded[LENGTH - 1 - i];
    }
    boolean isXOdd = y[0] < 0;
    y[0] &= 0x7F;
    EdECPoint point = new EdECPoint(isXOdd, new BigInteger(1, y));
    return new Ed25519Check(
        KeyFactory.getInstance("Ed25519")
            .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point)));
  }

  boolean passes(SignedToken token) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("Ed25519");
    signature.initVerify(key);
    signature.update(token.signedBytes());
    return signature.verify(token.signature());
  }
}
