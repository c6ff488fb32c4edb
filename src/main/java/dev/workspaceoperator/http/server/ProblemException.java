package dev.workspaceoperator.http.server;

/** Ends a request with a {@link Problem}, from wherever its bad input is found. */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  public ProblemException(Problem problem) {
    // Bad input is no bug: nobody reads a stack trace of it, and it must not cost one.
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  public ProblemException(ProblemCode code, String detail) {
    this(Problem.of(code, detail));
  }

  public Problem problem() {
    return problem;
  }
}
