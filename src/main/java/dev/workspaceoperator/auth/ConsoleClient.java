package dev.workspaceoperator.auth;

import java.util.List;

/**
 * What the console is at an issuer: a public client, which signs people in by the code flow with
 * PKCE (RFC 7636) and has no secret.
 *
 * @param clientId its name there
 * @param scopes what it asks for
 * @param origins where the issuer's endpoints are, that of the issuer among them: the page may
 *     speak to no others
 */
public record ConsoleClient(String clientId, List<String> scopes, List<String> origins) {
  public ConsoleClient {
    scopes = List.copyOf(scopes);
    origins = List.copyOf(origins);
  }
}
