package dev.workspaceoperator.auth;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.auth.TokenIssuer.KeyLocation;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Fetches the keys of one issuer. Certificates and token are read anew each time, because both
 * change while the program runs.
 */
final class KeySetFetcher {
  private static final int ANSWER_BYTES_MAX = 512 * 1024;
  private static final int TOKEN_FILE_BYTES_MAX = 64 * 1024;

  /** kube-apiserver has its keys in the first form only; most others in the second. */
  private static final String ACCEPTED_TYPES = "application/jwk-set+json, application/json";

  private static final String DISCOVERY = "/.well-known/openid-configuration";
  private static final Pattern TOKEN = Pattern.compile("[!-~]+");

  static {
    // Read once by the HTTP client, before its first request: without it no password would reach a
    // proxy on the way to an https address.
    System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
  }

  private final String issuer;
  private final KeyLocation location;
  private final ForwardProxies proxies;
  private final Duration timeout;

  /**
   * A fetcher.
   *
   * @param proxies on the way out
   * @param timeout from connecting to the last byte, also where two requests are needed
   */
  KeySetFetcher(String issuer, KeyLocation location, ForwardProxies proxies, Duration timeout) {
    this.issuer = issuer;
    this.location = location;
    this.proxies = proxies;
    this.timeout = timeout;
  }

  /**
   * Fetches.
   *
   * @throws IOException with a message fit for the log, never a secret
   */
  KeySet fetch() throws IOException {
    long endsAt = System.nanoTime() + timeout.toNanos();
    HttpClient client = client();
    try {
      URI uri =
          location.jwksUri().isPresent() ? location.jwksUri().get() : discover(client, endsAt);
      return KeySet.read(get(client, uri, endsAt));
    } finally {
      client.shutdownNow();
    }
  }

  /** OpenID Connect Discovery 1.0 §4. */
  private URI discover(HttpClient client, long endsAt) throws IOException {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    JsonNode document =
        TokenJson.object(get(client, URI.create(base + DISCOVERY), endsAt))
            .orElseThrow(() -> new IOException("the discovery document is not a JSON object"));
    if (!document.path("issuer").asText().equals(issuer)) {
      throw new IOException("the discovery document is of another issuer");
    }
    return KeyAddress.parse(document.path("jwks_uri").asText())
        .orElseThrow(() -> new IOException("the discovery document has no usable jwks_uri"));
  }

  private byte[] get(HttpClient client, URI uri, long endsAt) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).timeout(timeout).header("Accept", ACCEPTED_TYPES);
    if (location.tokenFile().isPresent()) {
      request.header("Authorization", "Bearer " + token(location.tokenFile().get()));
    }
    proxies
        .to(uri)
        .flatMap(ForwardProxies.Forwarder::credentials)
        .ifPresent(credentials -> request.header("Proxy-Authorization", credentials));
    HttpResponse<byte[]> answer =
        within(
            client.sendAsync(
                request.build(),
                BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX)),
            endsAt);
    if (answer.statusCode() != 200) {
      throw new IOException("%s answered %d".formatted(uri, answer.statusCode()));
    }
    return answer.body();
  }

  /** The client's own time limit ends with the headers of the answer. */
  private <T> T within(Future<T> answer, long endsAt) throws IOException {
    try {
      return answer.get(Math.max(0, endsAt - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new IOException("no full answer within %d ms".formatted(timeout.toMillis()), e);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static String token(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      String token =
          new String(in.readNBytes(TOKEN_FILE_BYTES_MAX), StandardCharsets.US_ASCII).strip();
      if (!TOKEN.matcher(token).matches()) {
        throw new IOException("tokenFile %s does not hold a token".formatted(file));
      }
      return token;
    }
  }

  private HttpClient client() throws IOException {
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(proxies.selector())
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout);
    if (location.caFile().isPresent()) {
      client.sslContext(trusting(location.caFile().get()));
    }
    return client.build();
  }

  /** Trusts these authorities and no other. */
  private static SSLContext trusting(Path caFile) throws IOException {
    try (InputStream in = Files.newInputStream(caFile)) {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      int number = 0;
      for (Certificate authority :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry("ca-" + number++, authority);
      }
      if (number == 0) {
        throw new IOException("caFile %s has no certificate".formatted(caFile));
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("caFile %s cannot be used".formatted(caFile), e);
    }
  }
}
