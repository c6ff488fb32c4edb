package dev.workspaceoperator.auth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.workspaceoperator.auth.TokenIssuer.ClaimHolds;
import dev.workspaceoperator.auth.TokenIssuer.KeyLocation;
import dev.workspaceoperator.auth.TokenIssuer.Kubernetes;
import dev.workspaceoperator.auth.TokenIssuer.Oidc;
import dev.workspaceoperator.auth.TokenIssuer.Tenancy;
import dev.workspaceoperator.workspace.Scope;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The file that names the issuers of tokens, in YAML or JSON: {@code {"issuers": [{"issuer": …,
 * "audience": …, "jwksUri": …, …}]}}. Every mistake is told at once.
 */
public final class IssuerFile {
  private static final long BYTES_MAX = 1024 * 1024;
  private static final int KEEP_HOURS_DEFAULT = 24;
  private static final int KEEP_HOURS_MAX = 24 * 7;
  private static final String OIDC = "oidc";
  private static final String KUBERNETES = "kubernetes";
  private static final Pattern ACCOUNT = Pattern.compile("[^/]+/[^/]+");
  private static final String KUBERNETES_AUDIENCE = "workspace-operator";
  private static final Set<Scope> KUBERNETES_SCOPES =
      Set.of(Scope.WORKSPACE_READ, Scope.RUNS_WRITE);
  private static final List<ClaimName> SCOPE_CLAIM = List.of(new ClaimName("scope"));
  private static final List<String> CONSOLE_SCOPES = List.of("openid");
  private static final Map<String, ClaimHolds> CLAIM_HOLDS =
      Map.of("id", ClaimHolds.ID, "slug", ClaimHolds.SLUG, "id-or-slug", ClaimHolds.ID_OR_SLUG);

  private static final ObjectMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Consumer<String> mistakes;

  private IssuerFile(Consumer<String> mistakes) {
    this.mistakes = mistakes;
  }

