package dev.workspaceoperator.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeyTest {
  /** Computed apart from this code, with Python's integers and zlib. */
  private static final String OF_ZERO_BITS =
      "wsk_00000000000000000000000000000000000000000000katqn";

  private static final String OF_ONE_BITS = "wsk_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp12OCTob";

  @Test
  void aKeyHasThePrefixAndLengthThatScannersLookFor() {
    String text = ApiKey.generate(new SecureRandom()).reveal();

    assertThat(text).hasSize(53).matches("wsk_[0-9A-Za-z]{49}");
  }

  @Test
  void secretAndChecksumAreBigEndianBase62PaddedWithZeros() {
    assertThat(ApiKey.generate(constant((byte) 0)).reveal()).isEqualTo(OF_ZERO_BITS);
    assertThat(ApiKey.generate(constant((byte) -1)).reveal()).isEqualTo(OF_ONE_BITS);
  }

  @Test
  void aKeyThatWasMadeIsAccepted() {
    ApiKey key = ApiKey.generate(new SecureRandom());

    assertThat(ApiKey.parse(key.reveal()))
        .hasValueSatisfying(parsed -> assertThat(parsed.digest()).isEqualTo(key.digest()));
  }

  @Test
  void everyMistypedCharacterIsNoticed() {
    String text = ApiKey.generate(new SecureRandom()).reveal();

    assertThat(IntStream.range(0, text.length()))
        .allSatisfy(at -> {
          char other = text.charAt(at) == 'a' ? 'b' : 'a';
          String mistyped = text.substring(0, at) + other + text.substring(at + 1);
          assertThat(ApiKey.parse(mistyped)).isEmpty();
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "wsk_", "wsk_abc", "xsk_0000000000000000000000000000000000000000000000000"})
  void whatIsNoKeyIsNotAccepted(String text) {
    assertThat(ApiKey.parse(text)).isEmpty();
  }

  /** Their checksums are right, computed as the keys above: only what is named is wrong. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "xsk_00000000000000000000000000000000000000000000JZfrZ",
        "wsk_000000000000000000000000000000000000000000-1M5ZTI"
      })
  void anotherPrefixOrDigitIsNotAcceptedEvenWithARightChecksum(String text) {
    assertThat(ApiKey.parse(text)).isEmpty();
  }

  @Test
  void theDigestIsTheSha256OfTheWholeKey() throws Exception {
    ApiKey key = ApiKey.generate(new SecureRandom());
    byte[] expected =
        MessageDigest.getInstance("SHA-256").digest(key.reveal().getBytes(StandardCharsets.UTF_8));

    assertThat(key.digest().hex()).isEqualTo(HexFormat.of().formatHex(expected));
  }

  @Test
  void aKeyNeverPrintsItself() {
    ApiKey key = ApiKey.generate(new SecureRandom());

    assertThat(key.toString()).doesNotContain(key.reveal().substring(4, 12));
  }

  private static RandomGenerator constant(byte value) {
    return new RandomGenerator() {
      @Override
      public long nextLong() {
        throw new UnsupportedOperationException();
      }

      @Override
      public void nextBytes(byte[] bytes) {
        Arrays.fill(bytes, value);
      }
    };
  }
}
