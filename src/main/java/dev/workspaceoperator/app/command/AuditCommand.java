package dev.workspaceoperator.app.command;

import dev.workspaceoperator.app.option.AuditOptions;
import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.DatabaseOptions;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.AuditFinding;
import dev.workspaceoperator.store.AuditVerifier;
import dev.workspaceoperator.store.DatabaseCheck;
import dev.workspaceoperator.store.PostgresWorkspaceRegistry;
import dev.workspaceoperator.workspace.AuditHead;
import dev.workspaceoperator.workspace.StoredWorkspace;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code workspace-operator audit}. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = "Checks the audit log.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {AuditCommand.Verify.class, AuditHeadsCommand.class})
public final class AuditCommand extends CommandGroup {
  /** {@code workspace-operator audit verify}. */
  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description = {
        "Walks the hash chains of the audit log and prints where they are broken.",
        "That is each row that was changed, is missing or was cut off. Reads only."
      },
      footer = {
        "",
        "A head that you kept elsewhere, such as status.audit of the Workspace, also shows rows"
            + " that"
            + " were cut off together with the head in the database:",
        "  workspace-operator audit verify --workspace my-team --head 42:9f86d0…"
      },
      exitCodeListHeading = Verdict.HEADING,
      exitCodeList = {
        Verdict.CLEAN_MEANS,
        Verdict.DISAGREES_MEANS,
        Verdict.USAGE_MEANS,
        Verdict.UNKNOWN_MEANS
      },
      exitCodeOnExecutionException = Verdict.UNKNOWN)
  static final class Verify implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;
    @Mixin private DatabaseOptions database = new DatabaseOptions();
    @Mixin private AuditOptions audit = new AuditOptions();

    @Option(
        names = "--workspace",
        paramLabel = "SLUG|ID",
        description = "Only this workspace. Default: every chain.")
    private @Nullable String workspace;

    @Option(
        names = "--head",
        paramLabel = "SEQ:HASH",
        description = "A row that the chain must have; needs --workspace.")
    private @Nullable String head;

    @Override
    public Integer call() {
      ConfigurationReader reader = ConfigurationReader.of(spec);
      DatabaseSettings settings = database.read(reader).forCommands().forAudits();
      AuditChain chain = audit.read(reader);
      Optional<AuditHead> expected = expected(reader);
      reader.finish();
      DatabaseCheck.requireReadable(
          settings, Objects.requireNonNull(spec).commandLine().getErr()::println);
      try (Database opened = Database.open(settings)) {
        AuditVerifier verifier = new AuditVerifier(opened, chain);
        AuditVerifier.Report report =
            workspace == null
                ? verifier.verifyAll()
                : verifier.verify(workspaceId(opened, workspace), expected);
        return print(report);
      }
    }

    private int print(AuditVerifier.Report report) {
      PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
      report.findings().stream().map(AuditFinding::sentence).forEach(out::println);
      report.notes().stream().map(AuditVerifier.LossNote::sentence).forEach(out::println);
      out.println(
          "%d chain(s), %d row(s), %d finding(s)."
              .formatted(report.chains(), report.rows(), report.findings().size()));
      return report.findings().isEmpty() ? Verdict.CLEAN : Verdict.DISAGREES;
    }

    private Optional<AuditHead> expected(ConfigurationReader reader) {
      if (head == null) {
        return Optional.empty();
      }
      Optional<AuditHead> expected = HeadsOption.head(head);
      if (workspace == null || expected.isEmpty()) {
        reader.mistake(
            "--head must be SEQ:HASH, a number and 64 hex digits, together with --workspace.");
        return Optional.empty();
      }
      return expected;
    }

    /** An archived workspace holds no slug: another may have it now, so only its id names it. */
    private static UUID workspaceId(Database opened, String slugOrId) {
      return new PostgresWorkspaceRegistry(opened, AuditChain.unkeyed())
          .findBySlug(slugOrId)
          .map(StoredWorkspace::id)
          .or(() -> id(slugOrId))
          .orElseThrow(() ->
              new IllegalStateException(
                  "No workspace holds the slug \"%s\". `workspace-operator workspace list` shows the ids of all, also of archived ones."
                      .formatted(slugOrId)));
    }

    private static Optional<UUID> id(String text) {
      try {
        return Optional.of(UUID.fromString(text));
      } catch (IllegalArgumentException notAnId) {
        return Optional.empty();
      }
    }
  }
}
