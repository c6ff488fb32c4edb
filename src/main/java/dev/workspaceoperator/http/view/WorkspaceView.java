package dev.workspaceoperator.http.view;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.workspaceoperator.digest.Sha256;
import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Json;
import dev.workspaceoperator.http.server.Preconditions;
import dev.workspaceoperator.http.server.ProblemException;
import dev.workspaceoperator.http.server.RefusalProblems;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.port.WorkspaceSettings;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * The seven fields that a workspace is answered as (design.md §6), and their ETag.
 *
 * @param defaults what is in force where nothing is set
 */
public record WorkspaceView(PlanDefaults defaults) {
  private static final int HASH_BYTES = 16;

  /** Those fields that limit. */
  private static final List<Setting> LIMITS =
      Arrays.stream(Setting.values())
          .filter(setting -> setting.isField() && setting != Setting.NAME)
          .toList();

  /** The workspace as JSON. */
  public byte[] render(WorkspaceSettings settings) {
    return Json.bytes(json -> {
      json.writeStartObject();
      writeFields(json, settings);
      json.writeEndObject();
    });
  }

  /** 200 with the workspace and its ETag. */
  public Answer.Whole answer(WorkspaceSettings settings) {
    byte[] body = render(settings);
    return Answer.ok(body).with(HeaderValues.create(HeaderNames.ETAG, etag(body)));
  }

  /**
   * The same for a client that may have it already: 304 without a body then.
   *
   * @throws ProblemException 412 if it is not what the client wants
   */
  public Answer answer(WorkspaceSettings settings, Preconditions conditions) {
    Answer.Whole answer = answer(settings);
    if (conditions.areNone()) {
      return answer;
    }
    String etag = etag(answer.body());
    if (!conditions.allowRead(etag)) {
      throw new ProblemException(RefusalProblems.of(new Refusal.PreconditionFailed(), "workspace"));
    }
    return conditions.knows(etag)
        ? new Answer.Whole(
            Status.NOT_MODIFIED_304,
            List.of(HeaderValues.create(HeaderNames.ETAG, etag)),
            new byte[0])
        : answer;
  }

  /** A strong ETag: a hash of the answer. */
  public String etag(WorkspaceSettings settings) {
    return etag(render(settings));
  }

  /** Writes the seven fields into an object that is open. */
  public void writeFields(JsonGenerator json, WorkspaceSettings settings) throws IOException {
    EffectiveSettings effective = settings.effective(defaults);
    json.writeStringField("id", settings.id().toString());
    json.writeStringField("name", effective.text(Setting.NAME).value());
    Json.text(json, "slug", settings.slug());
    json.writeBooleanField("kill_switch", effective.killSwitch().value());
    for (Setting setting : LIMITS) {
      json.writeFieldName(setting.restName());
      Json.value(json, effective.get(setting).value());
    }
  }

  private static String etag(byte[] body) {
    return '"'
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(Arrays.copyOf(Sha256.of(body), HASH_BYTES))
        + '"';
  }
}
