package dev.workspaceoperator.auth;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Base64;

/** A key pair of an issuer, or of somebody who would like to be one; signs whatever it is given. */
record TokenSigner(String id, KeyPair pair) {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  static TokenSigner rsa(String id, int bits) {
    return generate(id, "RSA", bits);
  }

  static TokenSigner ec(String id, int bits) {
    return generate(id, "EC", bits);
  }

  static TokenSigner ed25519(String id) {
    return generate(id, "Ed25519", 255);
  }

  private static TokenSigner generate(String id, String type, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(type);
      generator.initialize(bits);
      return new TokenSigner(id, generator.generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The public half as a JSON Web Key. */
  String jwk() {
    return switch (pair.getPublic()) {
      case RSAPublicKey rsa -> new RSAKey.Builder(rsa).keyID(id).build().toJSONString();
      case ECPublicKey ec ->
          new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec)
              .keyID(id)
              .build()
              .toJSONString();
      default -> {
        byte[] encoded = pair.getPublic().getEncoded();
        String x = base64(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
        yield """
        {"kty":"OKP","crv":"Ed25519","kid":"%s","x":"%s"}\
        """
            .formatted(id, x);
      }
    };
  }

  /** A token with this algorithm and key id in its header. */
  String token(String algorithm, String claims) {
    return sign(
        algorithm,
        """
        {"alg":"%s","kid":"%s","typ":"JWT"}\
        """
            .formatted(algorithm, id),
        claims);
  }

  /** A token of any header and claims, signed as the algorithm says. */
  String sign(String algorithm, String header, String claims) {
    String signed = base64(header) + "." + base64(claims);
    return signed + "." + base64(signature(algorithm, signed));
  }

  private byte[] signature(String algorithm, String text) {
    try {
      String hash = "SHA" + algorithm.substring(2);
      Signature signature =
          switch (algorithm.substring(0, 2)) {
            case "RS" -> Signature.getInstance(hash + "withRSA");
            case "PS" -> Signature.getInstance("RSASSA-PSS");
            case "ES" -> Signature.getInstance(hash + "withECDSAinP1363Format");
            default -> Signature.getInstance("Ed25519");
          };
      if (algorithm.startsWith("PS")) {
        int bits = Integer.parseInt(algorithm.substring(2));
        MGF1ParameterSpec mask = new MGF1ParameterSpec("SHA-" + bits);
        signature.setParameter(new PSSParameterSpec("SHA-" + bits, "MGF1", mask, bits / 8, 1));
      }
      signature.initSign(pair.getPrivate());
      signature.update(text.getBytes(StandardCharsets.US_ASCII));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String base64(String text) {
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }

  static String base64(byte[] bytes) {
    return BASE64.encodeToString(bytes);
  }
}
