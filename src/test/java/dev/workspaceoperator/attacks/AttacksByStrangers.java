package dev.workspaceoperator.attacks;

import java.util.List;
import java.util.stream.Stream;

/** What somebody can do who has no credential, or a wrong one. */
final class AttacksByStrangers {
  private static final int SOURCES = 5_000;
  private static final int REQUESTS_OF_A_SOURCE = 20;
  private static final int TOKENS = 2_000;
  private static final int CONNECTIONS = 64;

  private static final String HEAD =
      "POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

  private AttacksByStrangers() {}

  static List<Attack> all() {
    return List.of(
        new Attack(
            "silent-heads",
            "Anonymous connections that send half a head, then nothing",
            (lab, sizes) -> new Orders(lab, List.of(silentHeads(sizes)))),
        new Attack(
            "silent-bodies",
            "Anonymous connections that send a head and half a body, then nothing",
            (lab, sizes) -> new Orders(lab, List.of(silentBodies(sizes)))),
        new Attack(
            "wrong-keys",
            "Wrong keys from 5,000 addresses, unknown key ids, tokens of an issuer whose key set hangs",
            (lab, sizes) -> new Orders(lab, wrongCredentials(lab))));
  }

  static Order silentHeads(Sizes sizes) {
    return Order.silent(
        "heads", sizes.silent(), List.of(HEAD + "X-Half: ", "GET /v1/workspace/ HTTP/1.1\r\nHo"));
  }

  static Order silentBodies(Sizes sizes) {
    return Order.silent(
        "bodies",
        sizes.silent(),
        List.of(
            HEAD + "Transfer-Encoding: chunked\r\n\r\n",
            HEAD + "Content-Length: 65536\r\n\r\n{\"user_id\":"));
  }

  static List<Order> wrongCredentials(AttackLab lab) {
    return List.of(
        fromManySources("wrong keys", Stream.of(Request.get(Tenant.WORKSPACE, Blank.KEY.text()))),
        fromManySources("unknown kids", tokens(lab.keySets().unknownKeys(TOKENS))),
        fromManySources("hanging JWKS", tokens(lab.keySets().ofHanging(TOKENS))));
  }

  private static Stream<String> tokens(List<String> tokens) {
    return tokens.stream().map(token -> Request.withToken(Tenant.WORKSPACE, token));
  }

  private static Order fromManySources(String name, Stream<String> requests) {
    return new Order(
        name, Order.Manner.ASKS, CONNECTIONS, requests.toList(), REQUESTS_OF_A_SOURCE, SOURCES);
  }
}
