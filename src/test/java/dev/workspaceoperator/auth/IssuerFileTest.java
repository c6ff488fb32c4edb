package dev.workspaceoperator.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.TokenIssuer.ClaimHolds;
import dev.workspaceoperator.auth.TokenIssuer.KeyLocation;
import dev.workspaceoperator.auth.TokenIssuer.Kubernetes;
import dev.workspaceoperator.auth.TokenIssuer.Oidc;
import dev.workspaceoperator.workspace.Scope;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IssuerFileTest {
  private static final String GOOD_OIDC =
      "issuer: https://a.example, audience: x, jwksUri: https://a.example/keys,"
          + " workspaceClaim: ws, maxScopes: [workspace:read]";
  private static final String GOOD_CLUSTER =
      "kind: kubernetes, issuer: https://kubernetes.default.svc, cluster: east,"
          + " jwksUri: https://east.example/openid/v1/jwks";

  private final List<String> mistakes = new ArrayList<>();
  @TempDir private Path files;

  @Test
  void everyFieldIsRead() throws IOException {
    Path ca = Files.writeString(files.resolve("ca.crt"), "x");
    Path token = Files.writeString(files.resolve("token"), "x");

    List<TokenIssuer> issuers =
        read(
            """
            issuers:
              - issuer: https://login.example
                audience: [one, two]
                jwksUri: https://login.example/keys
                caFile: %s
                keepKeysHours: 2
                workspaceClaim: ws
                workspaceClaimHolds: slug
                userClaim: email
                scopeClaim: [scp, roles]
                console: {clientId: page, scopes: [openid, ws], origins: ["https://oauth2.example"]}
                defaultScopes: [workspace:read]
                maxScopes: [workspace:read, fleet:read]
              - kind: kubernetes
                issuer: https://kubernetes.default.svc
                cluster: east
                jwksUri: https://east.example/openid/v1/jwks
                tokenFile: %s
                fleetAccounts: [operations/on-call, operations/dashboard]
                fleetScopes: [fleet:read]
            """
                .formatted(ca, token));

    assertThat(mistakes).isEmpty();
    Set<Scope> ofAccounts = Set.of(Scope.WORKSPACE_READ, Scope.RUNS_WRITE);
    assertThat(issuers)
        .containsExactly(
            new TokenIssuer(
                "https://login.example",
                Set.of("one", "two"),
                new KeyLocation(
                    Optional.of(URI.create("https://login.example/keys")),
                    Optional.of(ca),
                    Optional.empty(),
                    Duration.ofHours(2)),
                Set.of(Scope.WORKSPACE_READ),
                Set.of(Scope.WORKSPACE_READ, Scope.FLEET_READ),
                new Oidc(
                    List.of(new ClaimName("ws")),
                    ClaimHolds.SLUG,
                    List.of(new ClaimName("email")),
                    List.of(new ClaimName("scp"), new ClaimName("roles")),
                    Optional.of(
                        new ConsoleClient(
                            "page",
                            List.of("openid", "ws"),
                            List.of("https://login.example", "https://oauth2.example"))))),
            new TokenIssuer(
                "https://kubernetes.default.svc",
                Set.of("workspace-operator"),
                new KeyLocation(
                    Optional.of(URI.create("https://east.example/openid/v1/jwks")),
                    Optional.empty(),
                    Optional.of(token),
                    Duration.ofHours(24)),
                ofAccounts,
                ofAccounts,
                new Kubernetes(
                    "east",
                    Set.of("operations/on-call", "operations/dashboard"),
                    Set.of(Scope.FLEET_READ))));
  }

  @Test
  void jsonIsReadToo() throws IOException {
    assertThat(
            read(
                """
                {"issuers":[{"issuer":"https://a.example","audience":"x","discovery":true,
                 "workspaceClaim":"ws","maxScopes":["workspace:read"]}]}\
                """))
        .hasSize(1);
    assertThat(mistakes).isEmpty();
  }

  @Test
  void allMistakesAreToldAtOnce() throws IOException {
    read(
        """
        issuers:
          - issuer: 7
            jwksUri: http://login.example/keys
            caFile: /nowhere/ca.crt
            keepKeysHours: 0
            workspaceClaimHolds: name
            defaultScopes: [runs:write, everything]
            maxScopes: [workspace:read]
            colour: blue
          - kind: kubernetes
            discovery: true
            maxScopes: [fleet:read]
            fleetAccounts: [on-call]
            fleetScopes: [fleet:write, runs:write]
          - kind: saml
          - nonsense
        """);

    assertThat(mistakes)
        .allSatisfy(mistake -> assertThat(mistake).startsWith(files.toString()).endsWith("."));
    assertThat(String.join("\n", mistakes))
        .contains(
            "issuers[0].issuer must be a text",
            "issuers[0].audience is required",
            "issuers[0].jwksUri must be an https address",
            "issuers[0].caFile must be the path of a file",
            "issuers[0].keepKeysHours must be a whole number from 1 to 168",
            "issuers[0].workspaceClaim is required",
            "issuers[0].workspaceClaimHolds must be one of id, id-or-slug, slug",
            "issuers[0].defaultScopes has the unknown scope \"everything\"",
            "issuers[0].defaultScopes must not have scopes that maxScopes has not",
            "issuers[0].colour is not known",
            "issuers[1].cluster is required",
            "issuers[1].issuer is required",
            "issuers[1].maxScopes must not have fleet scopes",
            "issuers[1].fleetAccounts must have ServiceAccounts as NAMESPACE/NAME",
            "issuers[1].fleetScopes must have fleet scopes only",
            "issuers[2].kind must be oidc",
            "issuers[3] must be an object");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "issuers: {}                        | must be an object with a list",
        "[]                                 | must be an object with a list",
        "''                                 | must be an object with a list",
        "{issuers: [], more: 1}             | more is not known",
        "{issuers: [], issuers: []}         | neither YAML nor JSON",
        "'{\"issuers\": ['                  | neither YAML nor JSON",
        "{issuers: [{GOOD_OIDC}, {GOOD_OIDC}]}       | two entries",
        "{issuers: [{GOOD_CLUSTER}, {GOOD_CLUSTER}]} | two entries",
        "{issuers: [{GOOD_OIDC, discovery: true}]}   | or else discovery",
        "{issuers: [{GOOD_OIDC, scopeClaim: []}]}    | scopeClaim must name a claim",
        "{issuers: [{GOOD_OIDC, userClaim: [a b]}]}  | userClaim must be a list of texts",
        "{issuers: [{GOOD_OIDC, tokenFile: /x}]}     | tokenFile is not known",
        "{issuers: [{GOOD_CLUSTER, userClaim: sub}]} | userClaim is not known",
        "{issuers: [{GOOD_CLUSTER, console: {clientId: a}}]} | console is not known",
        "{issuers: [{GOOD_OIDC, console: a}]}        | console must be an object",
        "{issuers: [{GOOD_OIDC, console: {}}]}       | issuers[0].console.clientId is required",
        "{issuers: [{GOOD_OIDC, console: {clientId: a, secret: b}}]} | issuers[0].console.secret is not known",
        "{issuers: [{GOOD_OIDC, console: {clientId: a, origins: 'https://b.example/c'}}]} | issuers[0].console.origins must be",
        "{issuers: [{GOOD_OIDC, console: {clientId: a, origins: '*'}}]} | issuers[0].console.origins must be",
        "{issuers: [{GOOD_CLUSTER, fleetAccounts: a/b}]}        | fleetScopes goes with fleetAccounts",
        "{issuers: [{GOOD_CLUSTER, fleetScopes: 'fleet:read'}]} | fleetScopes goes with fleetAccounts",
        "{issuers: [{GOOD_CLUSTER, fleetAccounts: a/b/c, fleetScopes: 'fleet:read'}]} | NAMESPACE/NAME",
        "{issuers: [{GOOD_OIDC, fleetAccounts: a/b}]}           | fleetAccounts is not known",
      })
  void aFileThatCannotBeMeantIsRefused(String file, String mistake) throws IOException {
    read(file.replace("GOOD_OIDC", GOOD_OIDC).replace("GOOD_CLUSTER", GOOD_CLUSTER));

    assertThat(mistakes).anySatisfy(sentence -> assertThat(sentence).contains(mistake));
  }

  @Test
  void clustersOfOneIssuerAreToldApartByTheirKeys() throws IOException {
    String west = GOOD_CLUSTER.replace("east", "west");

    assertThat(read("{issuers: [{%s}, {%s}]}".formatted(GOOD_CLUSTER, west))).hasSize(2);
    assertThat(mistakes).isEmpty();
  }

  @Test
  void aMissingFileIsAMistake() {
    IssuerFile.read(files.resolve("none.yaml"), mistakes::add);

    assertThat(mistakes).hasSize(1);
  }

  private List<TokenIssuer> read(String text) throws IOException {
    return IssuerFile.read(Files.writeString(files.resolve("issuers.yaml"), text), mistakes::add);
  }
}
