package dev.workspaceoperator.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Snapshot;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * The seven fields that a workspace is answered as (design.md §6), and their ETag.
 *
 * @param defaults what is in force where nothing is set
 */
record WorkspaceView(PlanDefaults defaults) {
  private static final int HASH_BYTES = 16;

  /** The workspace as JSON. */
  byte[] render(Snapshot snapshot) {
    return Json.bytes(json -> {
      json.writeStartObject();
      writeFields(json, snapshot);
      json.writeEndObject();
    });
  }

  /** 200 with the workspace and its ETag. */
  Answer answer(Snapshot snapshot) {
    byte[] body = render(snapshot);
    return Answer.ok(body).with(HeaderValues.create(HeaderNames.ETAG, etag(body)));
  }

  /** A strong ETag: a hash of the answer. */
  String etag(Snapshot snapshot) {
    return etag(render(snapshot));
  }

  /** Writes the seven fields into an object that is open. */
  void writeFields(JsonGenerator json, Snapshot snapshot) throws IOException {
    EffectiveSettings effective = snapshot.effective(defaults);
    json.writeStringField("id", snapshot.workspace().id().toString());
    json.writeStringField("name", effective.name().value());
    Json.text(json, "slug", snapshot.workspace().slug());
    json.writeBooleanField("kill_switch", effective.killSwitch().value());
    Json.budget(json, "daily_budget_usd", effective.dailyBudget().value());
    Json.budget(json, "user_daily_budget_usd", effective.userDailyBudget().value());
    json.writeNumberField("max_concurrent_runs", effective.maxConcurrentRuns().value());
  }

  private static String etag(byte[] body) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
      return '"'
          + Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, HASH_BYTES))
          + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
