package dev.workspaceoperator.auth;

import static dev.workspaceoperator.auth.Issuers.NOW;
import static dev.workspaceoperator.auth.SigningKey.base64;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.Ambiguous;
import dev.workspaceoperator.auth.Authenticator.Attempt;
import dev.workspaceoperator.auth.Authenticator.NoWorkspace;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.TooManyFailures;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import dev.workspaceoperator.auth.Authenticator.WorkspaceRequired;
import dev.workspaceoperator.workspace.Scope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every forged, broken or misused credential that we could think of is refused, each in good order.
 */
class HostileTokensTest {
  private static final SigningKey RSA = SigningKey.rsa("rsa-1", 2048);
  private static final SigningKey EC = SigningKey.ec("ec-1", 256);
  private static final SigningKey ED = SigningKey.ed25519("ed-1");
  private static final SigningKey WEAK = SigningKey.rsa("weak-1", 1024);
  private static final SigningKey FOREIGN = SigningKey.rsa("rsa-1", 2048);
  private static final SigningKey FOREIGN_EC = SigningKey.ec("ec-1", 256);
  private static final SigningKey CLUSTER = SigningKey.rsa("cluster-1", 2048);
  private static final SigningKey ENCRYPTION = SigningKey.rsa("enc-1", 2048);

  private static final FakeTime TIME = new FakeTime();
  private static final FakeDirectory DIRECTORY = new FakeDirectory(TIME);
  private static final UUID WORKSPACE = DIRECTORY.workspace("research");
  private static final UUID OTHER = DIRECTORY.workspace("finance");

  private static JwksServer server;
  private static JwksServer clusterServer;
  private static JwksServer attacker;
  private static CredentialAuthenticator authenticator;

  private final Map<String, Attempt> table = new LinkedHashMap<>();

  @BeforeAll
  static void start() throws IOException {
    server = new JwksServer();
    clusterServer = new JwksServer();
    attacker = new JwksServer();
    String encryption = ENCRYPTION.jwk().replaceFirst("\\{", "{\"use\":\"enc\",");
    server.publish(
        "{\"keys\":[%s]}"
            .formatted(String.join(",", RSA.jwk(), EC.jwk(), ED.jwk(), WEAK.jwk(), encryption)));
    clusterServer.publish(CLUSTER);
    attacker.publish(FOREIGN);
    DIRECTORY.workspace("east", "ml", "ml-ws");
    authenticator =
        CredentialAuthenticator.create(
            DIRECTORY,
            List.of(Issuers.oidc(server), Issuers.kubernetes("east", clusterServer)),
            new SimpleMeterRegistry(),
            TIME.source(),
            Duration.ofSeconds(5));
  }

  @AfterAll
  static void stop() {
    authenticator.close();
    server.close();
    clusterServer.close();
    attacker.close();
  }

  @Test
  void everyHostileCredentialIsRefusedAndNoneBreaksAnything() {
    theGoodOnesAreAccepted();
    algorithms();
    keys();
    headers();
    times();
    audienceAndIssuer();
    claims();
    forms();
    serviceAccounts();
    apiKeys();
    schemes();

    StringBuilder printed = new StringBuilder();
    int number = 0;
    for (Map.Entry<String, Attempt> row : table.entrySet()) {
      Attempt attempt = Attempts.from("192.0.2." + number++, row.getValue());
      Result result = authenticator.authenticate(attempt);
      printed.append("%-52s %-16s %s%n".formatted(row.getKey(), name(result), detail(result)));
      assertThat(result).as(row.getKey()).isNotInstanceOf(Accepted.class);
      assertThat(result).as(row.getKey()).isNotInstanceOf(TooManyFailures.class);
      assertThat(detail(result)).as(row.getKey()).hasSizeBetween(20, 400);
      credentials(attempt).forEach(secret -> assertThat(result.toString()).doesNotContain(secret));
    }
    System.out.printf("%d hostile credentials:%n%s", number, printed);
    assertThat(table).hasSizeGreaterThanOrEqualTo(60);
    assertThat(attacker.requests()).as("addresses within tokens are never asked").isZero();
  }

  /** What the hostile ones are made from; otherwise their refusal would say nothing. */
  private void theGoodOnesAreAccepted() {
    assertThat(
            List.of(
                RSA.token("RS256", good().json()),
                EC.token("ES256", good().json()),
                ED.token("EdDSA", good().json()),
                CLUSTER.token("RS256", Issuers.serviceAccount("ml", "agent").json())))
        .allSatisfy(token ->
            assertThat(authenticator.authenticate(Attempts.bearer(token)))
                .isInstanceOf(Accepted.class));
  }

