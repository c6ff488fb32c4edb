package dev.workspaceoperator.env;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The secrets of one API server, made once and kept in its data directory: the administrator's
 * token and the key that signs service account tokens.
 */
record ServerCredentials(Path directory, String adminToken) {
  private static final int TOKEN_BYTES = 32;
  private static final int RSA_BITS = 2048;

  static ServerCredentials loadOrCreate(Path directory) {
    Path tokenFile = directory.resolve("admin-token");
    if (!Files.exists(tokenFile)) {
      byte[] token = new byte[TOKEN_BYTES];
      new SecureRandom().nextBytes(token);
      PrivateFiles.write(tokenFile, Base64.getUrlEncoder().withoutPadding().encodeToString(token));
    }
    ServerCredentials credentials =
        new ServerCredentials(directory, PrivateFiles.read(tokenFile).strip());
    PrivateFiles.write(
        credentials.tokenTable(), credentials.adminToken + ",admin,admin,\"system:masters\"\n");
    if (!Files.exists(credentials.signingKey())) {
      KeyPair pair = newKeyPair();
      PrivateFiles.write(
          credentials.verifyingKey(), pem("PUBLIC KEY", pair.getPublic().getEncoded()));
      // Last: where this file is, the other is too, also after a crash in between.
      PrivateFiles.write(
          credentials.signingKey(), pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    }
    return credentials;
  }

  /** For {@code --token-auth-file}. */
  Path tokenTable() {
    return directory.resolve("tokens.csv");
  }

  Path signingKey() {
    return directory.resolve("service-account.key");
  }

  Path verifyingKey() {
    return directory.resolve("service-account.pub");
  }

  private static KeyPair newKeyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(RSA_BITS);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String type, byte[] encoded) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }
}
