package dev.workspaceoperator.http.server;

import io.helidon.http.HeaderNames;
import java.util.Optional;

/**
 * What must be so for a request to be done (RFC 9110 §13): {@code If-Match}, {@code If-None-Match}.
 */
public record Preconditions(Optional<EntityTags> ifMatch, Optional<EntityTags> ifNoneMatch) {

  public static Preconditions of(Exchange exchange) {
    return new Preconditions(
        EntityTags.strong(exchange.headers(HeaderNames.IF_MATCH)),
        EntityTags.weak(exchange.headers(HeaderNames.IF_NONE_MATCH)));
  }

  /** Whether there are none, which is most often so. */
  public boolean areNone() {
    return ifMatch.isEmpty() && ifNoneMatch.isEmpty();
  }

  /** Whether what has this tag may be changed. */
  public boolean allowChange(String etag) {
    return allowRead(etag) && !knows(etag);
  }

  /** Whether what has this tag is what is asked for; else 412. */
  public boolean allowRead(String etag) {
    return ifMatch.map(tags -> tags.have(etag)).orElse(true);
  }

  /** Whether the client has what has this tag already; then 304. */
  public boolean knows(String etag) {
    return ifNoneMatch.map(tags -> tags.have(etag)).orElse(false);
  }
}
