package dev.workspaceoperator.gate;

import dev.workspaceoperator.trace.Attribute;
import dev.workspaceoperator.trace.Span;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.port.Created;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Tells of each decision: one line of the log at the level debug, and its span. */
final class Decisions {
  private static final Logger log = LoggerFactory.getLogger(Decisions.class);

  private Decisions() {}

  /** Tells of one; does next to nothing where neither is wanted. */
  static void tell(Operation<?> operation, Outcome<?> outcome, Span span) {
    if (span.context().isPresent()) {
      span.with(Attribute.WORKSPACE_ID, operation.workspaceId().toString())
          .with(Attribute.OUTCOME, word(outcome));
      if (outcome instanceof Outcome.Refused<?>(Refusal refusal)) {
        span.with(Attribute.CODE, refusal.code());
      }
    }
    if (log.isDebugEnabled()) {
      span.run(() -> line(operation, outcome));
    }
  }

  private static void line(Operation<?> operation, Outcome<?> outcome) {
    LoggingEventBuilder line =
        log.atDebug()
            .addKeyValue("operation", operation.title())
            .addKeyValue("workspace_id", operation.workspaceId())
            .addKeyValue("outcome", word(outcome));
    if (outcome instanceof Outcome.Refused<?>(Refusal refusal)) {
      line = line.addKeyValue("code", refusal.code());
    }
    line.log("Decided");
  }

  private static String word(Outcome<?> outcome) {
    return switch (outcome) {
      case Outcome.Done<?>(Created<?> created) when created.replayed() -> "replayed";
      case Outcome.Done<?> _ -> "done";
      case Outcome.Refused<?> _ -> "refused";
    };
  }
}