  /**
   * Reads the file.
   *
   * @param mistakes told each mistake: a sentence that says how to mend it
   * @return the issuers; not all of them, where there was a mistake
   */
  public static List<TokenIssuer> read(Path file, Consumer<String> mistakes) {
    Consumer<String> ofThisFile = sentence -> mistakes.accept(file + ": " + sentence);
    try {
      if (Files.size(file) > BYTES_MAX) {
        ofThisFile.accept("the file is larger than 1 MiB. It should list the issuers of tokens.");
        return List.of();
      }
      return new IssuerFile(ofThisFile).readDocument(YAML.readTree(Files.readAllBytes(file)));
    } catch (JsonProcessingException e) {
      ofThisFile.accept("the file is neither YAML nor JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      ofThisFile.accept("the file cannot be read: " + e.getMessage());
    }
    return List.of();
  }

  private List<TokenIssuer> readDocument(JsonNode document) {
    if (!(document instanceof ObjectNode root) || !root.path("issuers").isArray()) {
      mistakes.accept("the file must be an object with a list \"issuers\".");
      return List.of();
    }
    new IssuerEntry("the file", root, mistakes).refuseOthersThan(Set.of("issuers"));
    List<TokenIssuer> issuers = new ArrayList<>();
    int number = 0;
    for (JsonNode entry : root.path("issuers")) {
      String path = "issuers[%d]".formatted(number++);
      if (entry instanceof ObjectNode object) {
        readIssuer(new IssuerEntry(path, object, mistakes)).ifPresent(issuers::add);
      } else {
        mistakes.accept(path + " must be an object.");
      }
    }
    refuseTwins(issuers);
    return List.copyOf(issuers);
  }

  private Optional<TokenIssuer> readIssuer(IssuerEntry entry) {
    return switch (entry.text("kind").orElse(OIDC)) {
      case OIDC -> readOidc(entry);
      case KUBERNETES -> readKubernetes(entry);
      default -> {
        entry.mistake("kind", "must be oidc (when absent) or kubernetes");
        yield Optional.empty();
      }
    };
  }

  private static Optional<TokenIssuer> readOidc(IssuerEntry entry) {
    entry.refuseOthersThan(
        Set.of(
            "kind",
            "issuer",
            "audience",
            "jwksUri",
            "discovery",
            "caFile",
            "keepKeysHours",
            "workspaceClaim",
            "workspaceClaimHolds",
            "userClaim",
            "scopeClaim",
            "defaultScopes",
            "maxScopes",
            "console"));
    Set<String> audiences = entry.texts("audience");
    if (audiences.isEmpty()) {
      entry.mistake("audience", "is required: what the tokens for this API have in aud");
    }
    Set<Scope> maxScopes = entry.scopes("maxScopes");
    if (maxScopes.isEmpty()) {
      entry.mistake("maxScopes", "is required: the scopes that no token may exceed");
    }
    List<ClaimName> workspaceClaim = entry.claims("workspaceClaim");
    if (workspaceClaim.isEmpty() && !maxScopes.stream().allMatch(Scope::isFleet)) {
      entry.mistake(
          "workspaceClaim",
          "is required, unless maxScopes has fleet scopes only: the claim with the id or slug of"
              + " the workspace");
    }
    Oidc tenancy =
        new Oidc(
            workspaceClaim,
            entry.word("workspaceClaimHolds", CLAIM_HOLDS, ClaimHolds.ID_OR_SLUG),
            entry.claims("userClaim"),
            entry.has("scopeClaim") ? entry.claims("scopeClaim") : SCOPE_CLAIM,
            entry.object("console").flatMap(console -> readConsole(entry, console)));
    return issuer(entry, audiences, entry.scopes("defaultScopes"), maxScopes, tenancy);
  }

  private static Optional<ConsoleClient> readConsole(IssuerEntry entry, IssuerEntry console) {
    console.refuseOthersThan(Set.of("clientId", "scopes", "origins"));
    Optional<String> clientId = console.text("clientId");
    if (clientId.isEmpty()) {
      console.mistake("clientId", "is required: the console's name at the issuer");
    }
    Optional<String> origin =
        KeyAddress.parse(entry.text("issuer").orElse("")).map(KeyAddress::origin);
    if (origin.isEmpty()) {
      entry.mistake("issuer", "must be an https address for a console to sign in there");
    }
    Set<String> origins = new LinkedHashSet<>();
    origin.ifPresent(origins::add);
    for (String text : console.texts("origins")) {
      Optional<URI> address = KeyAddress.parse(text);
      if (address.isEmpty() || !KeyAddress.origin(address.get()).equals(text)) {
        console.mistake(
            "origins", "must be addresses without a path, such as https://oauth2.example.com");
      }
      origins.add(text);
    }
    Set<String> scopes = console.texts("scopes");
    entry.adopt(console);
    return Optional.of(
        new ConsoleClient(
            clientId.orElse(""),
            scopes.isEmpty() ? CONSOLE_SCOPES : List.copyOf(scopes),
            List.copyOf(origins)));
  }

  private static Optional<TokenIssuer> readKubernetes(IssuerEntry entry) {
    entry.refuseOthersThan(
        Set.of(
            "kind",
            "issuer",
            "cluster",
            "audience",
            "jwksUri",
            "discovery",
            "caFile",
            "tokenFile",
            "keepKeysHours",
            "defaultScopes",
            "maxScopes",
            "fleetAccounts",
            "fleetScopes"));
    Optional<String> cluster = entry.text("cluster");
    if (cluster.isEmpty()) {
      entry.mistake("cluster", "is required: the --cluster-name of the controller in that cluster");
    }
    Set<String> audiences = entry.texts("audience");
    Set<Scope> defaultScopes =
        entry.has("defaultScopes") ? entry.scopes("defaultScopes") : KUBERNETES_SCOPES;
    Set<Scope> maxScopes = entry.has("maxScopes") ? entry.scopes("maxScopes") : defaultScopes;
    if (maxScopes.stream().anyMatch(Scope::isFleet)) {
      entry.mistake(
          "maxScopes",
          "must not have fleet scopes: every ServiceAccount of the cluster would have them. Name"
              + " those that may in fleetAccounts");
    }
    return issuer(
        entry,
        audiences.isEmpty() ? Set.of(KUBERNETES_AUDIENCE) : audiences,
        defaultScopes,
        maxScopes,
        new Kubernetes(cluster.orElse(""), fleetAccounts(entry), fleetScopes(entry)));
  }

  private static Set<String> fleetAccounts(IssuerEntry entry) {
    Set<String> accounts = entry.texts("fleetAccounts");
    if (!accounts.stream().allMatch(account -> ACCOUNT.matcher(account).matches())) {
      entry.mistake("fleetAccounts", "must have ServiceAccounts as NAMESPACE/NAME");
    }
    return accounts;
  }

  private static Set<Scope> fleetScopes(IssuerEntry entry) {
    Set<Scope> scopes = entry.scopes("fleetScopes");
    if (!scopes.stream().allMatch(Scope::isFleet)) {
      entry.mistake("fleetScopes", "must have fleet scopes only: those accounts have no workspace");
    }
    if (scopes.isEmpty() == entry.has("fleetAccounts")) {
      entry.mistake(
          "fleetScopes", "goes with fleetAccounts: who may do what. Give both or neither");
    }
    return scopes;
  }

  private static Optional<TokenIssuer> issuer(
      IssuerEntry entry,
      Set<String> audiences,
      Set<Scope> defaultScopes,
      Set<Scope> maxScopes,
      Tenancy tenancy) {
    Optional<String> issuer = entry.text("issuer");
    if (issuer.isEmpty()) {
      entry.mistake("issuer", "is required: what the tokens have in iss");
    }
    if (!maxScopes.containsAll(defaultScopes)) {
      entry.mistake("defaultScopes", "must not have scopes that maxScopes has not");
    }
    KeyLocation keys = keys(entry, issuer.orElse(""));
    return entry.isSound()
        ? Optional.of(
            new TokenIssuer(issuer.orElse(""), audiences, keys, defaultScopes, maxScopes, tenancy))
        : Optional.empty();
  }

  private static KeyLocation keys(IssuerEntry entry, String issuer) {
    Optional<String> jwksUri = entry.text("jwksUri");
    boolean discovery = entry.bool("discovery");
    if (jwksUri.isPresent() == discovery) {
      entry.mistake(
          "jwksUri",
          "is required, the address of the issuer's public keys, or else discovery: true. Give one"
              + " of the two");
    }
    if (discovery && KeyAddress.parse(issuer).isEmpty()) {
      entry.mistake("issuer", "must be an https address for discovery");
    }
    Optional<URI> address = jwksUri.flatMap(KeyAddress::parse);
    if (jwksUri.isPresent() && address.isEmpty()) {
      entry.mistake(
          "jwksUri", "must be an https address (http only on this machine) without a password");
    }
    Optional<Path> tokenFile = entry.file("tokenFile");
    if (discovery && tokenFile.isPresent()) {
      entry.mistake(
          "tokenFile",
          "needs jwksUri instead of discovery, so that the token goes to that address alone");
    }
    return new KeyLocation(
        address,
        entry.file("caFile"),
        tokenFile,
        Duration.ofHours(entry.integer("keepKeysHours", 1, KEEP_HOURS_MAX, KEEP_HOURS_DEFAULT)));
  }

  /** Two entries that the same token could be of would leave its holder in doubt. */
  private void refuseTwins(List<TokenIssuer> issuers) {
    for (int i = 0; i < issuers.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (areTwins(issuers.get(j), issuers.get(i))) {
          mistakes.accept(
              "two entries for the issuer %s could mean the same token. Give each another audience%s."
                  .formatted(
                      issuers.get(i).issuer(),
                      issuers.get(i).tenancy() instanceof Kubernetes
                          ? ", or each another cluster and jwksUri"
                          : ""));
        }
      }
    }
  }

  private static boolean areTwins(TokenIssuer one, TokenIssuer other) {
    boolean sameTokens =
        one.issuer().equals(other.issuer())
            && !Collections.disjoint(one.audiences(), other.audiences());
    boolean toldApartByKeys =
        one.tenancy() instanceof Kubernetes(String cluster, _, _)
            && other.tenancy() instanceof Kubernetes(String otherCluster, _, _)
            && !cluster.equals(otherCluster)
            && !one.keys().jwksUri().equals(other.keys().jwksUri());
    return sameTokens && !toldApartByKeys;
  }
}
