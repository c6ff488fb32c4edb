package dev.workspaceoperator.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.workspaceoperator.auth.TokenIssuer.KeyLocation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Key sets are asked for through the proxies that the environment names. */
class ForwardProxiesTest {
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final String HOST = "login.example";

  private final List<String> mistakes = new ArrayList<>();
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://a.example/keys          | ''                       | one:8080",
        "http://a.example/keys           | ''                       | two:80",
        "https://a.example/keys          | *                        | ",
        "https://a.example/keys          | a.example                | ",
        "https://a.example/keys          | A.EXAMPLE                | ",
        "https://b.a.example/keys        | a.example                | ",
        "https://b.a.example/keys        | .a.example               | ",
        "https://a.example/keys          | .a.example               | ",
        "https://b.a.example/keys        | *.a.example              | ",
        "https://ba.example/keys         | a.example                | one:8080",
        "https://a.example/keys          | a.example:443            | ",
        "https://a.example:8443/keys     | a.example:443            | one:8080",
        "https://a.example/keys          | 'b.example, a.example'   | ",
        "https://a.example/keys          | 'b.example a.example'    | ",
        "https://10.1.2.3/keys           | 10.0.0.0/8               | ",
        "https://11.1.2.3/keys           | 10.0.0.0/8               | one:8080",
        "https://10.1.2.3/keys           | 10.1.2.3                 | ",
        "https://10.1.2.3:6443/keys      | 10.1.2.3:6443            | ",
        "https://110.1.2.3/keys          | 10.1.2.3                 | one:8080",
        "https://[2001:db8::1]/keys      | 2001:db8::/32            | ",
        "https://[2001:db8::1]/keys      | 2001:db8:0::1            | ",
        "https://[2001:db8::1]:6443/keys | [2001:db8::1]:6443       | ",
        "https://[2001:db9::1]/keys      | 2001:db8::/32            | one:8080",
        "https://a.example/keys          | 10.0.0.0/x               | one:8080",
        "https://11.1.2.3/keys           | 10.0.0.0/-1              | one:8080",
        "http://127.0.0.1:99/keys        | ''                       | ",
        "http://[::1]:99/keys            | ''                       | ",
        "http://localhost:99/keys        | ''                       | ",
      })
  void exceptionsAreReachedDirectly(String address, String exceptions, String proxy) {
    ForwardProxies proxies =
        ForwardProxies.in(
            Map.of(
                "HTTPS_PROXY",
                "http://one:8080",
                "HTTP_PROXY",
                "http://two/",
                "NO_PROXY",
                exceptions),
            mistakes::add);

    assertThat(proxies.to(URI.create(address)).map(Object::toString))
        .isEqualTo(Optional.ofNullable(proxy));
    assertThat(mistakes).isEmpty();
  }

  @Test
  void theLowerCaseWinsAndAnEmptyVariableIsNone() {
    URI address = URI.create("https://a.example");

    assertThat(in("HTTPS_PROXY", "one", "https_proxy", "two:3128").to(address))
        .hasToString("Optional[two:3128]");
    assertThat(in("HTTPS_PROXY", "one", "https_proxy", "").to(address)).isEmpty();
    assertThat(in("HTTPS_PROXY", " ").to(address)).isEmpty();
    assertThat(in().to(address)).isEmpty();
    assertThat(mistakes).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://u:secret@p:1",
        "socks5://u:secret@p:1",
        "http://",
        "http://u:secret@p:1/x",
        "http://u:secret@p:65536",
        "a b"
      })
  void whatIsNoHttpProxyIsAMistakeThatHidesTheValue(String value) {
    in("HTTPS_PROXY", value);

    assertThat(mistakes)
        .singleElement()
        .satisfies(mistake ->
            assertThat(mistake).contains("HTTPS_PROXY", "http://").doesNotContain("secret"));
  }

  @Test
  void keysAreFetchedThroughAProxyThatWantsAPassword() throws Exception {
    TokenSigner key = TokenSigner.ec("one", 256);
    Path certificate = directory.resolve("ca.crt");
    HttpsServer issuer = issuer(certificate, "{\"keys\":[%s]}".formatted(key.jwk()));
    try (ConnectProxy proxy = new ConnectProxy(issuer.getAddress().getPort(), "user:pass word")) {
      KeyLocation location =
          new KeyLocation(
              Optional.of(URI.create("https://" + HOST + "/keys")),
              Optional.of(certificate),
              Optional.empty(),
              Duration.ofHours(1));
      String with = "http://user:pass%20word@127.0.0.1:" + proxy.port();

      assertThat(fetcher(location, in("HTTPS_PROXY", with)).fetch().withId("one")).hasSize(1);
      assertThat(proxy.targets()).containsExactly(HOST + ":443");
      assertThatThrownBy(() ->
              fetcher(location, in("HTTPS_PROXY", with.replace("user:pass%20word@", ""))).fetch())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("407");
      assertThatThrownBy(
              () -> fetcher(location, in("HTTPS_PROXY", with, "NO_PROXY", ".example")).fetch())
          .as("directly, where nobody is")
          .isInstanceOf(IOException.class);
      assertThat(proxy.targets()).hasSize(2);
    } finally {
      issuer.stop(0);
    }
  }

  @Test
  void discoveryGoesThroughTheProxyToo() throws Exception {
    TokenSigner key = TokenSigner.ec("one", 256);
    Path certificate = directory.resolve("ca.crt");
    HttpsServer issuer =
        issuer(
            certificate,
            "{\"issuer\":\"https://%s\",\"jwks_uri\":\"https://%s/keys\",\"keys\":[%s]}"
                .formatted(HOST, HOST, key.jwk()));
    try (ConnectProxy proxy = new ConnectProxy(issuer.getAddress().getPort(), "")) {
      KeyLocation location =
          new KeyLocation(
              Optional.empty(), Optional.of(certificate), Optional.empty(), Duration.ofHours(1));

      assertThat(
              fetcher(location, in("https_proxy", "127.0.0.1:" + proxy.port()))
                  .fetch()
                  .withId("one"))
          .hasSize(1);
      assertThat(proxy.targets()).containsOnly(HOST + ":443");
    } finally {
      issuer.stop(0);
    }
  }

  private static KeySetFetcher fetcher(KeyLocation location, ForwardProxies proxies) {
    return new KeySetFetcher("https://" + HOST, location, proxies, Duration.ofSeconds(10));
  }

  private ForwardProxies in(String... variables) {
    Map<String, String> environment = new HashMap<>();
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return ForwardProxies.in(environment, mistakes::add);
  }

  /** A server with a certificate for a name that no resolver knows. */
  private HttpsServer issuer(Path certificate, String answer) throws Exception {
    Path store = directory.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "issuer",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + HOST,
                "-ext",
                "san=dns:" + HOST,
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .inheritIO()
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
    Certificate own = keys.getCertificate("issuer");
    Files.writeString(
        certificate,
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(own.getEncoded())
            + "\n-----END CERTIFICATE-----\n");
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext("/", exchange -> JwksServer.answer(exchange, 200, answer));
    server.start();
    return server;
  }
}
