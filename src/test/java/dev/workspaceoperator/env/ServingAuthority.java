package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate authority for servers on 127.0.0.1, made with the JDK's keytool. */
public final class ServingAuthority {
  private static final String AUTHORITY = "authority";
  private static final String PASSWORD = "changeit";
  private static final Duration BOUND = Duration.ofMinutes(1);

  private final Path store;
  private int issued;

  private ServingAuthority(Path store) {
    this.store = store;
  }

  /**
   * Makes one.
   *
   * @param directory for its keys; has no other authority
   */
  public static ServingAuthority create(Path directory) throws InterruptedException {
    ServingAuthority authority = new ServingAuthority(directory.resolve("authority.p12"));
    authority.generate(AUTHORITY, "-ext", "bc:critical=ca:true", "-ext", "ku:critical=keyCertSign");
    return authority;
  }

  /** Its own certificate, in PEM. */
  public String certificate() {
    try {
      return pem("CERTIFICATE", load().getCertificate(AUTHORITY).getEncoded());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot read " + store, e);
    }
  }

  /**
   * Issues a certificate with a key of its own, for 127.0.0.1 and localhost.
   *
   * @param certificate file for it, in PEM, followed by the authority's
   * @param key file for its key, in PEM (PKCS #8), which only its owner may read
   */
  public void issue(Path certificate, Path key) throws InterruptedException {
    write(generateServing(), certificate, key);
  }

  /** The same for a client, which serves nobody. */
  public void issueToClient(Path certificate, Path key) throws InterruptedException {
    String alias = "client-" + ++issued;
    generate(alias, "-signer", AUTHORITY, "-ext", "eku=ca");
    write(alias, certificate, key);
  }

  /** The same for a user of Kubernetes, who is in one group. */
  public void issueToUser(String user, String group, Path certificate, Path key)
      throws InterruptedException {
    String alias = "user-" + ++issued;
    generateNamed(
        alias, "CN=%s,O=%s".formatted(user, group), "-signer", AUTHORITY, "-ext", "eku=ca");
    write(alias, certificate, key);
  }

  private void write(String alias, Path certificate, Path key) {
    try {
      KeyStore loaded = load();
      StringBuilder chain = new StringBuilder();
      for (Certificate link : loaded.getCertificateChain(alias)) {
        chain.append(pem("CERTIFICATE", link.getEncoded()));
      }
      Key secret = loaded.getKey(alias, PASSWORD.toCharArray());
      PrivateFiles.write(certificate, chain.toString());
      PrivateFiles.write(key, pem("PRIVATE KEY", secret.getEncoded()));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot issue " + certificate, e);
    }
  }

  /** For a server in this process, with a certificate like those of {@link #issue}. */
  public SSLContext servingContext() throws InterruptedException {
    generateServing();
    try {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(load(), PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("cannot read " + store, e);
    }
  }

  private String generateServing() throws InterruptedException {
    String alias = "server-" + ++issued;
    generate(
        alias, "-signer", AUTHORITY, "-ext", "san=ip:127.0.0.1,dns:localhost", "-ext", "eku=sa");
    return alias;
  }

  private KeyStore load() throws GeneralSecurityException, IOException {
    KeyStore loaded = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      loaded.load(in, PASSWORD.toCharArray());
    }
    return loaded;
  }

  private void generate(String alias, String... more) throws InterruptedException {
    generateNamed(alias, "CN=" + alias, more);
  }

  private void generateNamed(String alias, String name, String... more)
      throws InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "365",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
    command.addAll(List.of(more));
    String _ = CommandResult.of(new ProcessBuilder(command), "", BOUND).orThrow();
  }

  private static String pem(String type, byte[] encoded) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }
}
