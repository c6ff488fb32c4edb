package dev.workspaceoperator.http.server;

import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import dev.workspaceoperator.workspace.port.UnstorableTextException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns whatever a request failed with into a problem; what is not its caller's doing is logged.
 */
public final class FailureProblems {
  private static final Duration RETRY_OVERLOADED = Duration.ofSeconds(1);
  private static final Duration RETRY_STORE = Duration.ofSeconds(2);
  private static final Logger log = LoggerFactory.getLogger(FailureProblems.class);

  private FailureProblems() {}

  /**
   * The problem of a failure.
   *
   * @param requestId by which the log can be searched
   */
  public static Problem of(Throwable failure, String requestId) {
    return switch (failure) {
      case ProblemException e -> e.problem();
      case UnstorableTextException e ->
          Problem.invalid(List.of(new Problem.FieldError("#", Objects.toString(e.getMessage()))));
      case ShareExceededException e ->
          Problem.of(
                  ProblemCode.TOO_MANY_REQUESTS,
                  "Too much is under way for this workspace: %s. Try again in %s."
                      .formatted(e.getMessage(), Problem.inSeconds(e.retryAfter())))
              .retryAfter(e.retryAfter());
      case OverloadedException _ ->
          Problem.of(
                  ProblemCode.OVERLOADED,
                  "The server has too much to do. Try again in %s."
                      .formatted(Problem.inSeconds(RETRY_OVERLOADED)))
              .retryAfter(RETRY_OVERLOADED);
      case StoreUnavailableException e -> {
        log.atWarn()
            .addKeyValue("request_id", requestId)
            .addKeyValue("cause", Objects.toString(e.getMessage()))
            .log("The store cannot be reached");
        yield Problem.of(
                ProblemCode.STORE_UNAVAILABLE,
                "The store cannot be reached. Try again in %s."
                    .formatted(Problem.inSeconds(RETRY_STORE)))
            .retryAfter(RETRY_STORE);
      }
      default -> {
        log.atError()
            .addKeyValue("request_id", requestId)
            .setCause(failure)
            .log("A request failed");
        yield Problem.of(
            ProblemCode.INTERNAL_ERROR,
            "The server has failed. Its log tells more under the request_id.");
      }
    };
  }
}
