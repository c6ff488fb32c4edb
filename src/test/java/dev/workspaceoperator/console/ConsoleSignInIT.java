package dev.workspaceoperator.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.auth.IssuerFile;
import dev.workspaceoperator.auth.TokenIssuer;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.workspace.Plan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing in to the console with an account of an issuer. */
class ConsoleSignInIT {
  @Test
  void anAccountOfAnIssuerSignsInByTheCodeFlowWithPkce(@TempDir Path directory) throws Exception {
    try (ApiServer store = ApiServer.on(SharedDatabase.create())) {
      ApiServer.Declared workspace = store.workspace(Plan.SCALE);
      try (IdentityProvider provider = new IdentityProvider(workspace.id().toString())) {
        ApiServer server =
            ApiServer.accepting(store.databaseUrl(), issuers(provider.issuer(), directory));
        try (ConsoleSite site = ConsoleSite.open(directory, server);
            Tab tab = site.tab();
            Tab victim = site.tab()) {
          tab.go(site.url());
          tab.click("Sign in at 127.0.0.1");
          tab.shows("Plan Scale");

          assertThat(provider.mistakes()).isEmpty();
          assertThat(tab.eval("location.search + document.cookie + sessionStorage.length").asText())
              .as("what is left of the sign-in")
              .isEqualTo("0");
          assertThat(tab.requests())
              .allMatch(url ->
                  url.startsWith(site.url().replace("console/", ""))
                      || url.startsWith(provider.issuer()));
          assertThat(tab.errors()).isEmpty();

          tab.click("Kill switch");
          tab.fill("kill-reason", "as ada");
          tab.click("Stop everything now");
          tab.until("document.querySelector('.killed').innerText.includes('ada')");

          // An answer that this tab has not asked for, as an attacker would have it.
          victim.go(site.url());
          victim.eval(
              "sessionStorage.setItem('workspace-operator.sign-in', JSON.stringify({issuer: %s, state: 'its own', verifier: 'x'}))"
                  .formatted(Tab.quoted(provider.issuer())));
          victim.go(site.url() + "?code=stolen&state=mine");
          victim.shows("it was not begun in this tab");
          assertThat(victim.eval("location.search").asText()).isEmpty();
        }
      }
    }
  }

  private static List<TokenIssuer> issuers(String issuer, Path directory) throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("issuers.yaml"),
            """
            issuers:
              - issuer: %s
                audience: %s
                discovery: true
                workspaceClaim: workspace
                maxScopes: [workspace:read, kill-switch:write]
                console:
                  clientId: %s
                  scopes: [openid, workspace]
            """
                .formatted(issuer, IdentityProvider.AUDIENCE, IdentityProvider.CLIENT));
    List<String> mistakes = new ArrayList<>();
    List<TokenIssuer> read = IssuerFile.read(file, mistakes::add);
    assertThat(mistakes).isEmpty();
    return read;
  }
}
