package dev.workspaceoperator.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CanonicalJsonTest {
  /** The example of RFC 8785, section 3.2.2 and 3.2.3. */
  @Test
  void escapesAStringAsTheRfcDoes() {
    assertThat(CanonicalJson.text("€$\u000F\nA'B\"\\\\\"/"))
        .isEqualTo("\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
  }

  @Test
  void sortsMembersByUtf16CodeUnitsAsTheRfcDoes() {
    Map<String, Optional<String>> members =
        Map.of(
            "€", Optional.of("1"),
            "\r", Optional.of("2"),
            "\uFB33", Optional.of("3"),
            "1", Optional.of("4"),
            "😀", Optional.of("5"),
            "\u0080", Optional.of("6"),
            "ö", Optional.empty());

    assertThat(CanonicalJson.object(members))
        .isEqualTo("{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":null,\"€\":1,\"😀\":5,\"\uFB33\":3}");
  }

  @Test
  void writesArraysAndIntegersInTheirOneForm() {
    assertThat(CanonicalJson.array(List.of(CanonicalJson.integer(-7), CanonicalJson.bool(true))))
        .isEqualTo("[-7,true]");
  }

  @Test
  void refusesAnIntegerThatAJsonNumberCannotHold() {
    assertThatIllegalArgumentException().isThrownBy(() -> CanonicalJson.integer(Long.MAX_VALUE));
  }
}
