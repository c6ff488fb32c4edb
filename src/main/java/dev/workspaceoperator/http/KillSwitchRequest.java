package dev.workspaceoperator.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.http.server.Fields;
import dev.workspaceoperator.workspace.Bounds;
import java.util.List;
import java.util.Optional;

/**
 * What a kill switch is to do.
 *
 * @param active whether to stop or to go on
 * @param reason shown to whoever is refused
 */
record KillSwitchRequest(boolean active, Optional<String> reason) {

  /**
   * Reads a body.
   *
   * @throws ProblemException with everything that is wrong with it
   */
  static KillSwitchRequest read(JsonNode body) {
    Fields fields = new Fields(body, List.of("active", "reason"));
    fields.require("active");
    Optional<Boolean> active = fields.bool("active");
    Optional<String> reason = fields.text("reason", 0, Bounds.REASON_LENGTH_MAX);
    fields.finish();
    return new KillSwitchRequest(active.orElseThrow(), reason.filter(text -> !text.isEmpty()));
  }
}
