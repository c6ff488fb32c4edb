package dev.workspaceoperator.auth;

import dev.workspaceoperator.auth.SignInMetrics.Kind;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.WorkspaceChanges;
import dev.workspaceoperator.workspace.WorkspaceDirectory;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Judges credentials of every kind, and counts those that fail.
 *
 * <p>It may be told of changes to the store, and then refuses a revoked key sooner than within the
 * half second that it holds to without.
 */
public final class CredentialAuthenticator implements Authenticator, WorkspaceChanges {
  private final FailedAttempts failures;
  private final ApiKeySignIn apiKeys;
  private final SignInMetrics metrics;

  private CredentialAuthenticator(
      WorkspaceDirectory directory, MeterRegistry registry, TimeSource time) {
    this.failures = new FailedAttempts(time.nanos());
    this.apiKeys = new ApiKeySignIn(directory, new Lanes(failures), time);
    this.metrics = new SignInMetrics(registry);
  }

  /** One that knows API keys. */
  public static CredentialAuthenticator create(
      WorkspaceDirectory directory, MeterRegistry registry) {
    return create(directory, registry, TimeSource.SYSTEM);
  }

  static CredentialAuthenticator create(
      WorkspaceDirectory directory, MeterRegistry registry, TimeSource time) {
    return new CredentialAuthenticator(directory, registry, time);
  }

  @Override
  public Result authenticate(Attempt attempt) {
    return switch (CredentialHeaders.read(attempt)) {
      case CredentialHeaders.None none -> answered(Kind.NONE, attempt, none.why());
      case CredentialHeaders.One one ->
          switch (one.credential()) {
            case Credential.Key key ->
                answered(Kind.API_KEY, attempt, apiKeys.signIn(key.key(), attempt.source()));
            case Credential.Token _ ->
                answered(
                    Kind.TOKEN,
                    attempt,
                    new Unauthenticated(
                        "No issuer of tokens is configured. Use an API key.", true));
          };
    };
  }

  @Override
  public void changed(ResourceIdentity identity, long revision) {
    // No credential ends by this.
  }

  @Override
  public void freed() {
    apiKeys.forget();
  }

  @Override
  public void resync() {
    apiKeys.forget();
  }

  private Result answered(Kind kind, Attempt attempt, Result judged) {
    Result result =
        judged instanceof Unauthenticated refused && refused.credentialGiven()
            ? failures.count(attempt.source()).<Result>map(TooManyFailures::new).orElse(refused)
            : judged;
    metrics.count(kind, result);
    return result;
  }
}
