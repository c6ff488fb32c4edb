package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.workspaceoperator.workspace.AuditHead;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The hashes below were computed apart from this code, with Python's json, hashlib and hmac. */
class AuditChainTest {
  private static final UUID CHAIN = new UUID(1, 2);
  private static final Instant TIME = Instant.parse("2030-01-31T12:00:00.123456Z");

  private static final List<AuditEntry> ENTRIES =
      List.of(
          new AuditEntry(
              "somebody",
              AuditLayer.RUNTIME,
              "daily_budget_usd",
              Optional.empty(),
              Optional.of("\"100\""),
              Optional.of("why \"now\""),
              Optional.of("req-1")),
          AuditEntry.of(
              "somebody",
              AuditLayer.RUNTIME,
              "daily_budget_usd",
              Optional.of("\"100\""),
              Optional.empty()));

  @Test
  void aRowsHashIsTheSha256OfEverythingInItAndOfTheHashBefore() {
    AuditChain.Links links =
        AuditChain.unkeyed().link(CHAIN, AuditHead.EMPTY, TIME.plusNanos(789), ENTRIES);

    assertThat(links.hashes())
        .containsExactly(
            "a6ba38b47a472cb19868558341514f5270f5a1599f41193641cdc88d9024be45",
            "ea54e029acad3373ee77ada16712476a5ec7e6a52fe12f4c295e0072b140cceb");
    assertThat(links.head()).isEqualTo(new AuditHead(2, links.hashes().getLast()));
  }

  @Test
  void withAKeyItIsTheHmac() {
    byte[] key = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    assertThat(
            AuditChain.keyed(key)
                .link(CHAIN, AuditHead.EMPTY, TIME, ENTRIES.subList(0, 1))
                .hashes())
        .containsExactly("c07c73369e9569fec25f589f55478c08e408638ab4a8168d8acf60134a55421d");
  }

  @Test
  void aKeyIsNotShorterThanTheHash() {
    assertThatIllegalArgumentException().isThrownBy(() -> AuditChain.keyed(new byte[31]));
  }
}
