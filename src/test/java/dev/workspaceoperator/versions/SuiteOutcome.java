package dev.workspaceoperator.versions;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * What the tests of one version came to.
 *
 * @param served what the server said its version was
 * @param tests that ran
 * @param skipped that did not
 * @param failed names of tests, and of classes that could not begin or end
 */
record SuiteOutcome(String served, long tests, long skipped, List<String> failed) {
  /** Nothing is known of the tests. */
  static SuiteOutcome broken(String cause) {
    return new SuiteOutcome("?", 0, 0, List.of(cause));
  }

  /** Nothing failed, and something ran. */
  boolean good() {
    return failed.isEmpty() && tests > 0;
  }

  void write(Path file) throws IOException {
    Properties all = new Properties();
    all.setProperty("served", served);
    all.setProperty("tests", Long.toString(tests));
    all.setProperty("skipped", Long.toString(skipped));
    all.setProperty("failed", String.join("\n", failed));
    try (Writer out = Files.newBufferedWriter(file)) {
      all.store(out, null);
    }
  }

  static SuiteOutcome read(Path file) throws IOException {
    Properties all = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      all.load(in);
    }
    return new SuiteOutcome(
        all.getProperty("served"),
        Long.parseLong(all.getProperty("tests")),
        Long.parseLong(all.getProperty("skipped")),
        Stream.of(all.getProperty("failed").split("\n", -1)).filter(it -> !it.isEmpty()).toList());
  }
}
