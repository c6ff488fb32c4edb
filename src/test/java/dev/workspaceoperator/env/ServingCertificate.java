package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The certificate kube-apiserver makes for itself, with the authority that signed it. */
record ServingCertificate(Path directory) {
  /** kube-apiserver makes it for a year and never renews it. */
  private static final Duration RENEW_BEFORE = Duration.ofDays(30);

  Path file() {
    return directory.resolve(KubeApiServer.CERTIFICATE);
  }

  /** Itself and its authority's. */
  String pem() {
    try {
      return Files.readString(file());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean exists() {
    return Files.exists(file()) && Files.exists(key());
  }

  /** Deletes one that ends soon, so that the next start makes another. */
  void discardIfExpiring(Instant now) {
    try {
      if (exists() && !endsAfter(now.plus(RENEW_BEFORE))) {
        Files.delete(file());
        Files.delete(key());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot read " + file(), e);
    }
  }

  /** Trusts this server and no other. */
  SSLContext sslContext() throws IOException, GeneralSecurityException {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    int number = 0;
    for (Certificate certificate : certificates()) {
      trusted.setCertificateEntry("apiserver-" + number++, certificate);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private boolean endsAfter(Instant moment) throws IOException, GeneralSecurityException {
    return certificates().stream()
        .allMatch(certificate ->
            certificate instanceof X509Certificate x509
                && x509.getNotAfter().toInstant().isAfter(moment));
  }

  private Collection<? extends Certificate> certificates()
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file())) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
  }

  private Path key() {
    return directory.resolve(KubeApiServer.KEY);
  }
}
