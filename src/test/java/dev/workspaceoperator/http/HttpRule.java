package dev.workspaceoperator.http;

import java.util.List;

/**
 * One demand of RFC 9110 or RFC 9112 on an origin server.
 *
 * @param clause such as {@code 9112 §3.2}
 * @param rule what is demanded
 * @param template the request, with LF for CR LF and {@code {key}} for an API key; one that does
 *     not say {@code Connection: close} demands that the server closes by itself
 * @param status of the answer
 * @param parts what the answer has and, after {@code !}, what it has not
 */
record HttpRule(String clause, String rule, String template, int status, List<String> parts) {
  private static final String GET = "GET /v1/workspace HTTP/1.1\nHost: a\nX-API-Key: {key}\n";
  private static final String CLOSE = "Connection: close\n";
  private static final String PATCH =
      "PATCH /v1/workspace HTTP/1.1\nHost: a\nX-API-Key: {key}\nContent-Type: application/json\n";
  private static final String CHUNKED = PATCH + CLOSE + "Transfer-Encoding: chunked\n\n";
  private static final String KEYS =
      "%s /v1/api-keys HTTP/1.1\nHost: a\nX-API-Key: {key}\nContent-Type: application/json\n";

  static final List<HttpRule> ALL =
      List.of(
          of("9112 §2.2", "empty line first", "\n\n" + GET + CLOSE + "\n", 200),
          of(
              "9112 §2.2",
              "blank before the first header",
              "GET / HTTP/1.1\n X-A: b\nHost: a\n\n",
              400),
          of("9112 §2.2", "bare CR", GET + "X-A: b\rc\n\n", 400),
          of("9112 §3", "long target", "GET /" + "a".repeat(9_000) + " HTTP/1.1\n\n", 414),
          of("9112 §3", "blank within the target", "GET /a b HTTP/1.1\nHost: a\n\n", 400),
          of("9112 §3.2", "no Host", "GET /v1/workspace HTTP/1.1\n\n", 400),
          of("9112 §3.2", "two Hosts", GET + "Host: b\n\n", 400),
          of("9112 §3.2", "bad Host", "GET / HTTP/1.1\nHost: a b\n\n", 400),
          of(
              "9112 §3.2",
              "fragment in the target",
              (GET + CLOSE + "\n").replace("/workspace", "/workspace#a"),
              400,
              "BAD_REQUEST"),
          of(
              "9112 §3.2.2",
              "absolute-form",
              absolute("http://workspaces.example.com:80/v1/workspace?a=b"),
              200,
              "\"slug\""),
          of("9112 §3.2.2", "absolute-form with TLS", absolute("HTTPS://a/v1/workspace/"), 200),
          of("9112 §3.2.2", "absolute-form without path", absolute("http://a"), 404),
          of(
              "9112 §3.2.2",
              "the instance is the path alone",
              absolute("http://a/nowhere"),
              404,
              "\"instance\":\"/nowhere\""),
          of("9112 §3.2.2", "absolute-form without host", absolute("http:///v1/workspace"), 404),
          of("9112 §3.2.2", "absolute-form with a user", absolute("http://b@a/v1/workspace"), 404),
          of(
              "9112 §3.2.3",
              "authority-form",
              "CONNECT a:80 HTTP/1.1\nHost: a\n" + CLOSE + "\n",
              404),
          of(
              "9112 §3.2.4",
              "asterisk-form",
              "OPTIONS * HTTP/1.1\nHost: a\n" + CLOSE + "\n",
              204,
              "Allow: "),
          of("9112 §3.2.4", "asterisk of another method", absolute("*"), 404),
          of("9112 §5.1", "blank before the colon", GET + "X-A : b\n\n", 400),
          of("9112 §5.2", "folded header", GET + "X-A: b\n c\n\n", 400),
          of(
              "9112 §6.1",
              "length and chunks",
              PATCH + "Content-Length: 2\nTransfer-Encoding: chunked\n\n0\n\n",
              400),
          of(
              "9112 §6.1",
              "unknown transfer coding",
              PATCH + "Transfer-Encoding: gzip, chunked\n\n0\n\n",
              501,
              "BAD_REQUEST"),
          of("9112 §6.3", "chunked is not last", PATCH + "Transfer-Encoding: gzip\n\n{}", 400),
          of("9112 §6.3", "length with a sign", PATCH + "Content-Length: +2\n\n{}", 400),
          of("9112 §6.3", "list of lengths", PATCH + "Content-Length: 2, 3\n\n{}", 400),
          of("9112 §6.3", "two lengths", PATCH + "Content-Length: 2\nContent-Length: 3\n\n{}", 400),
          of("9112 §7.1", "chunks", CHUNKED + "1\n{\n01\n}\n0\n\n", 200),
          of(
              "9112 §7.1",
              "coding in capitals",
              CHUNKED.replace("chunked", "CHUNKED") + "2\n{}\n0\n\n",
              200),
          of("9112 §7.1", "huge chunk", CHUNKED + "fffffffffffffffff\n{}", 400, "BAD_REQUEST"),
          of(
              "9112 §7.1",
              "chunk that the memory must not hold",
              CHUNKED + "7fffffff\n{}",
              413,
              "PAYLOAD_TOO_LARGE"),
          of("9112 §7.1", "blank before a size", CHUNKED + " 2\n{}\n0\n\n", 400, "BAD_REQUEST"),
          of("9112 §7.1", "no blank after a size", CHUNKED + "2\u000b\n{}\n0\n\n", 400),
          of("9112 §7.1", "chunk with a sign", CHUNKED + "+2\n{}\n0\n\n", 400, "BAD_REQUEST"),
          of("9112 §7.1", "chunk longer than it says", CHUNKED + "2\n{}ab0\n\n", 400),
          of("9112 §7.1.1", "chunk extension", CHUNKED + "2 ; a=\"b\"\n{}\n0;c\n\n", 200),
          of("9112 §7.1.2", "trailers", CHUNKED + "2\n{}\n0\nX-A: b\nContent-Length: 7\n\n", 200),
          of("9112 §9.3", "close in a list", GET + "Connection: keep-alive, Close\n\n", 200),
          of(
              "9112 §9.3.2",
              "pipelining",
              GET + "X-Request-Id: one\n\n" + GET + CLOSE + "X-Request-Id: two\n\n",
              200,
              "X-Request-Id: one",
              "X-Request-Id: two"),
          of("9112 §9.6", "close", GET + CLOSE + "\n", 200, "Connection: close"),
          of("9110 §2.5", "another major version", "GET / HTTP/1.0\n\n", 505, "HTTP/1.1"),
          of("9110 §5.5", "NUL in a value", GET + "X-A: b\0c\n\n", 400),
          of(
              "9110 §5.6.1.2",
              "empty elements",
              GET + "Accept: , application/json ,\n" + CLOSE + "\n",
              200),
          of("9110 §6.6.1", "Date of an answer", GET + CLOSE + "\n", 200, "\nDate: "),
          of("9110 §6.6.1", "Date of a refusal", "GET / HTTP/1.1\n\n", 400, "\nDate: "),
          of(
              "9110 §7.8",
              "Upgrade may be ignored",
              GET + "Upgrade: h2c\nConnection: Upgrade, close\n\n",
              200),
          of(
              "9110 §8.4",
              "coding that is none",
              PATCH + CLOSE + "Content-Encoding: identity\nContent-Length: 2\n\n{}",
              200),
          of(
              "9110 §8.4",
              "coding that is not taken",
              PATCH + CLOSE + "Content-Encoding: gzip\nContent-Length: 2\n\n{}",
              415,
              "UNSUPPORTED_MEDIA_TYPE",
              "Accept-Encoding: identity"),
          of(
              "9110 §8.4",
              "sign-in comes first",
              (PATCH + CLOSE + "Content-Encoding: gzip\nContent-Length: 2\n\n{}")
                  .replace("{key}", "x"),
              401,
              "UNAUTHENTICATED"),
          of(
              "9110 §8.6",
              "204 has no length",
              "OPTIONS /v1/workspace HTTP/1.1\nHost: a\n" + CLOSE + "\n",
              204,
              "!Content-Length",
              "!Transfer-Encoding"),
          of(
              "9110 §9.1",
              "method that there is not",
              (GET + CLOSE + "\n").replace("GET", "BREW"),
              405,
              "Allow: GET, HEAD"),
          of("9110 §9.3.2", "HEAD", (GET + CLOSE + "\n").replace("GET", "HEAD"), 200, "!\"slug\""),
          of(
              "9110 §9.3.2",
              "HEAD that is malformed",
              "HEAD / HTTP/1.1\nHost: a\nContent-Length: x\n\n",
              400,
              "!BAD_REQUEST"),
          of(
              "9110 §10.1.1",
              "100-continue",
              PATCH + CLOSE + "Expect: 100-Continue\nContent-Length: 2\n\n{}",
              100,
              "HTTP/1.1 200 "),
          of(
              "9110 §10.1.1",
              "a final answer without the body",
              (PATCH + "Expect: 100-Continue\nContent-Length: 2\n\n").replace("{key}", "x"),
              401,
              "!HTTP/1.1 100",
              "Connection: close"),
          of(
              "9110 §11.6.1",
              "401 says how to sign in",
              "GET /v1/workspace HTTP/1.1\nHost: a\n" + CLOSE + "\n",
              401,
              "WWW-Authenticate: Bearer"),
          of("9110 §13.1.1", "If-Match of nothing", GET + CLOSE + "If-Match: \"x\"\n\n", 412),
          of("9110 §13.1.1", "If-Match of anything", GET + CLOSE + "If-Match: *\n\n", 200),
          of("9110 §13.1.2", "If-None-Match", GET + CLOSE + "If-None-Match: \"x\"\n\n", 200),
          of(
              "9110 §13.1.2",
              "If-None-Match of anything",
              GET + CLOSE + "If-None-Match: *\n\n",
              304,
              "ETag: \"",
              "Cache-Control: no-store",
              "!Content-Length"),
          of(
              "9110 §13.2.1",
              "no condition makes an error good",
              (GET + CLOSE + "If-None-Match: *\n\n").replace("{key}", "x"),
              401),
          of(
              "9110 §14.2",
              "Range may be ignored",
              GET + CLOSE + "Range: bytes=0-1\n\n",
              200,
              "\"slug\""),
          of(
              "9110 §15.3.2",
              "201 says where",
              KEYS.formatted("POST")
                  + CLOSE
                  + "Content-Length: 40\n\n{\"name\":\"a\",\"scopes\":[\"workspace:read\"]}",
              201,
              "Location: /v1/api-keys/"),
          of(
              "9110 §15.5.6",
              "405 says what there is",
              KEYS.formatted("PUT") + CLOSE + "Content-Length: 2\n\n{}",
              405,
              "Allow: GET, HEAD, POST, OPTIONS"));

  private static HttpRule of(
      String clause, String rule, String template, int status, String... parts) {
    return new HttpRule(clause, rule, template, status, List.of(parts));
  }

  private static String absolute(String target) {
    return (GET + CLOSE + "\n").replace("/v1/workspace", target);
  }

  String request(String key) {
    return template.replace("{key}", key);
  }

  List<String> wanted() {
    return parts.stream().filter(part -> !part.startsWith("!")).toList();
  }

  List<String> unwanted() {
    return parts.stream().filter(part -> part.startsWith("!")).map(p -> p.substring(1)).toList();
  }

  @Override
  public String toString() {
    return clause + " " + rule;
  }
}
