package dev.workspaceoperator.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  @Test
  void whatACallerSendsIsReadAndWrittenAlike() {
    for (String flags : new String[] {"00", "01"}) {
      String sent = "00-" + TRACE + "-" + SPAN + "-" + flags;

      Optional<TraceContext> read = TraceContext.of(Optional.of(sent));

      assertThat(read).contains(new TraceContext(TRACE, SPAN, flags.equals("01")));
      assertThat(read.orElseThrow().traceparent()).isEqualTo(sent);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01-" + TRACE + "-" + SPAN + "-01",
        "cc-" + TRACE + "-" + SPAN + "-03-what-comes-later",
      })
  void aLaterVersionBeginsWithThisOne(String sent) {
    assertThat(TraceContext.of(Optional.of(sent))).contains(new TraceContext(TRACE, SPAN, true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-" + TRACE + "-" + SPAN,
        "00-" + TRACE + "-" + SPAN + "-1",
        "00-" + TRACE + "-" + SPAN + "-01-more",
        "cc-" + TRACE + "-" + SPAN + "-01.more",
        "ff-" + TRACE + "-" + SPAN + "-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" + SPAN + "-01",
        "00-00000000000000000000000000000000-" + SPAN + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-" + TRACE + "-b7ad6b716920333*-01",
        "00-" + TRACE + "-" + SPAN + "-0x",
        "00_" + TRACE + "_" + SPAN + "_01",
      })
  void whatIsNotWellFormedIsNone(String sent) {
    assertThat(TraceContext.of(Optional.of(sent))).isEmpty();
  }
}
