package dev.workspaceoperator.attacks;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Two issuers of tokens: one that publishes no key, and one that accepts and never answers. */
final class JwksOfAttack implements AutoCloseable {
  private static final int BACKLOG = 1_024;
  private static final int SIGNATURE_BYTES = 256;
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final SplittableRandom RANDOM = new SplittableRandom();

  private final HttpServer answering;
  private final ServerSocket hanging;
  private final ConcurrentLinkedQueue<Socket> hung = new ConcurrentLinkedQueue<>();

  private JwksOfAttack(HttpServer answering, ServerSocket hanging) {
    this.answering = answering;
    this.hanging = hanging;
  }

  static JwksOfAttack start() throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    HttpServer answering = HttpServer.create(new InetSocketAddress(here, 0), BACKLOG);
    byte[] none = "{\"keys\":[]}".getBytes(StandardCharsets.UTF_8);
    answering.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, none.length);
          exchange.getResponseBody().write(none);
          exchange.close();
        });
    answering.start();
    JwksOfAttack keySets = new JwksOfAttack(answering, new ServerSocket(0, BACKLOG, here));
    Thread.ofVirtual().start(keySets::accept);
    return keySets;
  }

  /** The file that names both. */
  String issuers() {
    return """
    issuers:
      - {issuer: %1$s, audience: attacks, jwksUri: %1$s/keys, workspaceClaim: workspace, maxScopes: ["workspace:read"]}
      - {issuer: %2$s, audience: attacks, jwksUri: %2$s/keys, workspaceClaim: workspace, maxScopes: ["workspace:read"]}
    """
        .formatted(answeringIssuer(), hangingIssuer());
  }

  /** So many tokens, each of another key, none of which is known. */
  List<String> unknownKeys(int count) {
    return tokens(count, answeringIssuer());
  }

  /** So many tokens of the issuer that does not answer. */
  List<String> ofHanging(int count) {
    return tokens(count, hangingIssuer());
  }

  private String answeringIssuer() {
    return "http://127.0.0.1:" + answering.getAddress().getPort();
  }

  private String hangingIssuer() {
    return "http://127.0.0.1:" + hanging.getLocalPort();
  }

  private static List<String> tokens(int count, String issuer) {
    List<String> tokens = new ArrayList<>();
    long expires = System.currentTimeMillis() / 1_000 + 3_600;
    byte[] signature = new byte[SIGNATURE_BYTES];
    for (int number = 0; number < count; number++) {
      RANDOM.nextBytes(signature);
      tokens.add(
          base64("{\"alg\":\"RS256\",\"kid\":\"%d\"}".formatted(RANDOM.nextLong()))
              + "."
              + base64(
                  "{\"iss\":\"%s\",\"aud\":\"attacks\",\"sub\":\"s\",\"workspace\":\"w\",\"exp\":%d}"
                      .formatted(issuer, expires))
              + "."
              + BASE64.encodeToString(signature));
    }
    return tokens;
  }

  private static String base64(String text) {
    return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private void accept() {
    try {
      while (!hanging.isClosed()) {
        hung.add(hanging.accept());
      }
    } catch (IOException closed) {
      // The end of this one's work.
      if (!hanging.isClosed()) {
        throw new IllegalStateException(closed);
      }
    }
  }

  @Override
  public void close() throws IOException {
    answering.stop(0);
    hanging.close();
    for (Socket socket : hung) {
      socket.close();
    }
  }
}