  private void algorithms() {
    for (String none : List.of("none", "None", "NONE", "nOnE")) {
      bearer("alg " + none, unsigned("{\"alg\":\"%s\",\"kid\":\"rsa-1\"}".formatted(none)));
    }
    bearer(
        "alg none with the signature of a good token",
        unsigned("{\"alg\":\"none\",\"kid\":\"rsa-1\"}")
            + signatureOf(RSA.token("RS256", good().json())));
    bearer(
        "HS256 with the public key's DER as secret",
        hmac("HS256", RSA.pair().getPublic().getEncoded()));
    bearer(
        "HS256 with the public key's PEM as secret",
        hmac("HS256", pem().getBytes(StandardCharsets.US_ASCII)));
    bearer(
        "HS256 with the JWK as secret", hmac("HS256", RSA.jwk().getBytes(StandardCharsets.UTF_8)));
    bearer("HS256 with an empty kid's secret", hmac("HS256", new byte[] {0}));
    bearer(
        "RS256 signature under alg ES256",
        RSA.sign("RS256", header("ES256", "ec-1"), good().json()));
    bearer(
        "ES256 signature under alg RS256",
        EC.sign("ES256", header("RS256", "rsa-1"), good().json()));
    bearer(
        "RS256 signature under alg PS256",
        RSA.sign("RS256", header("PS256", "rsa-1"), good().json()));
    bearer(
        "RS256 signature under alg RS512",
        RSA.sign("RS256", header("RS512", "rsa-1"), good().json()));
    bearer("alg RSA1_5", RSA.sign("RS256", header("RSA1_5", "rsa-1"), good().json()));
    bearer("alg in lower case", RSA.sign("RS256", header("rs256", "rsa-1"), good().json()));
    bearer("alg missing", RSA.sign("RS256", "{\"kid\":\"rsa-1\"}", good().json()));
    bearer(
        "alg is a list",
        RSA.sign("RS256", "{\"alg\":[\"RS256\"],\"kid\":\"rsa-1\"}", good().json()));
    bearer(
        "two alg",
        RSA.sign("RS256", "{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", good().json()));
    bearer("ES256 signature of r = s = 0", signedWith("ES256", "ec-1", new byte[64]));
    bearer("ES256 signature of r = s = n", signedWith("ES256", "ec-1", twice(order())));
    bearer("ES256 signature in DER", signedWith("ES256", "ec-1", derOf()));
    bearer("ES384 under a P-256 key", EC.sign("ES384", header("ES384", "ec-1"), good().json()));
    bearer("EdDSA signature of zeros", signedWith("EdDSA", "ed-1", new byte[64]));
    bearer("EdDSA under an RSA key", ED.sign("EdDSA", header("EdDSA", "rsa-1"), good().json()));
    bearer("RS256 signature of zeros", signedWith("RS256", "rsa-1", new byte[256]));
  }

  private void keys() {
    bearer("no kid", RSA.sign("RS256", "{\"alg\":\"RS256\"}", good().json()));
    bearer("empty kid", RSA.sign("RS256", header("RS256", ""), good().json()));
    bearer("kid is a number", RSA.sign("RS256", "{\"alg\":\"RS256\",\"kid\":1}", good().json()));
    bearer("unknown kid", RSA.sign("RS256", header("RS256", "rsa-2"), good().json()));
    bearer("kid as a path", RSA.sign("RS256", header("RS256", "../../dev/null"), good().json()));
    bearer("kid as SQL", RSA.sign("RS256", header("RS256", "' OR 1=1 --"), good().json()));
    bearer("foreign RSA key under a known kid", FOREIGN.token("RS256", good().json()));
    bearer("foreign EC key under a known kid", FOREIGN_EC.token("ES256", good().json()));
    bearer(
        "another key of the issuer than kid says",
        RSA.sign("RS256", header("RS256", "enc-1"), good().json()));
    bearer("a key for encryption", ENCRYPTION.token("RS256", good().json()));
    bearer("a key that is too short", WEAK.token("RS256", good().json()));
    bearer("another issuer's key", CLUSTER.token("RS256", good().json()));
    bearer("embedded jwk", embedding("\"jwk\":" + FOREIGN.jwk()));
    bearer(
        "embedded jwk, unknown kid",
        FOREIGN.sign(
            "RS256",
            "{\"alg\":\"RS256\",\"kid\":\"mine\",\"jwk\":%s}".formatted(FOREIGN.jwk()),
            good().json()));
    bearer("jku", embedding("\"jku\":\"%s\"".formatted(attacker.uri())));
    bearer("x5u", embedding("\"x5u\":\"%s\"".formatted(attacker.uri())));
    bearer("x5c", embedding("\"x5c\":[\"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\"]"));
  }

