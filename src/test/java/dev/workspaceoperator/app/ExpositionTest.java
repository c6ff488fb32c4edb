package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever asks for OpenMetrics has it, and nobody else. */
class ExpositionTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                                                             | TEXT",
        "*/*                                                                            | TEXT",
        "text/html, */*;q=0.8                                                           | TEXT",
        "application/openmetrics-text                                                   | OPEN_METRICS",
        "Application/OpenMetrics-Text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1 | OPEN_METRICS",
        "text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=0.0.1;q=0.75 | OPEN_METRICS",
        "text/plain,application/openmetrics-text;q=0.5                                  | TEXT",
        "application/openmetrics-text;q=0                                               | TEXT",
        "application/openmetrics-text;q=nonsense                                        | TEXT",
        "application/openmetrics-textual                                                | TEXT",
      })
  void isWhatIsAskedFor(String accept, Exposition form) {
    assertThat(Exposition.of(accept)).isEqualTo(form);
  }
}
