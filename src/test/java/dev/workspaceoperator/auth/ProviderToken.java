package dev.workspaceoperator.auth;

import dev.workspaceoperator.workspace.Scope;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A token in the shape that its provider documents.
 *
 * @param header its header, with {@code KID} for the id of the key
 * @param claims its claims, with {@code NOW} for a moment ago, and {@code SOON} for its end
 * @param workspace the slug that it is for
 * @param user whom it is bound to
 */
record ProviderToken(
    String provider,
    String header,
    String claims,
    String workspace,
    Optional<String> user,
    List<Scope> scopes) {
  private static final Pattern ISSUER = Pattern.compile("\"iss\": ?\"([^\"]+)\"");
  private static final Pattern SUBJECT = Pattern.compile("\"sub\": ?\"([^\"]+)\"");
  private static final String JWT = "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"KID\"}";
  private static final String BARE = "{\"kid\":\"KID\",\"alg\":\"RS256\"}";
  private static final List<Scope> AGENT = List.of(Scope.WORKSPACE_READ, Scope.RUNS_WRITE);

  static final List<ProviderToken> ALL =
      List.of(
          new ProviderToken(
              "Entra ID, a person",
              "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"KID\",\"x5t\":\"KID\"}",
              """
              {"aud":"11112222-bbbb-3333-cccc-4444dddd5555",
               "iss":"https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0",
               "iat":NOW,"nbf":NOW,"exp":SOON,"aio":"AXQAi/8IAAAA","azp":"00001111-aaaa-2222-bbbb-3333cccc4444",
               "azpacr":"0","extn.workspace":["research"],"name":"Abe Lincoln",
               "oid":"00000000-0000-0000-66f3-3332eca7ea81","preferred_username":"abeli@example.com",
               "rh":"0.ARoA","roles":["workspace:write"],"scp":"runs:write workspace:read",
               "sub":"AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
               "tid":"aaaabbbb-0000-cccc-1111-dddd2222eeee","uti":"fqiBqXLPj0eQa82S-IYFAA","ver":"2.0"}\
              """,
              "research",
              Optional.empty(),
              AGENT),
          new ProviderToken(
              "Entra ID, a service",
              JWT,
              """
              {"aud":"11112222-bbbb-3333-cccc-4444dddd5555",
               "iss":"https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0",
               "iat":NOW,"nbf":NOW,"exp":SOON,"aio":"E2ZgYPj","azp":"22223333-cccc-4444-dddd-5555eeee6666",
               "azpacr":"1","idtyp":"app","oid":"33334444-dddd-5555-eeee-6666ffff7777","rh":"0.ARoA",
               "roles":["runs:write"],"sub":"33334444-dddd-5555-eeee-6666ffff7777","workspace":"research",
               "tid":"aaaabbbb-0000-cccc-1111-dddd2222eeee","uti":"fqiBqXLPj0eQa82S-IYFAA","ver":"2.0"}\
              """,
              "research",
              Optional.empty(),
              List.of(Scope.RUNS_WRITE)),
          new ProviderToken(
              "Keycloak, roles of the client",
              JWT,
              """
              {"exp":SOON,"iat":NOW,"auth_time":NOW,"jti":"onrtac:0b6b4a8e-5d1c-4a7e-8f3f-1d8b8a1c2d3e",
               "iss":"https://keycloak.example.com/realms/agents","aud":["workspace-operator","account"],
               "sub":"f1888f4d-5172-4359-be0c-af338505d86c","typ":"Bearer","azp":"agents-cli",
               "sid":"2f5f6b8f","acr":"1","allowed-origins":["/*"],
               "realm_access":{"roles":["offline_access","uma_authorization","workspace:write"]},
               "resource_access":{"workspace-operator":{"roles":["workspace:read","runs:write"]},
                 "account":{"roles":["manage-account","view-profile"]}},
               "scope":"openid email profile","email_verified":true,"workspace":["research"],
               "preferred_username":"alice","email":"alice@example.com"}\
              """,
              "research",
              Optional.of("alice"),
              AGENT),
          new ProviderToken(
              "Keycloak, roles of the realm",
              JWT,
              """
              {"exp":SOON,"iat":NOW,"jti":"trrtcc:312ee6","iss":"https://keycloak.example.com/realms/agents",
               "aud":["workspace-operator","account"],"sub":"7ddaf89f-69eb-4ecf-a9ca-acba11211986",
               "typ":"Bearer","azp":"agents","acr":"1","realm_access":{"roles":["runs:write"]},
               "resource_access":{"account":{"roles":["view-profile"]}},"scope":"email profile",
               "clientHost":"192.0.2.7","email_verified":false,"workspace":"research",
               "preferred_username":"service-account-agents","clientAddress":"192.0.2.7","client_id":"agents"}\
              """,
              "research",
              Optional.of("service-account-agents"),
              List.of(Scope.RUNS_WRITE)),
          new ProviderToken(
              "Okta",
              BARE,
              """
              {"ver":1,"jti":"AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
               "iss":"https://example.okta.com/oauth2/default","aud":"api://default","sub":"alice@example.com",
               "iat":NOW,"exp":SOON,"cid":"nmdP1fcyvdVO11AL7ECm","uid":"00ujmkLgagxeRrAg20g3",
               "auth_time":NOW,"scp":["openid","workspace:read","runs:write"],"workspace":"research"}\
              """,
              "research",
              Optional.empty(),
              AGENT),
          new ProviderToken(
              "Auth0, a person",
              JWT,
              """
              {"iss":"https://example.eu.auth0.com/","sub":"auth0|6553da60a54af58e29493993",
               "aud":["https://workspaces.example.com","https://example.eu.auth0.com/userinfo"],
               "azp":"K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja","exp":SOON,"iat":NOW,
               "https://example.com/workspace":"research","scope":"openid profile workspace:write",
               "permissions":["workspace:read","runs:write"]}\
              """,
              "research",
              Optional.empty(),
              AGENT),
          new ProviderToken(
              "Auth0, a machine, as RFC 9068 has it",
              "{\"typ\":\"at+jwt\",\"alg\":\"RS256\",\"kid\":\"KID\"}",
              """
              {"iss":"https://example.eu.auth0.com/","sub":"awZfdIir8YFdGZWkvCejDoUb7SjTDicx@clients",
               "aud":"https://workspaces.example.com","client_id":"awZfdIir8YFdGZWkvCejDoUb7SjTDicx",
               "exp":SOON,"iat":NOW,"jti":"5yZXKRxo4TnLSWlaO8OD1I","https://example.com/workspace":"research",
               "scope":"runs:write workspace:read"}\
              """,
              "research",
              Optional.empty(),
              AGENT),
          new ProviderToken(
              "Dex",
              BARE,
              """
              {"iss":"https://dex.example.com","sub":"CgVhbGljZRIFbG9jYWw","aud":"workspace-operator",
               "exp":SOON,"iat":NOW,"at_hash":"FLo9Bq8tMxF_M1C9cgVJqA","c_hash":"F8yhqNZ-","email":"alice@example.com",
               "email_verified":true,"groups":["research"],"name":"Alice",
               "federated_claims":{"connector_id":"ldap","user_id":"alice"}}\
              """,
              "research",
              Optional.of("alice@example.com"),
              AGENT),
          new ProviderToken(
              "Google",
              JWT,
              """
              {"iss":"https://accounts.google.com","iat":NOW,"exp":SOON,"aud":"https://workspaces.example.com",
               "sub":"112233445566778899001","azp":"112233445566778899001",
               "email":"agents@research-12.iam.gserviceaccount.com","email_verified":true,
               "google":{"compute_engine":{"project_id":"research-12","project_number":739419398126,
                 "zone":"us-west1-a","instance_id":"152986662232938449","instance_name":"example",
                 "instance_creation_timestamp":1496952205,"instance_confidentiality":1,
                 "license_id":["1000204"]}}}\
              """,
              "research-12",
              Optional.empty(),
              AGENT),
          new ProviderToken(
              "GitHub Actions",
              "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5t\":\"KID\",\"kid\":\"KID\"}",
              """
              {"jti":"example-id","sub":"repo:octo-org/octo-repo:environment:prod","environment":"prod",
               "aud":"https://workspaces.example.com","ref":"refs/heads/main","sha":"example-sha",
               "repository":"octo-org/octo-repo","repository_owner":"octo-org","actor_id":"12",
               "repository_visibility":"private","repository_id":"74","repository_owner_id":"65",
               "run_id":"example-run-id","run_number":"10","run_attempt":"2","runner_environment":"github-hosted",
               "actor":"octocat","workflow":"example-workflow","head_ref":"","base_ref":"",
               "event_name":"workflow_dispatch","enterprise":"avocado-corp","ref_type":"branch",
               "job_workflow_ref":"octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
               "iss":"https://token.actions.githubusercontent.com","nbf":NOW,"exp":SOON,"iat":NOW}\
              """,
              "octo-org",
              Optional.of("octocat"),
              AGENT),
          new ProviderToken(
              "GitLab",
              "{\"kid\":\"KID\",\"typ\":\"JWT\",\"alg\":\"RS256\"}",
              """
              {"namespace_id":"72","namespace_path":"my-group","project_id":"20","project_path":"my-group/my-project",
               "user_id":"1","user_login":"sample-user","user_email":"sample-user@example.com",
               "user_identities":[{"provider":"github","extern_uid":"2435223452345"}],"pipeline_id":"574",
               "pipeline_source":"push","job_id":"302","ref":"feature-branch-1","ref_type":"branch",
               "ref_path":"refs/heads/feature-branch-1","ref_protected":"false","groups_direct":["mygroup/mysubgroup"],
               "environment":"test-environment2","environment_protected":"false","deployment_tier":"testing",
               "runner_id":1,"runner_environment":"self-hosted","sha":"714a629c0b401fdce83e847fc9589983fc6f46bc",
               "project_visibility":"public","jti":"235b3a54-b797-45c7-ae9a-f72d7bc6ef5b",
               "iat":NOW,"nbf":NOW,"exp":SOON,"iss":"https://gitlab.com",
               "sub":"project_path:my-group/my-project:ref_type:branch:ref:feature-branch-1",
               "aud":"https://workspaces.example.com"}\
              """,
              "my-group",
              Optional.of("sample-user"),
              AGENT),
          new ProviderToken(
              "Kubernetes",
              BARE,
              """
              {"aud":["workspace-operator"],"exp":SOON,"iat":NOW,
               "iss":"https://kubernetes.default.svc.cluster.local","jti":"aed34954-b33a-4142-b1ec-389d6bbb4936",
               "kubernetes.io":{"namespace":"ml","node":{"name":"my-node","uid":"646e7c5e"},
                 "pod":{"name":"agent-0","uid":"5e0bd49b"},
                 "serviceaccount":{"name":"agent","uid":"14ee3fa4"},"warnafter":SOON},
               "nbf":NOW,"sub":"system:serviceaccount:ml:agent"}\
              """,
              "ml-ws",
              Optional.empty(),
              AGENT));

  String header(String keyId) {
    return header.replace("KID", keyId);
  }

  String claims(long now) {
    return claims.replace("NOW", Long.toString(now - 10)).replace("SOON", Long.toString(now + 600));
  }

  String issuer() {
    return found(ISSUER);
  }

  String actor() {
    return provider.equals("Kubernetes")
        ? ActorNames.serviceAccount("production", "ml", "agent")
        : "jwt " + issuer() + " " + found(SUBJECT);
  }

  private String found(Pattern pattern) {
    Matcher matcher = pattern.matcher(claims);
    if (!matcher.find()) {
      throw new IllegalStateException(provider);
    }
    return matcher.group(1);
  }

  @Override
  public String toString() {
    return provider;
  }
}
