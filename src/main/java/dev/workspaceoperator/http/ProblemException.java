package dev.workspaceoperator.http;

/** Ends a request with a {@link Problem}, from wherever its bad input is found. */
final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  ProblemException(Problem problem) {
    // Bad input is no bug: nobody reads a stack trace of it, and it must not cost one.
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  ProblemException(ProblemCode code, String detail) {
    this(Problem.of(code, detail));
  }

  Problem problem() {
    return problem;
  }
}
