package dev.workspaceoperator.app.option;

import dev.workspaceoperator.notification.NotificationFile;
import dev.workspaceoperator.notification.NotificationSettings;
import dev.workspaceoperator.notification.WorkspaceReceivers;
import dev.workspaceoperator.workspace.port.ReceiverRules;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who is told what happens. */
public final class NotificationOptions {
  @Option(
      names = "--notifications-file",
      paramLabel = "FILE",
      description =
          "Who is told of kill switches, budgets, overrides and refused plans, in YAML or JSON; read at the start. See docs/notifications.md. Default: nobody.")
  private @Nullable String file;

  /** The receivers of the file; none without one. */
  public NotificationSettings read(ConfigurationReader reader) {
    return reader
        .file("--notifications-file", file)
        .map(path ->
            NotificationFile.read(
                path, mistake -> reader.mistake("--notifications-file " + mistake)))
        .orElse(NotificationSettings.NONE);
  }

  /** What manifests may name; the keys are not opened. */
  public ReceiverRules readRules(ConfigurationReader reader) {
    return reader
        .file("--notifications-file", file)
        .map(path ->
            NotificationFile.readRules(
                path, mistake -> reader.mistake("--notifications-file " + mistake)))
        .orElse(WorkspaceReceivers.NONE);
  }
}
