package dev.workspaceoperator.auth;

import static dev.workspaceoperator.auth.Issuers.NOW;
import static dev.workspaceoperator.auth.TokenSigner.base64;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * Every forged, broken or misused token of an identity provider that we could think of.
 *
 * @param rows takes the name and the text of each
 * @param attacker an address that no verifier must ever ask
 * @param other the id of a workspace that the tokens are not for
 */
record HostileTokens(BiConsumer<String, String> rows, URI attacker, UUID other) {
  static final TokenSigner RSA = TokenSigner.rsa("rsa-1", 2048);
  static final TokenSigner EC = TokenSigner.ec("ec-1", 256);
  static final TokenSigner ED = TokenSigner.ed25519("ed-1");
  static final TokenSigner WEAK = TokenSigner.rsa("weak-1", 1024);
  static final TokenSigner FOREIGN = TokenSigner.rsa("rsa-1", 2048);
  static final TokenSigner FOREIGN_EC = TokenSigner.ec("ec-1", 256);
  static final TokenSigner CLUSTER = TokenSigner.rsa("cluster-1", 2048);
  static final TokenSigner ENCRYPTION = TokenSigner.rsa("enc-1", 2048);

  void forge() {
    algorithms();
    keys();
    headers();
    times();
    audienceAndIssuer();
    claims();
    forms();
  }

  private void algorithms() {
    for (String none : List.of("none", "None", "NONE", "nOnE")) {
      bearer(
          "alg " + none,
          Forged.unsigned(good(), "{\"alg\":\"%s\",\"kid\":\"rsa-1\"}".formatted(none)));
    }
    bearer(
        "alg none with the signature of a good token",
        Forged.unsigned(good(), "{\"alg\":\"none\",\"kid\":\"rsa-1\"}")
            + Forged.signatureOf(RSA.token("RS256", good().json())));
    bearer(
        "HS256 with the public key's DER as secret",
        Forged.hmac(good(), RSA.pair().getPublic().getEncoded()));
    bearer(
        "HS256 with the public key's PEM as secret",
        Forged.hmac(good(), Forged.pem(RSA).getBytes(StandardCharsets.US_ASCII)));
    bearer(
        "HS256 with the JWK as secret",
        Forged.hmac(good(), RSA.jwk().getBytes(StandardCharsets.UTF_8)));
    bearer("HS256 with an empty kid's secret", Forged.hmac(good(), new byte[] {0}));
    bearer(
        "RS256 signature under alg ES256",
        RSA.sign("RS256", Forged.header("ES256", "ec-1"), good().json()));
    bearer(
        "ES256 signature under alg RS256",
        EC.sign("ES256", Forged.header("RS256", "rsa-1"), good().json()));
    bearer(
        "RS256 signature under alg PS256",
        RSA.sign("RS256", Forged.header("PS256", "rsa-1"), good().json()));
    bearer(
        "RS256 signature under alg RS512",
        RSA.sign("RS256", Forged.header("RS512", "rsa-1"), good().json()));
    bearer("alg RSA1_5", RSA.sign("RS256", Forged.header("RSA1_5", "rsa-1"), good().json()));
    bearer("alg in lower case", RSA.sign("RS256", Forged.header("rs256", "rsa-1"), good().json()));
    bearer("alg missing", RSA.sign("RS256", "{\"kid\":\"rsa-1\"}", good().json()));
    bearer(
        "alg is a list",
        RSA.sign("RS256", "{\"alg\":[\"RS256\"],\"kid\":\"rsa-1\"}", good().json()));
    bearer(
        "two alg",
        RSA.sign("RS256", "{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", good().json()));
    bearer(
        "ES256 signature of r = s = 0", Forged.signedWith(good(), "ES256", "ec-1", new byte[64]));
    bearer(
        "ES256 signature of r = s = n",
        Forged.signedWith(good(), "ES256", "ec-1", Forged.twice(Forged.order(EC))));
    bearer(
        "ES256 signature in DER",
        Forged.signedWith(good(), "ES256", "ec-1", Forged.der(EC, good())));
    bearer(
        "ES384 under a P-256 key", EC.sign("ES384", Forged.header("ES384", "ec-1"), good().json()));
    bearer("EdDSA signature of zeros", Forged.signedWith(good(), "EdDSA", "ed-1", new byte[64]));
    bearer(
        "EdDSA under an RSA key", ED.sign("EdDSA", Forged.header("EdDSA", "rsa-1"), good().json()));
    bearer("RS256 signature of zeros", Forged.signedWith(good(), "RS256", "rsa-1", new byte[256]));
  }

