package dev.workspaceoperator.store;

import dev.workspaceoperator.workspace.AuditHead;
import java.util.UUID;

/** Something that is wrong with an audit chain. */
public sealed interface AuditFinding {
  /** The chain: a workspace's id, or {@link AuditChain#INSTALLATION}. */
  UUID chain();

  /** One sentence for the administrator. */
  String sentence();

  /** A row does not have the content that was hashed, or it was hashed with another key. */
  record Changed(UUID chain, long seq) implements AuditFinding {
    @Override
    public String sentence() {
      return "Row %d of %s was changed, or was hashed with another key.".formatted(seq, chain);
    }
  }

  /** A row's link does not lead to the row before it. */
  record Unlinked(UUID chain, long seq) implements AuditFinding {
    @Override
    public String sentence() {
      return "Row %d of %s does not continue the row before it.".formatted(seq, chain);
    }
  }

  /** Rows between two others are missing. */
  record Missing(UUID chain, long firstSeq, long lastSeq) implements AuditFinding {
    @Override
    public String sentence() {
      return "Rows %d to %d of %s are missing.".formatted(firstSeq, lastSeq, chain);
    }
  }

  /** The chain ends before its head. */
  record CutOff(UUID chain, long lastSeq, long headSeq) implements AuditFinding {
    @Override
    public String sentence() {
      return "The rows of %s end with %d, and its head is %d.".formatted(chain, lastSeq, headSeq);
    }
  }

  /** The chain goes on beyond its head, or its last row has another hash than the head. */
  record HeadDiffers(UUID chain, AuditHead head, AuditHead lastRow) implements AuditFinding {
    @Override
    public String sentence() {
      return "The head of %s is row %d with hash %s, and its last row is %d with hash %s."
          .formatted(chain, head.seq(), head.hash(), lastRow.seq(), lastRow.hash());
    }
  }

  /** The chain does not contain a row that it once had: the whole chain was written anew. */
  record ExpectedRowDiffers(UUID chain, AuditHead expected) implements AuditFinding {
    @Override
    public String sentence() {
      return "Row %d of %s does not have the expected hash %s: it, or a row before it, was written anew after rows were lost, or was changed."
          .formatted(expected.seq(), chain, expected.hash());
    }
  }

  /** The chain ends before a row that it once had, as in a backup that is older than that. */
  record ExpectedRowMissing(UUID chain, AuditHead expected, long lastSeq) implements AuditFinding {
    @Override
    public String sentence() {
      return "Rows %d to %d of %s are gone: the chain ends with row %d, and row %d with hash %s is expected."
          .formatted(lastSeq + 1, expected.seq(), chain, lastSeq, expected.seq(), expected.hash());
    }
  }

  /** There is no such chain, and it once had rows. */
  record ExpectedChainMissing(UUID chain, AuditHead expected) implements AuditFinding {
    @Override
    public String sentence() {
      return "The workspace %s is gone with all of its books: row %d with hash %s is expected."
          .formatted(chain, expected.seq(), expected.hash());
    }
  }

  /** Rows whose workspace, and with it the chain's head, is gone. */
  record HeadMissing(UUID chain) implements AuditFinding {
    @Override
    public String sentence() {
      return "The workspace %s is gone, and its audit rows are not.".formatted(chain);
    }
  }

  /** There is no such chain. */
  record Unknown(UUID chain) implements AuditFinding {
    @Override
    public String sentence() {
      return "There is no workspace %s.".formatted(chain);
    }
  }
}
