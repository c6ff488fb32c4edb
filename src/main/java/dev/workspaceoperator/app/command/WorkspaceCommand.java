package dev.workspaceoperator.app.command;

import dev.workspaceoperator.app.option.AuditOptions;
import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.DatabaseOptions;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.DatabaseCheck;
import dev.workspaceoperator.store.PostgresWorkspaceRegistry;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.WorkspaceRegistry;
import dev.workspaceoperator.workspace.port.WorkspaceRegistry.RegistryOutcome;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code workspace-operator workspace}. */
@Command(
    name = "workspace",
    mixinStandardHelpOptions = true,
    description = "Lists workspaces, and tidies up those whose resource is gone.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      WorkspaceCommand.ListAll.class,
      WorkspaceCommand.Archive.class,
      WorkspaceCommand.ReleaseSlug.class
    })
public final class WorkspaceCommand extends CommandGroup {
  /** {@code workspace-operator workspace list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = {
        "Lists every workspace of the store, of every cluster.",
        "State: present (a resource exists), frozen (deleted with Retain: what it declared stays"
            + " in"
            + " force) or archived (deleted with Delete: nothing is admitted, the books stay)."
      })
  static final class ListAll implements Callable<Integer> {
    private static final List<String> HEADER =
        List.of("CLUSTER", "NAMESPACE", "NAME", "SLUG", "STATE", "PLAN", "KILLED", "ID");

    @Spec private @Nullable CommandSpec spec;
    @Mixin private DatabaseOptions database = new DatabaseOptions();

    @Override
    public Integer call() {
      DatabaseSettings settings = readDatabase(database, spec);
      DatabaseCheck.requireReadable(
          settings, Objects.requireNonNull(spec).commandLine().getErr()::println);
      try (Database opened = Database.open(settings)) {
        List<StoredWorkspace> workspaces =
            new PostgresWorkspaceRegistry(opened, AuditChain.unkeyed()).list();
        CommandSpec self = Objects.requireNonNull(spec);
        if (workspaces.isEmpty()) {
          self.commandLine().getErr().println("There are no workspaces yet.");
        } else {
          new TextTable(HEADER, workspaces.stream().map(ListAll::row).toList())
              .print(self.commandLine().getOut());
        }
      }
      return ExitCode.OK;
    }

    private static List<String> row(StoredWorkspace workspace) {
      return List.of(
          workspace.identity().cluster(),
          workspace.identity().namespace(),
          workspace.identity().name(),
          workspace.slug().orElse("-"),
          workspace.state().name().toLowerCase(Locale.ROOT),
          workspace.layers().declared().plan().label(),
          String.valueOf(workspace.layers().killSwitch().active()),
          workspace.id().toString());
    }
  }

  /** {@code workspace-operator workspace archive}. */
  @Command(
      name = "archive",
      mixinStandardHelpOptions = true,
      description = {
        "Archives a frozen workspace.",
        "That is one whose resource was deleted with deletionPolicy Retain. Nothing is admitted any"
            + " more, its slug is free, its books stay."
      })
  static final class Archive implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;
    @Mixin private DatabaseOptions database = new DatabaseOptions();
    @Mixin private AuditOptions audit = new AuditOptions();
    @Mixin private Identity identity = new Identity();

    @Override
    public Integer call() {
      return tidyUp(
          database,
          audit,
          identity,
          spec,
          WorkspaceRegistry::archive,
          "Archived. Its slug is free.");
    }
  }

  /** {@code workspace-operator workspace release-slug}. */
  @Command(
      name = "release-slug",
      mixinStandardHelpOptions = true,
      description = {
        "Frees the slug of a frozen workspace, so that another one may take it.",
        "Frozen is one whose resource was deleted with deletionPolicy Retain. Everything else of it"
            + " stays in force."
      })
  static final class ReleaseSlug implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;
    @Mixin private DatabaseOptions database = new DatabaseOptions();
    @Mixin private AuditOptions audit = new AuditOptions();
    @Mixin private Identity identity = new Identity();

    @Override
    public Integer call() {
      return tidyUp(
          database, audit, identity, spec, WorkspaceRegistry::releaseSlug, "The slug is free.");
    }
  }

  /** Which workspace. */
  static final class Identity {
    @Option(
        names = "--cluster-name",
        paramLabel = "NAME",
        defaultValue = "default",
        description = "The cluster that it was declared in. Default: ${DEFAULT-VALUE}.")
    private String cluster = "default";

    @Parameters(
        paramLabel = "NAMESPACE/NAME",
        description = "The workspace's resource, as `workspace list` shows it.")
    private String resource = "";

    Optional<ResourceIdentity> read(ConfigurationReader reader) {
      String[] parts = resource.split("/", -1);
      if (parts.length == 2 && !parts[0].isBlank() && !parts[1].isBlank()) {
        return Optional.of(new ResourceIdentity(cluster, parts[0], parts[1]));
      }
      reader.mistake(
          "NAMESPACE/NAME must be like team-a/research, not \"%s\".".formatted(resource));
      return Optional.empty();
    }
  }

  @FunctionalInterface
  private interface Tidying {
    RegistryOutcome apply(WorkspaceRegistry registry, ResourceIdentity identity, String actor);
  }

  private static DatabaseSettings readDatabase(
      DatabaseOptions database, @Nullable CommandSpec spec) {
    ConfigurationReader reader = ConfigurationReader.of(spec);
    DatabaseSettings settings = database.read(reader).forCommands();
    reader.finish();
    return settings;
  }

  private static int tidyUp(
      DatabaseOptions database,
      AuditOptions audit,
      Identity identity,
      @Nullable CommandSpec spec,
      Tidying tidying,
      String done) {
    ConfigurationReader reader = ConfigurationReader.of(spec);
    DatabaseSettings settings = database.read(reader).forCommands();
    AuditChain auditChain = audit.read(reader);
    Optional<ResourceIdentity> read = identity.read(reader);
    reader.finish();
    ResourceIdentity wanted = read.orElseThrow();
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    DatabaseCheck.require(settings);
    try (Database opened = Database.open(settings)) {
      RegistryOutcome outcome =
          tidying.apply(new PostgresWorkspaceRegistry(opened, auditChain), wanted, ACTOR);
      err.println(
          switch (outcome) {
            case DONE -> done;
            case NOT_FOUND ->
                "There is no workspace %s. `workspace-operator workspace list` shows those there are."
                    .formatted(wanted);
            case RESOURCE_PRESENT ->
                "A Workspace resource %s exists in cluster %s, and its manifest decides. Delete it first: kubectl delete workspace -n %s %s"
                    .formatted(
                        wanted.namespacedName(),
                        wanted.cluster(),
                        wanted.namespace(),
                        wanted.name());
          });
      return outcome == RegistryOutcome.DONE ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }
}
