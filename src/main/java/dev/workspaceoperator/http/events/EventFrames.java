package dev.workspaceoperator.http.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.workspaceoperator.http.view.UsageView;
import dev.workspaceoperator.http.view.WorkspaceView;
import dev.workspaceoperator.workspace.port.Snapshot;
import java.io.ByteArrayOutputStream;

/** Events as they go over the wire (WHATWG HTML, Server-sent events). */
final class EventFrames {
  /** A comment, which a client passes over. */
  static final EventFrame HEARTBEAT = new EventFrame(":\n\n".getBytes(UTF_8));

  private static final byte[] END = "\n\n".getBytes(UTF_8);
  private static final byte[] USAGE = "event: usage\ndata: ".getBytes(UTF_8);

  private final WorkspaceView workspaces;
  private final UsageView usages;

  EventFrames(WorkspaceView workspaces) {
    this.workspaces = workspaces;
    this.usages = new UsageView(workspaces.defaults());
  }

  /** {@code event: workspace} with the seven fields; its id is the revision. */
  EventFrame workspace(Snapshot snapshot) {
    String start = "id: %d\nevent: workspace\ndata: ".formatted(snapshot.workspace().revision());
    return frame(start.getBytes(UTF_8), workspaces.render(snapshot.settings()));
  }

  /** {@code event: usage} with today's spend. */
  EventFrame usage(Snapshot snapshot) {
    return frame(USAGE, usages.render(snapshot));
  }

  /** JSON has no line break that is not escaped, so that it is one line of data. */
  private static EventFrame frame(byte[] start, byte[] json) {
    ByteArrayOutputStream bytes =
        new ByteArrayOutputStream(start.length + json.length + END.length);
    bytes.writeBytes(start);
    bytes.writeBytes(json);
    bytes.writeBytes(END);
    return new EventFrame(bytes.toByteArray());
  }
}