  private void headers() {
    bearer(
        "crit",
        RSA.sign(
            "RS256", "{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"crit\":[\"exp\"]}", good().json()));
    bearer(
        "empty crit",
        RSA.sign("RS256", "{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"crit\":[]}", good().json()));
    bearer(
        "b64 false",
        RSA.sign("RS256", "{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"b64\":false}", good().json()));
    bearer(
        "typ of an ID token's logout",
        RSA.sign(
            "RS256",
            "{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"typ\":\"logout+jwt\"}",
            good().json()));
    bearer(
        "typ dpop+jwt",
        RSA.sign(
            "RS256", "{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"typ\":\"dpop+jwt\"}", good().json()));
    bearer(
        "typ is a number",
        RSA.sign("RS256", "{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"typ\":1}", good().json()));
    bearer("header is a list", RSA.sign("RS256", "[]", good().json()));
    bearer("header is null", RSA.sign("RS256", "null", good().json()));
    bearer(
        "header with trailing text",
        RSA.sign("RS256", header("RS256", "rsa-1") + "{}", good().json()));
  }

  private void times() {
    signed("expired", good().with("exp", NOW - 61));
    signed("expired at the edge of the skew", good().with("exp", NOW - 60));
    signed("exp missing", good().without("exp"));
    signed("exp null", good().raw("exp", "null"));
    signed("exp as text", good().with("exp", Long.toString(NOW + 600)));
    signed("exp with a fraction", good().raw("exp", (NOW + 600) + ".5"));
    signed("exp negative", good().with("exp", -1));
    signed("exp 1e400", good().raw("exp", "1e400"));
    signed("exp beyond 64 bits", good().raw("exp", "99999999999999999999999"));
    signed("exp that overflows with the skew", good().raw("exp", "9223372036854775807"));
    signed("exp true", good().raw("exp", "true"));
    signed("two exp", good().raw("exp", "1,\"exp\":" + (NOW + 600)));
    signed("nbf in the future", good().with("nbf", NOW + 61));
    signed("nbf as text", good().with("nbf", "0"));
    signed("iat in the future", good().with("iat", NOW + 3600));
    signed("iat negative", good().with("iat", -5));
  }

  private void audienceAndIssuer() {
    signed("aud of another service", good().with("aud", "billing"));
    signed("aud missing", good().without("aud"));
    signed("aud empty list", good().raw("aud", "[]"));
    signed("aud a number", good().raw("aud", "7"));
    signed("aud an object", good().raw("aud", "{\"a\":\"workspace-api\"}"));
    signed("aud a list with a number", good().raw("aud", "[\"workspace-api\",1]"));
    signed("aud in upper case", good().with("aud", "WORKSPACE-API"));
    signed("aud as prefix", good().with("aud", "workspace-api-2"));
    signed("iss of nobody", good().with("iss", "https://evil.example"));
    signed("iss with a slash", good().with("iss", Issuers.OIDC + "/"));
    signed("iss missing", good().without("iss"));
    signed("iss a list", good().raw("iss", "[\"" + Issuers.OIDC + "\"]"));
    signed(
        "two iss", good().raw("iss", "\"https://evil.example\",\"iss\":\"" + Issuers.OIDC + "\""));
    signed(
        "iss of the cluster, key of the login",
        good().with("iss", Issuers.KUBERNETES).with("aud", "workspace-operator"));
  }

  private void claims() {
    String token = RSA.token("RS256", good().json());
    String stolen = RSA.token("RS256", good().with("workspace", OTHER.toString()).json());
    bearer(
        "another workspace's claim under an old signature",
        part(token, 0) + "." + part(stolen, 1) + "." + signatureOf(token));
    bearer(
        "the signature of another token",
        part(token, 0) + "." + part(token, 1) + "." + signatureOf(stolen));
    signed("workspace that is not there", good().with("workspace", "nowhere"));
    signed("workspace of an unknown id", good().with("workspace", UUID.randomUUID().toString()));
    signed("workspace missing", good().without("workspace"));
    signed("workspace a list", good().raw("workspace", "[\"research\",\"finance\"]"));
    signed("workspace null", good().raw("workspace", "null"));
    signed("workspace blank", good().with("workspace", " "));
    signed("two workspaces", good().raw("workspace", "\"research\",\"workspace\":\"finance\""));
    signed(
        "fleet scope that the issuer may not give, no workspace",
        good().without("workspace").with("scope", "fleet:write"));
    signed("sub missing", good().without("sub"));
    signed("sub a number", good().with("sub", 7));
    bearer("claims with trailing text", RSA.token("RS256", good().json() + " x"));
    bearer("claims are a list", RSA.token("RS256", "[" + good().json() + "]"));
    bearer("claims are empty", RSA.token("RS256", ""));
    bearer(
        "claims nested 1,000 deep",
        RSA.token("RS256", good().raw("x", "[".repeat(1000) + "]".repeat(1000)).json()));
  }

