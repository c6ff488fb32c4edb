package dev.workspaceoperator.env;

import java.io.IOException;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.util.Optional;

/** Ready, and the namespace is there that every client expects. */
final class ReadyProbe implements Readiness.Probe, AutoCloseable {
  private final String url;
  private final ServingCertificate certificate;
  private final String token;
  private Optional<HttpClient> client = Optional.empty();

  ReadyProbe(String url, ServingCertificate certificate, String token) {
    this.url = url;
    this.certificate = certificate;
    this.token = token;
  }

  @Override
  public boolean ready() throws IOException, GeneralSecurityException, InterruptedException {
    if (client.isEmpty()) {
      if (!certificate.exists()) {
        return false;
      }
      client = Optional.of(Readiness.client().sslContext(certificate.sslContext()).build());
    }
    return Readiness.answersOk(client.get(), url + "/readyz", token)
        && Readiness.answersOk(client.get(), url + "/api/v1/namespaces/default", token);
  }

  @Override
  public void close() {
    client.ifPresent(HttpClient::close);
  }
}
