package dev.workspaceoperator.store;

import java.util.Optional;

/**
 * One change that somebody made, before it has its place in a chain.
 *
 * @param actor who made it: {@code manifest <uid> generation <n>}, {@code key <id>} …
 * @param layer which layer it is about
 * @param field the field's name in the REST API
 * @param before the value before as canonical JSON; empty where the layer was silent
 * @param after the value after as canonical JSON; empty where the layer is silent now
 * @param reason why, in a person's words
 * @param requestId the REST request that made it
 */
public record AuditEntry(
    String actor,
    AuditLayer layer,
    String field,
    Optional<String> before,
    Optional<String> after,
    Optional<String> reason,
    Optional<String> requestId) {

  /** A change without a reason, made outside the REST API. */
  public static AuditEntry of(
      String actor,
      AuditLayer layer,
      String field,
      Optional<String> before,
      Optional<String> after) {
    return new AuditEntry(actor, layer, field, before, after, Optional.empty(), Optional.empty());
  }

  /** The same with a reason. */
  public AuditEntry because(Optional<String> words) {
    return new AuditEntry(actor, layer, field, before, after, words, requestId);
  }
}
