package dev.workspaceoperator.http.console;

import dev.workspaceoperator.auth.TokenIssuer;
import dev.workspaceoperator.auth.TokenIssuer.Oidc;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the console is told of the server that it came from.
 *
 * @param version of this program
 * @param issuers whose people sign in to it; others sign in with an API key
 */
public record ConsoleSettings(String version, List<TokenIssuer> issuers) {
  /** For people with API keys. */
  public static final ConsoleSettings STANDARD = new ConsoleSettings("", List.of());

  public ConsoleSettings {
    issuers = List.copyOf(issuers);
  }

  /** Those of the issuers that know the console. */
  Stream<SignInPlace> places() {
    return issuers.stream()
        .flatMap(issuer ->
            issuer.tenancy() instanceof Oidc oidc
                ? oidc.console().stream()
                    .map(client ->
                        new SignInPlace(
                            issuer.issuer(), client.clientId(), client.scopes(), client.origins()))
                : Stream.empty());
  }

  /**
   * Where people sign in.
   *
   * @param issuer found by its {@code /.well-known/openid-configuration}
   * @param clientId the console's name there
   * @param scopes what it asks for
   * @param origins which the page speaks to
   */
  record SignInPlace(String issuer, String clientId, List<String> scopes, List<String> origins) {}
}
