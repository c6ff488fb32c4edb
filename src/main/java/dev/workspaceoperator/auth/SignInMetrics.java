package dev.workspaceoperator.auth;

import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.Ambiguous;
import dev.workspaceoperator.auth.Authenticator.NoWorkspace;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.TooManyFailures;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import dev.workspaceoperator.auth.Authenticator.WorkspaceRequired;
import dev.workspaceoperator.metric.Metric;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/** Counts sign-ins by kind of credential and outcome; both are from short fixed lists. */
final class SignInMetrics {
  static final String METRIC = Metric.SIGN_INS.meter();

  /** The label {@code credential}. */
  enum Kind {
    NONE("none"),
    API_KEY("api_key"),
    TOKEN("token");

    private final String label;

    Kind(String label) {
      this.label = label;
    }
  }

  /** The label {@code outcome}. */
  private enum SignInResult {
    ACCEPTED("accepted"),
    AMBIGUOUS("ambiguous"),
    UNAUTHENTICATED("unauthenticated"),
    WORKSPACE_REQUIRED("workspace_required"),
    NO_WORKSPACE("no_workspace"),
    TOO_MANY_FAILURES("too_many_failures");

    private final String label;

    SignInResult(String label) {
      this.label = label;
    }
  }

  private final Map<Kind, Map<SignInResult, Counter>> counters = new EnumMap<>(Kind.class);

  SignInMetrics(MeterRegistry registry) {
    for (Kind kind : Kind.values()) {
      Map<SignInResult, Counter> row = new EnumMap<>(SignInResult.class);
      for (SignInResult outcome : SignInResult.values()) {
        row.put(outcome, counter(registry, kind, outcome));
      }
      counters.put(kind, row);
    }
  }

  /** Counts a result and gives it back. */
  Result count(Kind kind, Result result) {
    Counter counter = counters.getOrDefault(kind, Map.of()).get(outcome(result));
    if (counter != null) {
      counter.increment();
    }
    return result;
  }

  private static Counter counter(MeterRegistry registry, Kind kind, SignInResult outcome) {
    return Metric.SIGN_INS.counter(registry, kind.label, outcome.label);
  }

  private static SignInResult outcome(Result result) {
    return switch (result) {
      case Accepted _ -> SignInResult.ACCEPTED;
      case Ambiguous _ -> SignInResult.AMBIGUOUS;
      case Unauthenticated _ -> SignInResult.UNAUTHENTICATED;
      case WorkspaceRequired _ -> SignInResult.WORKSPACE_REQUIRED;
      case NoWorkspace _ -> SignInResult.NO_WORKSPACE;
      case TooManyFailures _ -> SignInResult.TOO_MANY_FAILURES;
    };
  }
}
