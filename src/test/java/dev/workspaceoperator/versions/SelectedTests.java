package dev.workspaceoperator.versions;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs a subject's tests in this JVM, one class after the other, at the size of a build. */
final class SelectedTests {
  private SelectedTests() {}

  /** Takes a {@link Subject} and the file that the {@link SuiteOutcome} is written to. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, SQLException {
    Subject subject = Subject.valueOf(arguments[0]);
    outcome(subject).write(Path.of(arguments[1]));
    // Threads that tests left behind keep nobody waiting.
    System.exit(0);
  }

  private static SuiteOutcome outcome(Subject subject)
      throws IOException, InterruptedException, SQLException {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectPackage("dev.workspaceoperator"))
            .filters(
                ClassNameFilter.includeClassNamePatterns(subject.tests()),
                TagFilter.excludeTags("long"))
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, new Announcing(), listener);
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8), 40);
    List<String> failed =
        summary.getFailures().stream()
            .map(failure -> Announcing.name(failure.getTestIdentifier()))
            .toList();
    return new SuiteOutcome(
        subject.served(), summary.getTestsStartedCount(), summary.getTestsSkippedCount(), failed);
  }
}
