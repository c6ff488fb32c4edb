package dev.workspaceoperator.auth;

import static dev.workspaceoperator.auth.CredentialJudgement.bad;
import static dev.workspaceoperator.auth.CredentialJudgement.good;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.workspaceoperator.auth.CredentialJudgement.Bad;
import dev.workspaceoperator.auth.CredentialJudgement.Fault;
import dev.workspaceoperator.auth.CredentialJudgement.Good;
import dev.workspaceoperator.digest.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Tells whose a token is, or why it is refused. What costs nothing is looked at first; a signature
 * is checked only if the token would do otherwise.
 *
 * <p>What was verified is remembered for at most {@link #REMEMBERED}, and not beyond the end of the
 * token or the next fetch of its issuer's keys.
 */
final class TokenVerifier {
  static final Duration REMEMBERED = Duration.ofSeconds(60);
  private static final int REMEMBERED_MAX = 10_000;

  private static final CredentialJudgement<Signer> UNPUBLISHED =
      bad("The token is signed with a key that its issuer does not publish.");
  private static final CredentialJudgement<Signer> AMBIGUOUS =
      bad(
          "The token is good for several of the configured issuers, so it does not tell its own."
              + " Configure another audience for each.");
  private static final CredentialJudgement<Signer> TOO_NEW =
      new Bad<>(
          "The token is signed with a key that its issuer did not publish when it was last asked."
              + " Try again in %d seconds.".formatted(IssuerKeys.FETCH_INTERVAL.toSeconds()),
          Fault.ISSUER);

  private final List<IssuerKeys> issuers;
  private final SignInLines lines;
  private final TimeSource time;
  private final ExpiringCache<String, Verified> verified;
  private final KnownGood<String> good;

  /**
   * One of tokens of these issuers.
   *
   * @param good remembers which tokens were good
   */
  TokenVerifier(
      List<IssuerKeys> issuers, SignInLines lines, KnownGood<String> good, TimeSource time) {
    this.issuers = List.copyOf(issuers);
    this.lines = lines;
    this.time = time;
    this.verified = new ExpiringCache<>(REMEMBERED_MAX, time.nanos());
    this.good = good;
  }

  CredentialJudgement<TokenIdentity> verify(String text, String source) {
    if (issuers.isEmpty()) {
      return bad("This is not an API key, and no issuer of tokens is configured. Use an API key.");
    }
    if (text.length() > SignedToken.LENGTH_MAX) {
      return bad(
          "The token is longer than %d characters. Ask its issuer for one with fewer claims."
              .formatted(SignedToken.LENGTH_MAX));
    }
    String digest = digest(text);
    Optional<Verified> known = verified.get(digest).filter(Verified::isOfCurrentKeys);
    if (known.isPresent()) {
      Verified token = known.get();
      return token.times.at(time.instant()).then(times -> good(token.identity));
    }
    Acquaintance standing = good.standing(digest, source);
    CredentialJudgement<Verified> judged =
        SignedToken.parse(text).then(token -> verify(token, standing));
    switch (judged) {
      case Good<Verified>(Verified token) -> {
        verified.put(digest, token, time.nanoTime() + REMEMBERED.toNanos());
        good.add(digest, token.tenant());
      }
      case Bad<Verified> _ -> good.remove(digest);
    }
    return judged.then(token -> good(token.identity));
  }

  private CredentialJudgement<Verified> verify(SignedToken token, Acquaintance standing) {
    return TokenTimes.read(token.claims())
        .then(times -> times.at(time.instant()))
        .then(times ->
            candidates(token.claims())
                .then(candidates -> signer(token, candidates, standing))
                .then(signer ->
                    TokenIdentity.of(signer.issuer.issuer(), token.claims())
                        .then(identity -> good(new Verified(identity, times, signer)))));
  }

  /** The issuers that the token may be of, as it says itself. */
  private CredentialJudgement<List<IssuerKeys>> candidates(ObjectNode claims) {
    String named = claims.path("iss").textValue();
    List<IssuerKeys> ofName =
        issuers.stream().filter(keys -> keys.issuer().issuer().equals(named)).toList();
    if (ofName.isEmpty()) {
      return bad("The token's issuer (iss) is not one of those configured here.");
    }
    List<IssuerKeys> ofAudience =
        ofName.stream().filter(keys -> isFor(keys.issuer(), claims.path("aud"))).toList();
    return ofAudience.isEmpty()
        ? bad("The token is for another audience. Its aud must have what is configured here.")
        : good(ofAudience);
  }

  private static boolean isFor(TokenIssuer issuer, JsonNode audience) {
    if (audience.isTextual()) {
      return issuer.audiences().contains(audience.textValue());
    }
    boolean found = false;
    for (JsonNode one : audience) {
      if (!audience.isArray() || !one.isTextual()) {
        return false;
      }
      found |= issuer.audiences().contains(one.textValue());
    }
    return found;
  }

  /**
   * Of several issuers of one name, the one whose key verifies. A key that is not known, or not any
   * more the one of its name, may be new: then the keys are asked for, as far as that may be.
   */
  private CredentialJudgement<Signer> signer(
      SignedToken token, List<IssuerKeys> candidates, Acquaintance standing) {
    List<Optional<KeySet>> before = candidates.stream().map(IssuerKeys::current).toList();
    CredentialJudgement<Signer> judgement = knownSigner(token, candidates, standing);
    if (judgement instanceof Good || judgement.equals(AMBIGUOUS)) {
      return judgement;
    }
    List<CompletableFuture<Boolean>> lookups =
        candidates.stream().map(IssuerKeys::refresh).toList();
    long givenUpAt = System.nanoTime() + lines.keySetPatience().toNanos();
    boolean goesOn = true;
    while (goesOn) {
      List<CompletableFuture<Boolean>> underWay =
          lookups.stream().filter(lookup -> !lookup.isDone()).toList();
      goesOn = !underWay.isEmpty() && awaitOne(underWay, candidates, givenUpAt);
      List<Optional<KeySet>> now = candidates.stream().map(IssuerKeys::current).toList();
      if (!now.equals(before)) {
        before = now;
        judgement = knownSigner(token, candidates, standing);
        goesOn &= !(judgement instanceof Good);
      }
    }
    boolean isConclusive = lookups.stream().allMatch(lookup -> lookup.getNow(false));
    return judgement.equals(UNPUBLISHED) && !isConclusive ? TOO_NEW : judgement;
  }

  /** An issuer that is slow does not hold up tokens of another of its name. */
  private boolean awaitOne(
      List<CompletableFuture<Boolean>> underWay, List<IssuerKeys> candidates, long givenUpAt) {
    return lines.awaitKeys(
        candidates.getFirst().issuer().issuer(),
        CompletableFuture.anyOf(underWay.toArray(CompletableFuture<?>[]::new)),
        Duration.ofNanos(Math.max(0, givenUpAt - System.nanoTime())));
  }

  /** Of several issuers of one name, the one whose key verifies, by the keys that are at hand. */
  private CredentialJudgement<Signer> knownSigner(
      SignedToken token, List<IssuerKeys> candidates, Acquaintance standing) {
    List<Signer> signers =
        candidates.stream().flatMap(keys -> signer(token, keys, standing).stream()).toList();
    if (signers.size() == 1) {
      return good(signers.getFirst());
    }
    if (signers.size() > 1) {
      return AMBIGUOUS;
    }
    if (candidates.stream().anyMatch(keys -> !keysFor(token, keys).isEmpty())) {
      return bad("The token's signature is wrong.");
    }
    return candidates.stream().anyMatch(keys -> keys.current().isEmpty())
        ? new Bad<>(
            "The keys of the token's issuer cannot be fetched now. Try again later.", Fault.ISSUER)
        : UNPUBLISHED;
  }

  private Optional<Signer> signer(SignedToken token, IssuerKeys issuer, Acquaintance standing) {
    return issuer
        .current()
        .filter(keys ->
            keys.withId(token.keyId()).stream()
                .anyMatch(key -> lines.signature(standing, () -> key.verifies(token))))
        .map(keys -> new Signer(issuer, keys));
  }

  private static List<VerificationKey> keysFor(SignedToken token, IssuerKeys issuer) {
    return issuer.current().map(keys -> keys.withId(token.keyId())).orElse(List.of());
  }

  private static String digest(String text) {
    return HexFormat.of().formatHex(Sha256.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Whose key verified, and the set that it was in. */
  private record Signer(IssuerKeys issuer, KeySet keys) {}

  private record Verified(TokenIdentity identity, TokenTimes times, Signer signer) {
    /** However many subjects a workspace has, it is one. */
    String tenant() {
      return signer.issuer.issuer().label() + " " + identity.home().label();
    }

    /** A key that its issuer has withdrawn verifies nothing any more. */
    boolean isOfCurrentKeys() {
      return signer.issuer.current().filter(keys -> keys == signer.keys).isPresent();
    }
  }
}