  private void forms() {
    String token = RSA.token("RS256", good().json());
    bearer("huge", RSA.token("RS256", good().with("x", "a".repeat(1_000_000)).json()));
    bearer("truncated signature", token.substring(0, token.length() - 10));
    bearer("without signature", token.substring(0, token.lastIndexOf('.') + 1));
    bearer("two parts", part(token, 0) + "." + part(token, 1));
    bearer("two dots only", "..");
    bearer("one letter", "a");
    bearer(
        "five parts (JWE)", base64("{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}") + ".AA.AA.AA.AA");
    bearer("four parts", token + ".AA");
    bearer("nested JWS", RSA.token("RS256", token));
    bearer("JWS in JSON form", base64("{\"payload\":\"\",\"signatures\":[]}"));
    bearer("base64 garbage", "!!!!.????.####");
    bearer("padding in the signature", token + "==");
    bearer("stray bits at the end of the signature", strayBits(token));
    bearer(
        "base64 of the other alphabet",
        token.substring(0, token.lastIndexOf('.') + 1) + "+/" + signatureOf(token).substring(2));
    bearer(
        "not UTF-8 in the claims",
        RSA.sign("RS256", header("RS256", "rsa-1"), "{\"iss\":\"")
            .replaceFirst(
                "\\.[^.]*\\.",
                "." + base64(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}) + "."));
    bearer("line break in the token", token.substring(0, 50) + "\n" + token.substring(50));
    bearer("space in the token", token.substring(0, 50) + " " + token.substring(50));
    bearer("letters that look alike", token.replace('a', 'а'));
    bearer("zero width space at the end", token + "\u200b");
    bearer("NUL at the end", token + "\u0000");
    bearer("two tokens with a comma", token + "," + token);
  }

  private void serviceAccounts() {
    account(
        "namespace edited, sub not",
        Issuers.serviceAccount("ml", "agent").with("sub", "system:serviceaccount:finance:agent"));
    account(
        "no namespace",
        Issuers.serviceAccount("ml", "agent")
            .raw("kubernetes.io", "{\"serviceaccount\":{\"name\":\"agent\"}}"));
    account("no kubernetes.io", Issuers.serviceAccount("ml", "agent").without("kubernetes.io"));
    account(
        "kubernetes.io as text", Issuers.serviceAccount("ml", "agent").with("kubernetes.io", "ml"));
    account(
        "audience of the API server",
        Issuers.serviceAccount("ml", "agent").with("aud", Issuers.KUBERNETES));
    account(
        "account of a namespace without workspaces", Issuers.serviceAccount("kube-system", "x"));
    account(
        "user instead of an account", Issuers.serviceAccount("ml", "agent").with("sub", "admin"));
    account(
        "legacy account token that never ends",
        Issuers.serviceAccount("ml", "agent").without("exp"));
    table.put(
        "account that picks another namespace's workspace",
        Attempts.forWorkspace(
            "finance",
            Attempts.bearer(CLUSTER.token("RS256", Issuers.serviceAccount("ml", "agent").json()))));
  }

  private void apiKeys() {
    String key = DIRECTORY.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ).reveal();
    ApiKey revoked = DIRECTORY.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);
    DIRECTORY.revoke(revoked);
    char last = key.charAt(30) == 'a' ? 'b' : 'a';
    bearer("API key mistyped", key.substring(0, 30) + last + key.substring(31));
    bearer("API key in upper case", key.toUpperCase(Locale.ROOT));
    bearer("API key cut", key.substring(0, 52));
    bearer("API key twice in one", key + key);
    bearer("API key unknown", ApiKey.generate(new SecureRandom()).reveal());
    bearer("API key revoked", revoked.reveal());
    bearer(
        "API key expired",
        DIRECTORY.key(WORKSPACE, Optional.of(FakeTime.START), Scope.WORKSPACE_READ).reveal());
    bearer("API key's digest", ApiKey.parse(key).orElseThrow().digest().hex());
    keyHeader("X-API-Key with Bearer", "Bearer " + key);
    keyHeader("X-API-Key with a token", RSA.token("RS256", good().json()));
    keyHeader("X-API-Key empty", "");
    keyHeader("X-API-Key with a space", key + " ");
    keyHeader("X-API-Key of SQL", "wsk_' OR '1'='1");
  }

  private void schemes() {
    String key = DIRECTORY.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ).reveal();
    String token = RSA.token("RS256", good().json());
    table.put("no credential", Attempts.authorization());
    table.put("Authorization empty", Attempts.authorization(""));
    table.put("Basic", Attempts.authorization("Basic " + base64("alice:" + key)));
    table.put("Token", Attempts.authorization("Token " + token));
    table.put("no scheme", Attempts.authorization(token));
    table.put("Bearer without a credential", Attempts.authorization("Bearer"));
    table.put("Bearer with a tab", Attempts.authorization("Bearer\t" + token));
    table.put("Bearer: with a colon", Attempts.authorization("Bearer: " + token));
    table.put(
        "key and token",
        new Attempt(List.of("Bearer " + token), List.of(key), Optional.empty(), "a"));
    table.put("two tokens", Attempts.authorization("Bearer " + token, "Bearer " + token));
    table.put("two keys", new Attempt(List.of(), List.of(key, key), Optional.empty(), "a"));
  }

  private void bearer(String name, String token) {
    assertThat(table.put(name, Attempts.bearer(token))).as(name).isNull();
  }

  private void signed(String name, Claims claims) {
    bearer(name, RSA.token("RS256", claims.json()));
  }

  private void account(String name, Claims claims) {
    bearer("ServiceAccount: " + name, CLUSTER.token("RS256", claims.json()));
  }

  private void keyHeader(String name, String key) {
    table.put(name, new Attempt(List.of(), List.of(key), Optional.empty(), "a"));
  }

  private static Claims good() {
    return Issuers.claims("research");
  }

  private static String header(String algorithm, String keyId) {
    return "{\"alg\":\"%s\",\"kid\":\"%s\"}".formatted(algorithm, keyId);
  }

  private static String unsigned(String header) {
    return base64(header) + "." + base64(good().json()) + ".";
  }

  private static String signedWith(String algorithm, String keyId, byte[] signature) {
    return unsigned(header(algorithm, keyId)) + base64(signature);
  }

  private static String embedding(String member) {
    return FOREIGN.sign(
        "RS256", "{\"alg\":\"RS256\",\"kid\":\"rsa-1\",%s}".formatted(member), good().json());
  }

  private static String hmac(String algorithm, byte[] secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      String signed = base64(header(algorithm, "rsa-1")) + "." + base64(good().json());
      return signed + "." + base64(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem() {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(RSA.pair().getPublic().getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  /** The order of P-256, big-endian. */
  private static byte[] order() {
    byte[] order = ((ECPublicKey) EC.pair().getPublic()).getParams().getOrder().toByteArray();
    return Arrays.copyOfRange(order, order.length - 32, order.length);
  }

  private static byte[] twice(byte[] half) {
    byte[] both = Arrays.copyOf(half, half.length * 2);
    System.arraycopy(half, 0, both, half.length, half.length);
    return both;
  }

  private static byte[] derOf() {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(EC.pair().getPrivate());
      String text = unsigned(header("ES256", "ec-1"));
      signature.update(text.substring(0, text.length() - 1).getBytes(StandardCharsets.US_ASCII));
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** 256 bytes are 341 and a third base64url digits: the last one has bits that mean nothing. */
  private static String strayBits(String token) {
    String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char last = token.charAt(token.length() - 1);
    return token.substring(0, token.length() - 1) + digits.charAt(digits.indexOf(last) + 1);
  }

  private static String part(String token, int number) {
    return token.split("\\.", -1)[number];
  }

  private static String signatureOf(String token) {
    return part(token, 2);
  }

  private static List<String> credentials(Attempt attempt) {
    return Stream.concat(attempt.authorization().stream(), attempt.apiKey().stream())
        .map(value -> value.replaceFirst("(?i)^bearer ", ""))
        .filter(value -> value.length() > 10)
        .toList();
  }

  private static String name(Result result) {
    return result.getClass().getSimpleName();
  }

  private static String detail(Result result) {
    return switch (result) {
      case Accepted _, TooManyFailures _ -> "";
      case Ambiguous(String detail) -> detail;
      case Unauthenticated(String detail, boolean _) -> detail;
      case WorkspaceRequired(String detail) -> detail;
      case NoWorkspace(String detail) -> detail;
    };
  }
}
