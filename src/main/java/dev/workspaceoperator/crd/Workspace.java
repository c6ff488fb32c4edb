package dev.workspaceoperator.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** A team's workspace for AI agents, as declared in a manifest (design.md §5). */
@Group(Workspace.GROUP)
@Version(Workspace.VERSION)
@Kind(Workspace.KIND)
@ShortNames("ws")
@JsonInclude(JsonInclude.Include.NON_NULL)
public final class Workspace extends CustomResource<WorkspaceSpec, WorkspaceStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  /** API group. */
  public static final String GROUP = "workspace-operator.dev";

  /** API version. */
  public static final String VERSION = "v1";

  /** Kind. */
  public static final String KIND = "Workspace";

  /** What the manifest asks for; null where the manifest has no spec, which asks for nothing. */
  @Override
  @JsonPropertyDescription("What is asked for. Every field may be left out.")
  public @Nullable WorkspaceSpec getSpec() {
    return super.getSpec();
  }

  /** What the operator last told; null before it told anything that can be read. */
  @Override
  @JsonPropertyDescription("What is in force, and how it came about. Written by the operator.")
  public @Nullable WorkspaceStatus getStatus() {
    return super.getStatus();
  }

  @Override
  @JsonDeserialize(using = StatusDeserializer.class)
  public void setStatus(@Nullable WorkspaceStatus status) {
    super.setStatus(status);
  }

  @Override
  protected @Nullable WorkspaceSpec initSpec() {
    return null;
  }

  @Override
  protected @Nullable WorkspaceStatus initStatus() {
    return null;
  }
}
