package dev.workspaceoperator.controller;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class KubernetesTextTest {
  @ParameterizedTest
  @CsvSource({
    "abc, 3, abc",
    "abcd, 3, …",
    "abcde, 4, a…",
    "äbc, 4, äbc",
    "äbcd, 4, …",
    "äbcd, 5, äbcd",
    "äbcde, 5, ä…",
    "\ud83d\ude80\ud83d\ude80, 8, \ud83d\ude80\ud83d\ude80",
    "\ud83d\ude80\ud83d\ude80, 7, \ud83d\ude80…",
    "\ud83d\ude80\ud83d\ude80, 6, …",
  })
  void aTextIsCutBetweenTwoCharactersAndItsBytesAreCounted(String text, int max, String cut) {
    assertThat(KubernetesText.withinBytes(text, max)).isEqualTo(cut);
    assertThat(cut.getBytes(UTF_8)).hasSizeLessThanOrEqualTo(max);
  }

  @ParameterizedTest
  @CsvSource({
    "abc, 3, abc",
    "abcd, 3, ab…",
    "\ud83d\ude80\ud83d\ude80, 2, \ud83d\ude80\ud83d\ude80",
    "\ud83d\ude80\ud83d\ude80\ud83d\ude80, 2, \ud83d\ude80…",
  })
  void whereCharactersAreCountedTheyAreNotUnitsOfUtf16(String text, int max, String cut) {
    assertThat(KubernetesText.withinCharacters(text, max)).isEqualTo(cut);
  }

  @Test
  void theMessageOfAConditionIsCut() {
    ConditionSet conditions = new ConditionSet(List.of(), 1, Instant.EPOCH);
    conditions.yes(ConditionType.STALLED, Reason.INVALID_SPEC, "x".repeat(1_000_000));

    assertThat(conditions.toList().getFirst().message()).hasSize(32_768).endsWith("x…");
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void everyReasonIsShortEnoughForAnEvent(Reason reason) {
    assertThat(reason.label().getBytes(UTF_8))
        .hasSizeLessThanOrEqualTo(KubernetesText.EVENT_FIELD_BYTES_MAX);
  }
}
