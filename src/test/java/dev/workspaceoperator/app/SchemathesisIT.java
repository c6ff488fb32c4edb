package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.contract.Schemathesis;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Made-up requests, good ones and bad ones, find no 5xx and nothing that openapi.yaml lacks. */
final class SchemathesisIT {
  private static final Pattern PASSED = Pattern.compile("(\\d+) generated, \\1 passed");
  private static final Duration DURATION =
      Duration.ofSeconds(Integer.getInteger("schemathesis.seconds", 15));

  @Test
  void theServerKeepsItsContract() throws Exception {
    try (ApiServer server = ApiServer.start()) {
      // A manifest's key: one that was made by the API would be found and revoked.
      ApiKey key = ApiKey.generate(new SecureRandom());
      server.declare(
          server
              .workspace(Plan.SCALE)
              .withKeys(
                  new DeclaredApiKey(
                      "schemathesis",
                      key.digest(),
                      Arrays.stream(Scope.values())
                          .filter(Predicate.not(Scope::isFleet))
                          .collect(Collectors.toSet()),
                      Optional.empty())));
      String fleetKey = server.fleetKey(Scope.FLEET_READ, Scope.FLEET_WRITE);

      CommandResult result =
          Schemathesis.run(
              URI.create("http://127.0.0.1:" + server.port()),
              key.reveal(),
              Optional.of(fleetKey),
              DURATION);

      assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
      // Of a made-up run it may warn that there is none; what it tried has passed, in both rounds.
      assertThat(PASSED.matcher(result.stdout()).results()).hasSize(2);
    }
  }
}