  private void keys() {
    bearer("no kid", RSA.sign("RS256", "{\"alg\":\"RS256\"}", good().json()));
    bearer("empty kid", RSA.sign("RS256", Forged.header("RS256", ""), good().json()));
    bearer("kid is a number", RSA.sign("RS256", "{\"alg\":\"RS256\",\"kid\":1}", good().json()));
    bearer("unknown kid", RSA.sign("RS256", Forged.header("RS256", "rsa-2"), good().json()));
    bearer(
        "kid as a path",
        RSA.sign("RS256", Forged.header("RS256", "../../dev/null"), good().json()));
    bearer("kid as SQL", RSA.sign("RS256", Forged.header("RS256", "' OR 1=1 --"), good().json()));
    bearer("foreign RSA key under a known kid", FOREIGN.token("RS256", good().json()));
    bearer("foreign EC key under a known kid", FOREIGN_EC.token("ES256", good().json()));
    bearer(
        "another key of the issuer than kid says",
        RSA.sign("RS256", Forged.header("RS256", "enc-1"), good().json()));
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
    bearer("jku", embedding("\"jku\":\"%s\"".formatted(attacker)));
    bearer("x5u", embedding("\"x5u\":\"%s\"".formatted(attacker)));
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
        RSA.sign("RS256", Forged.header("RS256", "rsa-1") + "{}", good().json()));
  }

  private void times() {
    signed("expired", good().with("exp", NOW - 61));
    signed("expired at the edge of the skew", good().with("exp", NOW - 60));
    signed("exp missing", good().without("exp"));
    signed("exp null", good().raw("exp", "null"));
    signed("exp as text", good().with("exp", Long.toString(NOW + 600)));
    signed("expired by a fraction", good().raw("exp", (NOW - 61) + ".999999999"));
    signed("exp 1e-999999999", good().raw("exp", "1e-999999999"));
    signed("exp 1e99999999999", good().raw("exp", "1e99999999999"));
    signed("nbf 1e-2147483648", good().raw("nbf", "1e-2147483648"));
    signed("exp negative", good().with("exp", -1));
    signed("exp 1e400", good().raw("exp", "1e400"));
    signed("exp beyond 64 bits", good().raw("exp", "99999999999999999999999"));
    signed("exp that overflows with the skew", good().raw("exp", "9223372036854775807"));
    signed("exp true", good().raw("exp", "true"));
    signed("two exp", good().raw("exp", "1,\"exp\":" + (NOW + 600)));
    signed("nbf in the future", good().with("nbf", NOW + 61));
    signed("nbf as text", good().with("nbf", "0"));
    signed("nbf in the future by a fraction", good().raw("nbf", (NOW + 60) + ".000000001"));
    signed("nbf 1e999999999", good().raw("nbf", "1e999999999"));
    signed("iat as text", good().with("iat", "now"));
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
    String stolen = RSA.token("RS256", good().with("workspace", other.toString()).json());
    bearer(
        "another workspace's claim under an old signature",
        Forged.part(token, 0) + "." + Forged.part(stolen, 1) + "." + Forged.signatureOf(token));
    bearer(
        "the signature of another token",
        Forged.part(token, 0) + "." + Forged.part(token, 1) + "." + Forged.signatureOf(stolen));
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
    bearer("two parts", Forged.part(token, 0) + "." + Forged.part(token, 1));
    bearer("two dots only", "..");
    bearer("one letter", "a");
    bearer(
        "five parts (JWE)", base64("{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}") + ".AA.AA.AA.AA");
    bearer("four parts", token + ".AA");
    bearer("nested JWS", RSA.token("RS256", token));
    bearer("JWS in JSON form", base64("{\"payload\":\"\",\"signatures\":[]}"));
    bearer("base64 garbage", "!!!!.????.####");
    bearer("padding in the signature", token + "==");
    bearer("stray bits at the end of the signature", Forged.strayBits(token));
    bearer(
        "base64 of the other alphabet",
        token.substring(0, token.lastIndexOf('.') + 1)
            + "+/"
            + Forged.signatureOf(token).substring(2));
    bearer(
        "not UTF-8 in the claims",
        RSA.sign("RS256", Forged.header("RS256", "rsa-1"), "{\"iss\":\"")
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

  private void bearer(String name, String token) {
    rows.accept(name, token);
  }

  private void signed(String name, Claims claims) {
    bearer(name, RSA.token("RS256", claims.json()));
  }

  private static String embedding(String member) {
    return FOREIGN.sign(
        "RS256", "{\"alg\":\"RS256\",\"kid\":\"rsa-1\",%s}".formatted(member), good().json());
  }

  /** Of what a token is made that is accepted. */
  static Claims good() {
    return Issuers.claims("research");
  }
}
