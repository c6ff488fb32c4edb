package dev.workspaceoperator.extauthz;

import com.google.protobuf.ByteString;
import dev.workspaceoperator.auth.Authenticator;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The request of a client, as Envoy shows it. */
final class CheckedRequest {
  /** Begins whatever a client tells this program; none of it is for the model's provider. */
  static final String PREFIX = "x-workspace-";

  static final String RUN = PREFIX + "run";
  static final String MAX_COST = PREFIX + "max-cost-usd";

  private static final String AUTHORIZATION = "authorization";
  private static final String API_KEY = "x-api-key";
  private static final String WORKSPACE = "workspace";
  private static final String KEY_MARK = "wsk_";
  private static final String LENGTH = "content-length";
  private static final String UPGRADE = "upgrade";

  /** Envoy says so where a body is longer than it keeps. */
  private static final String PARTIAL = "x-envoy-auth-partial-body";

  private static final String UNKNOWN_SOURCE = "unknown";

  private final AttributeContext attributes;
  private final AttributeContext.HttpRequest http;
  private final Map<String, String> headers;

  CheckedRequest(CheckRequest request) {
    this.attributes = request.getAttributes();
    this.http = attributes.getRequest().getHttp();
    this.headers = new TreeMap<>();
    http.getHeadersMap().forEach((name, value) -> headers.put(lower(name), value));
    // Envoy sends them in this form where it is told to keep what is there twice apart.
    http.getHeaderMap()
        .getHeadersList()
        .forEach(header ->
            headers.merge(
                lower(header.getKey()),
                header.getValue().isEmpty()
                    ? header.getRawValue().toStringUtf8()
                    : header.getValue(),
                (one, other) -> one + "," + other));
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** A header; several of one name are one, with commas. */
  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name)).map(String::strip).filter(it -> !it.isEmpty());
  }

  /**
   * Its credential.
   *
   * @param own what Envoy sends of its own, which counts instead of the client's
   */
  Authenticator.Attempt attempt(OwnCredential own) {
    return own.isGiven()
        ? new Authenticator.Attempt(own.authorization(), own.apiKey(), own.workspace(), source())
        : new Authenticator.Attempt(all(AUTHORIZATION), all(API_KEY), header(WORKSPACE), source());
  }

  private List<String> all(String name) {
    return header(name).stream().toList();
  }

  /** The address that the client came from, as Envoy knows it. */
  String source() {
    String address = attributes.getSource().getAddress().getSocketAddress().getAddress();
    return address.isEmpty() ? UNKNOWN_SOURCE : address;
  }

  /**
   * Headers that the upstream must not see: ours, the credential that signed the caller in, and any
   * key of a workspace.
   */
  List<String> headersToRemove(OwnCredential own) {
    return headers.entrySet().stream()
        .filter(header ->
            header.getKey().startsWith(PREFIX)
                || (isCredential(header.getKey())
                    && (!own.isGiven() || header.getValue().contains(KEY_MARK))))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static boolean isCredential(String name) {
    return name.equals(AUTHORIZATION) || name.equals(API_KEY);
  }

  /** The name of the request, for logs and for people. */
  Optional<String> requestId() {
    return header("x-request-id");
  }

  Optional<String> traceparent() {
    return header("traceparent");
  }

  /** Whether it asks for nothing that a model makes; a GET may begin a WebSocket, which does. */
  boolean isRead() {
    return (http.getMethod().equals("GET") || http.getMethod().equals("HEAD"))
        && header(UPGRADE).isEmpty();
  }

  String path() {
    return http.getPath();
  }

  String method() {
    return http.getMethod();
  }

  /** Whether there is more of the body than Envoy shows. */
  boolean isCut() {
    return header(PARTIAL).map(Boolean::parseBoolean).orElse(false) || length() > shownBytes();
  }

  /** Of the whole body, in bytes, as far as it is known. */
  long length() {
    return Math.max(
        Math.max(http.getSize(), shownBytes()),
        header(LENGTH).map(CheckedRequest::bytes).orElse(0L));
  }

  private static long bytes(String length) {
    try {
      return Long.parseLong(length);
    } catch (NumberFormatException e) {
      // Envoy does not let such a header through; if it did, nothing would be known of the body.
      return Long.MAX_VALUE;
    }
  }

  /** How much of the body Envoy shows. */
  int shownBytes() {
    return shown().size();
  }

  /** As much of the body as Envoy shows; it is not copied. */
  InputStream body() {
    return shown().newInput();
  }

  private ByteString shown() {
    return http.getRawBody().isEmpty() ? http.getBodyBytes() : http.getRawBody();
  }
}
