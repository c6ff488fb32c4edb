package dev.workspaceoperator.app;

import java.util.List;

/** The program was started with wrong options; the message lists every mistake. */
final class InvalidConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidConfigurationException(List<String> mistakes) {
    super(
        "The configuration has %d mistake%s:\n  - %s"
            .formatted(
                mistakes.size(), mistakes.size() == 1 ? "" : "s", String.join("\n  - ", mistakes)));
  }
}
