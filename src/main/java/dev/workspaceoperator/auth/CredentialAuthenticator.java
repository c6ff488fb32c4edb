package dev.workspaceoperator.auth;

import dev.workspaceoperator.auth.CredentialJudgement.Bad;
import dev.workspaceoperator.auth.CredentialJudgement.Fault;
import dev.workspaceoperator.auth.CredentialJudgement.Good;
import dev.workspaceoperator.auth.SignInMetrics.Kind;
import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.WorkspaceChanges;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Judges credentials of every kind, and counts those that fail.
 *
 * <p>It may be told of changes to the store, and then refuses a revoked key sooner than within the
 * half second that it holds to without.
 */
public final class CredentialAuthenticator
    implements Authenticator, WorkspaceChanges, AutoCloseable {
  private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration REFRESH_CHECK = Duration.ofSeconds(15);

  private final FailedAttempts failures;
  private final ApiKeySignIn apiKeys;
  private final TokenVerifier verifier;
  private final TokenSignIn tokens;
  private final SignInMetrics metrics;
  private final List<Thread> refreshes;

  private CredentialAuthenticator(
      WorkspaceDirectory directory,
      List<IssuerKeys> issuers,
      MeterRegistry registry,
      TimeSource time) {
    this.failures = new FailedAttempts(time.nanos());
    SignInLines lines = new SignInLines(SignInBounds.STANDARD, registry);
    this.apiKeys = new ApiKeySignIn(directory, lines, time);
    this.verifier = new TokenVerifier(issuers, lines, new KnownGood<>(time.nanos()), time);
    this.tokens = new TokenSignIn(directory, lines, time);
    this.metrics = new SignInMetrics(registry);
    this.refreshes =
        issuers.stream()
            .map(keys ->
                Thread.ofVirtual()
                    .name("jwks-refresh " + keys.issuer().label())
                    .start(Loop.kept("jwks-refresh", () -> keepFresh(keys))))
            .toList();
  }

  /**
   * One that knows API keys and the tokens of these issuers, whose keys it fetches from now on.
   *
   * @param issuers as read by {@link IssuerFile}; may be empty
   * @param proxies on the way to them
   */
  public static CredentialAuthenticator create(
      WorkspaceDirectory directory,
      List<TokenIssuer> issuers,
      ForwardProxies proxies,
      MeterRegistry registry) {
    return create(directory, issuers, proxies, registry, TimeSource.SYSTEM, FETCH_TIMEOUT);
  }

  /** The same without proxies. */
  public static CredentialAuthenticator create(
      WorkspaceDirectory directory, List<TokenIssuer> issuers, MeterRegistry registry) {
    return create(directory, issuers, ForwardProxies.NONE, registry);
  }

  static CredentialAuthenticator create(
      WorkspaceDirectory directory,
      List<TokenIssuer> issuers,
      MeterRegistry registry,
      TimeSource time,
      Duration fetchTimeout) {
    return create(directory, issuers, ForwardProxies.NONE, registry, time, fetchTimeout);
  }

  static CredentialAuthenticator create(
      WorkspaceDirectory directory,
      List<TokenIssuer> issuers,
      ForwardProxies proxies,
      MeterRegistry registry,
      TimeSource time,
      Duration fetchTimeout) {
    JwksMetrics jwks = new JwksMetrics(registry);
    List<IssuerKeys> keys =
        issuers.stream()
            .map(issuer ->
                new IssuerKeys(
                    issuer,
                    new KeySetFetcher(issuer.issuer(), issuer.keys(), proxies, fetchTimeout)::fetch,
                    time,
                    jwks.listener(issuer)))
            .toList();
    keys.forEach(jwks::watch);
    return new CredentialAuthenticator(directory, keys, registry, time);
  }

  @Override
  public Result authenticate(Attempt attempt) {
    return switch (CredentialHeaders.read(attempt)) {
      case CredentialHeaders.None(Result why) -> answered(Kind.NONE, attempt, why);
      case CredentialHeaders.One(Credential.Key(ApiKey key)) ->
          answered(Kind.API_KEY, attempt, apiKeys.signIn(key, attempt.source()));
      case CredentialHeaders.One(Credential.Token(String text)) -> token(attempt, text);
    };
  }

  @Override
  public void changed(ResourceIdentity identity, long revision) {
    // No credential ends by this.
  }

  @Override
  public void freed() {
    apiKeys.forget();
    tokens.forget();
  }

  @Override
  public void revoked(Set<ApiKeyDigest> keys) {
    apiKeys.forget(keys);
  }

  @Override
  public void resync() {
    freed();
  }

  /** Stops fetching keys. */
  @Override
  public void close() {
    refreshes.forEach(Thread::interrupt);
  }

  private static void keepFresh(IssuerKeys keys) {
    try {
      while (true) {
        keys.refreshIfDue();
        Thread.sleep(REFRESH_CHECK);
      }
    } catch (InterruptedException e) {
      // Closed: nobody asks for these keys any more.
    }
  }

  private Result token(Attempt attempt, String text) {
    return switch (verifier.verify(text, attempt.source())) {
      case Good<TokenIdentity>(TokenIdentity identity) ->
          answered(
              Kind.TOKEN, attempt, tokens.signIn(identity, attempt.workspace(), attempt.source()));
      case Bad<TokenIdentity>(String detail, Fault fault) ->
          switch (fault) {
            case TOKEN -> answered(Kind.TOKEN, attempt, new Unauthenticated(detail, true));
            // Nobody failed: a good token is never counted against its source.
            case ISSUER -> metrics.count(Kind.TOKEN, new Unauthenticated(detail, true));
          };
    };
  }

  private Result answered(Kind kind, Attempt attempt, Result judged) {
    return metrics.count(
        kind,
        judged instanceof Unauthenticated refused && refused.credentialGiven()
            ? failures.count(attempt.source()).<Result>map(TooManyFailures::new).orElse(refused)
            : judged);
  }
}
