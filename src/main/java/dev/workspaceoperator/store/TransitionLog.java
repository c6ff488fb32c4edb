package dev.workspaceoperator.store;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** One line of the log for each change that somebody made, once it is committed. */
final class TransitionLog {
  private static final Logger log = LoggerFactory.getLogger(TransitionLog.class);

  private TransitionLog() {}

  /** Tells of these rows of an audit chain, without a person's words, which stand in the chain. */
  static void tell(AuditChain.Links links) {
    for (AuditRow row : links.rows()) {
      LoggingEventBuilder line = log.atInfo();
      if (!links.chain().equals(AuditChain.INSTALLATION)) {
        line = line.addKeyValue("workspace_id", links.chain());
      }
      line =
          line.addKeyValue("actor", row.actor())
              .addKeyValue("layer", row.layer())
              .addKeyValue("field", row.field())
              .addKeyValue("audit_seq", row.seq());
      if (row.after().isPresent()) {
        line = line.addKeyValue("value", row.after().get());
      }
      if (row.requestId().isPresent()) {
        line = line.addKeyValue("request_id", row.requestId().get());
      }
      line.log("Changed");
    }
  }
}
