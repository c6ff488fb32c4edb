package dev.workspaceoperator.app.option;

import java.util.List;

/** The program was started with wrong options; the message lists every mistake. */
public final class InvalidConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidConfigurationException(List<String> mistakes) {
    super(
        "The configuration has %d mistake%s:\n  - %s"
            .formatted(
                mistakes.size(), mistakes.size() == 1 ? "" : "s", String.join("\n  - ", mistakes)));
  }
}
