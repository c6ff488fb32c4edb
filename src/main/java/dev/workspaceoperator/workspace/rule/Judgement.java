package dev.workspaceoperator.workspace.rule;

import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.Refusal;
import java.util.List;

/** What the rules make of a change that the REST API asks for. */
public sealed interface Judgement {
  /** It is so already: nothing is written. */
  record Unchanged() implements Judgement {}

  /**
   * It is allowed.
   *
   * @param layers what every layer says afterwards
   * @param changes what differs, at least one
   */
  record Changed(Layers layers, List<LayerChange> changes) implements Judgement {
    public Changed {
      changes = List.copyOf(changes);
    }
  }

  /** It is refused, and nothing of it is written. */
  record Refused(Refusal refusal) implements Judgement {}
}
