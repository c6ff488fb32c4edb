package dev.workspaceoperator.workspace.rule;

import dev.workspaceoperator.workspace.Budget;
import java.util.Optional;

/**
 * One change of one field in one layer, as its audit row tells it.
 *
 * @param layer whose value it is
 * @param field the name in the REST API
 * @param before a String, a {@link Budget}, an Integer or a Boolean; empty where the layer was
 *     silent
 * @param after likewise; empty where the layer is silent now
 */
public record LayerChange(Layer layer, String field, Optional<?> before, Optional<?> after) {
  /** The layers that the REST API can change. */
  public enum Layer {
    /** What the REST API set. */
    RUNTIME,
    /** What a manifest declared whose resource is gone. */
    FROZEN
  }
}
