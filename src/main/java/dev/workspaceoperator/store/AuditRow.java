package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.CanonicalJson;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * One row of an audit chain.
 *
 * @param chain the workspace, or {@link AuditChain#INSTALLATION}
 * @param seq its number, from 1
 * @param time the database's clock, in microseconds
 * @param actor who
 * @param layer the label of an {@link AuditLayer}
 * @param field which field
 * @param before canonical JSON
 * @param after canonical JSON
 * @param reason why
 * @param requestId the REST request
 * @param previousHash lower-case hex; empty for the first row
 */
record AuditRow(
    UUID chain,
    long seq,
    Instant time,
    String actor,
    String layer,
    String field,
    Optional<String> before,
    Optional<String> after,
    Optional<String> reason,
    Optional<String> requestId,
    String previousHash) {

  /** What is hashed: every column but the hash itself, as canonical JSON. */
  String canonicalJson() {
    Map<String, Optional<String>> members = HashMap.newHashMap(11);
    members.put("workspace_id", Optional.of(CanonicalJson.text(chain.toString())));
    members.put("seq", Optional.of(CanonicalJson.integer(seq)));
    members.put("time", Optional.of(CanonicalJson.text(time.toString())));
    members.put("actor", Optional.of(CanonicalJson.text(actor)));
    members.put("layer", Optional.of(CanonicalJson.text(layer)));
    members.put("field", Optional.of(CanonicalJson.text(field)));
    members.put("before", before);
    members.put("after", after);
    members.put("reason", reason.map(CanonicalJson::text));
    members.put("request_id", requestId.map(CanonicalJson::text));
    members.put("previous_hash", Optional.of(CanonicalJson.text(previousHash)));
    return CanonicalJson.object(members);
  }
}
