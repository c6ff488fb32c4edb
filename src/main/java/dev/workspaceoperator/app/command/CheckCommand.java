package dev.workspaceoperator.app.command;

import dev.workspaceoperator.app.option.AuditOptions;
import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.DatabaseOptions;
import dev.workspaceoperator.gate.BooksAudit;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.AuditFinding;
import dev.workspaceoperator.store.AuditVerifier;
import dev.workspaceoperator.store.DatabaseCheck;
import dev.workspaceoperator.store.ExpectedHead;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code workspace-operator check}. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Checks that the books and the audit chains of a live database are whole.",
      "What is booked as spent and reserved must be what the steps add up to, and as many runs be"
          + " counted as are running. Reads only, in one snapshot, so that work under way gives no"
          + " false alarm. It takes as long as the database is big: no statement timeout ends it."
    },
    exitCodeListHeading = Verdict.HEADING,
    exitCodeList = {
      Verdict.CLEAN_MEANS,
      Verdict.DISAGREES_MEANS,
      Verdict.USAGE_MEANS,
      Verdict.UNKNOWN_MEANS
    },
    exitCodeOnExecutionException = Verdict.UNKNOWN)
public final class CheckCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private AuditOptions audit = new AuditOptions();
  @Mixin private HeadsOption heads = new HeadsOption();

  @Option(
      names = "--lines",
      paramLabel = "N",
      defaultValue = "100",
      description =
          "How many things that are wrong are printed; then how many more there are. Default:"
              + " ${DEFAULT-VALUE}.")
  private String lines = "100";

  @Override
  public Integer call() {
    ConfigurationReader reader = ConfigurationReader.of(spec);
    DatabaseSettings settings = database.read(reader).forCommands().forAudits();
    AuditChain chain = audit.read(reader);
    List<ExpectedHead> expected = heads.read(reader);
    int shown = reader.integer("--lines", lines, 1, 1_000_000);
    reader.finish();
    DatabaseCheck.requireReadable(
        settings, Objects.requireNonNull(spec).commandLine().getErr()::println);
    BooksAudit.Report books = new BooksAudit(settings).run(shown);
    try (Database opened = Database.open(settings)) {
      return print(books, new AuditVerifier(opened, chain).verifyAll(expected), shown);
    }
  }

  private int print(BooksAudit.Report books, AuditVerifier.Report chains, int shown) {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    Stream.concat(
            books.shown().stream().map(BooksAudit.Disagreement::sentence),
            chains.findings().stream().map(AuditFinding::sentence))
        .limit(shown)
        .forEach(out::println);
    chains.notes().stream()
        .map(AuditVerifier.LossNote::sentence)
        .limit(shown)
        .forEach(out::println);
    long wrong = books.disagreements() + chains.findings().size();
    if (wrong > shown) {
      out.println("%d more.".formatted(wrong - shown));
    }
    out.println(
        "%d workspace(s), %d run(s), %d step(s), day by day from %s; %d audit chain(s), %d row(s): %s."
            .formatted(
                books.scope().workspaces(),
                books.scope().runs(),
                books.scope().steps(),
                books.scope().firstDay(),
                chains.chains(),
                chains.rows(),
                wrong == 0 ? "nothing disagrees" : wrong + " disagree(s)"));
    return wrong == 0 ? Verdict.CLEAN : Verdict.DISAGREES;
  }
}
