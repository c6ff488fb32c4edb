package dev.workspaceoperator.auth;

import static dev.workspaceoperator.auth.TokenSigner.base64;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The tools of a forger. */
final class Forged {
  private Forged() {}

  static String header(String algorithm, String keyId) {
    return "{\"alg\":\"%s\",\"kid\":\"%s\"}".formatted(algorithm, keyId);
  }

  static String unsigned(Claims claims, String header) {
    return base64(header) + "." + base64(claims.json()) + ".";
  }

  static String signedWith(Claims claims, String algorithm, String keyId, byte[] signature) {
    return unsigned(claims, header(algorithm, keyId)) + base64(signature);
  }

  /** Signed with what the issuer publishes, as if that were a shared secret. */
  static String hmac(Claims claims, byte[] secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      String signed = base64(header("HS256", "rsa-1")) + "." + base64(claims.json());
      return signed + "." + base64(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String pem(TokenSigner key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(key.pair().getPublic().getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  /** The order of P-256, big-endian. */
  static byte[] order(TokenSigner key) {
    byte[] order = ((ECPublicKey) key.pair().getPublic()).getParams().getOrder().toByteArray();
    return Arrays.copyOfRange(order, order.length - 32, order.length);
  }

  static byte[] twice(byte[] half) {
    byte[] both = Arrays.copyOf(half, half.length * 2);
    System.arraycopy(half, 0, both, half.length, half.length);
    return both;
  }

  static byte[] der(TokenSigner key, Claims claims) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(key.pair().getPrivate());
      String text = unsigned(claims, header("ES256", "ec-1"));
      signature.update(text.substring(0, text.length() - 1).getBytes(StandardCharsets.US_ASCII));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** 256 bytes are 341 and a third base64url digits: the last one has bits that mean nothing. */
  static String strayBits(String token) {
    String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char last = token.charAt(token.length() - 1);
    return token.substring(0, token.length() - 1) + digits.charAt(digits.indexOf(last) + 1);
  }

  static String part(String token, int number) {
    return token.split("\\.", -1)[number];
  }

  static String signatureOf(String token) {
    return part(token, 2);
  }
}
