package dev.workspaceoperator.notification;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Event;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Subject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Events in the JSON format of CloudEvents 1.0, structured mode. */
final class CloudEvents {
  static final String MEDIA_TYPE = "application/cloudevents+json";

  private static final String TYPES = "dev.workspaceoperator.";
  private static final JsonFactory JSON = new JsonFactory();

  private CloudEvents() {}

  static byte[] json(Event event) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("specversion", "1.0");
      json.writeStringField("id", event.id().toString());
      json.writeStringField(
          "source",
          event
              .workspace()
              .map(subject -> "/v1/workspaces/" + subject.id())
              .orElse("/v1/platform"));
      json.writeStringField("type", TYPES + event.type());
      if (event.workspace().isPresent()) {
        json.writeStringField("subject", event.workspace().get().identity().namespacedName());
      }
      json.writeStringField("time", event.time().toString());
      // An extension of the specification's own: later ones of a source sort behind.
      json.writeStringField("sequence", "%020d".formatted(event.seq()));
      json.writeStringField("datacontenttype", "application/json");
      json.writeObjectFieldStart("data");
      if (event.workspace().isPresent()) {
        write(json, event.workspace().get());
      }
      json.writeFieldName("event");
      json.writeRawValue(event.data());
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("JSON cannot be written to memory", e);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, Subject subject) throws IOException {
    ResourceIdentity identity = subject.identity();
    json.writeObjectFieldStart("workspace");
    json.writeStringField("id", subject.id().toString());
    json.writeStringField("slug", subject.slug().orElse(null));
    json.writeStringField("cluster", identity.cluster());
    json.writeStringField("namespace", identity.namespace());
    json.writeStringField("name", identity.name());
    json.writeEndObject();
  }
}
