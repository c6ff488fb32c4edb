package dev.workspaceoperator.versions;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Says which class began, and how it ended. */
final class Announcing implements TestExecutionListener {
  private final Map<String, Long> started = new ConcurrentHashMap<>();

  @Override
  public void executionStarted(TestIdentifier test) {
    if (isClass(test)) {
      started.put(test.getUniqueId(), System.nanoTime());
      System.out.println("> " + name(test));
    }
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    Long since = started.remove(test.getUniqueId());
    if (since != null) {
      System.out.printf(
          "< %s: %d ms%n", name(test), Duration.ofNanos(System.nanoTime() - since).toMillis());
    }
    if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
      System.out.println("! " + name(test) + ": " + result.getThrowable().orElse(null));
    }
  }

  /** As in {@code PlansStoreIT.listsThem}. */
  static String name(TestIdentifier test) {
    return test.getSource()
        .map(source ->
            switch (source) {
              case MethodSource method ->
                  simple(method.getClassName())
                      + "."
                      + (test.getDisplayName().startsWith(method.getMethodName())
                          ? method.getMethodName()
                          : method.getMethodName() + " " + test.getDisplayName());
              case ClassSource type -> simple(type.getClassName());
              default -> test.getDisplayName();
            })
        .orElse(test.getDisplayName());
  }

  private static boolean isClass(TestIdentifier test) {
    return test.getSource().filter(ClassSource.class::isInstance).isPresent();
  }

  private static String simple(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }
}
