package dev.workspaceoperator.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.workspaceoperator.digest.Sha256;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.UuidV7;
import dev.workspaceoperator.workspace.AuditHead;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Writes audit rows, each with the hash of the one before, in the transaction of the change that
 * they tell of. Whoever appends holds the lock of the row that keeps the chain's head, and writes
 * the new head there.
 */
public final class AuditChain {
  /** The chain of what concerns the whole installation; its head is in table {@code platform}. */
  public static final UUID INSTALLATION = UuidV7.NIL;

  /** The shortest key of a keyed chain, in bytes: as long as the hash (RFC 2104, section 3). */
  public static final int KEY_BYTES_MIN = 32;

  static final Sql APPEND = Sql.load("audit/append");
  private static final String HMAC = "HmacSHA256";

  private final Optional<SecretKeySpec> key;

  private AuditChain(Optional<SecretKeySpec> key) {
    this.key = key;
  }

  /** A chain that shows accidents and clumsy changes: anybody can compute its SHA-256. */
  public static AuditChain unkeyed() {
    return new AuditChain(Optional.empty());
  }

  /** A chain that only who knows the key can extend: HMAC-SHA256. */
  public static AuditChain keyed(byte[] key) {
    if (key.length < KEY_BYTES_MIN) {
      throw new IllegalArgumentException(
          "the audit key must have at least %d bytes".formatted(KEY_BYTES_MIN));
    }
    return new AuditChain(Optional.of(new SecretKeySpec(key, HMAC)));
  }

  /**
   * Appends rows and returns the chain's new head, which the caller writes in the same transaction.
   */
  public AuditHead append(
      Connection connection, UUID chain, AuditHead head, Instant now, List<AuditEntry> entries)
      throws SQLException {
    if (entries.isEmpty()) {
      return head;
    }
    Links links = link(chain, head, now, entries);
    try (NamedStatement statement = NamedStatement.of(connection, APPEND)) {
      links.bind(statement);
      statement.run();
    }
    return links.head();
  }

  /** Computes the rows without writing them. */
  Links link(UUID chain, AuditHead head, Instant now, List<AuditEntry> entries) {
    // PostgreSQL keeps microseconds, and what is hashed must be what is read back.
    Instant time = now.truncatedTo(ChronoUnit.MICROS);
    List<AuditRow> rows = new ArrayList<>(entries.size());
    List<String> hashes = new ArrayList<>(entries.size());
    AuditHead last = head;
    for (AuditEntry entry : entries) {
      AuditRow row =
          new AuditRow(
              chain,
              last.seq() + 1,
              time,
              entry.actor(),
              entry.layer().label(),
              entry.field(),
              entry.before(),
              entry.after(),
              entry.reason(),
              entry.requestId(),
              last.hash());
      last = new AuditHead(row.seq(), hash(row));
      rows.add(row);
      hashes.add(last.hash());
    }
    return new Links(chain, time, rows, hashes, last);
  }

  /** The row's hash as lower-case hex. */
  String hash(AuditRow row) {
    byte[] canonical = row.canonicalJson().getBytes(UTF_8);
    try {
      if (key.isEmpty()) {
        return HexFormat.of().formatHex(Sha256.of(canonical));
      }
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key.get());
      return HexFormat.of().formatHex(mac.doFinal(canonical));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC with SHA-256", e);
    }
  }

  /**
   * Rows that continue a chain.
   *
   * @param head the chain's head once they are written
   */
  record Links(UUID chain, Instant time, List<AuditRow> rows, List<String> hashes, AuditHead head) {
    /** Binds the parameters of {@code audit/append.sql}. */
    void bind(NamedStatement statement) throws SQLException {
      statement
          .uuid("chain", chain)
          .time("audit_time", time)
          .bigints("audit_seqs", rows.stream().map(AuditRow::seq).toList())
          .texts("audit_actors", rows.stream().map(AuditRow::actor).toList())
          .texts("audit_layers", rows.stream().map(AuditRow::layer).toList())
          .texts("audit_fields", rows.stream().map(AuditRow::field).toList())
          .optionalTexts("audit_befores", rows.stream().map(AuditRow::before).toList())
          .optionalTexts("audit_afters", rows.stream().map(AuditRow::after).toList())
          .optionalTexts("audit_reasons", rows.stream().map(AuditRow::reason).toList())
          .optionalTexts("audit_request_ids", rows.stream().map(AuditRow::requestId).toList())
          .byteStrings(
              "audit_previous_hashes",
              rows.stream().map(row -> HexFormat.of().parseHex(row.previousHash())).toList())
          .byteStrings(
              "audit_hashes", hashes.stream().map(hash -> HexFormat.of().parseHex(hash)).toList());
    }
  }
}
