package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.workspaceoperator.env.CommandResult;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A wrong value is refused before anything is sent to a cluster, with its path. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class ChartSchemaIT {
  private static Chart chart;

  @BeforeAll
  static void find() throws InterruptedException {
    chart = new Chart();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          unknown: 1                                        | at '': additional properties 'unknown' not allowed
          controller: {replica: 2}                          | at '/controller': additional properties 'replica' not allowed
          controller: {replicas: two}                       | at '/controller/replicas': got string, want null or integer
          controller: {replicas: -1}                        | at '/controller/replicas': minimum: got -1, want 0
          controller: {reconcileThreads: 0}                 | at '/controller/reconcileThreads': minimum: got 0, want 1
          controller: {resources: {limit: {}}}              | at '/controller/resources': additional properties 'limit' not allowed
          controller: {resources: {limits: {memory: 1Gb}}}  | at '/controller/resources/limits/memory'
          controller: {affinity: {nodeAfinity: {}}}         | at '/controller/affinity': additional properties 'nodeAfinity' not allowed
          controller: {tolerations: [{efect: NoSchedule}]}  | at '/controller/tolerations/0': additional properties 'efect' not allowed
          api: {replicas: 1.5}                              | at '/api/replicas': got number, want null or integer
          api: {service: {type: ExternalName}}              | at '/api/service/type': value must be one of 'ClusterIP', 'NodePort', 'LoadBalancer'
          api: {service: {port: 70000}}                     | at '/api/service/port': maximum: got 70,000, want 65,535
          api: {ingress: {enabled: 'yes'}}                  | at '/api/ingress/enabled': got string, want boolean
          api: {ingress: {host: 'https://x'}}               | at '/api/ingress/host': 'https://x' does not match pattern
          api: {httpRoute: {parentRefs: [{gateway: x}]}}    | at '/api/httpRoute/parentRefs/0': missing property 'name'
          api: {podAnnotations: {a: 1}}                     | at '/api/podAnnotations/a': got number, want null or string
          image: {digest: 'sha256:12'}                      | at '/image/digest': 'sha256:12' does not match pattern
          image: {pullPolicy: Sometimes}                    | at '/image/pullPolicy': value must be one of
          image: {repository: 'registry.example.com/me/op:1.0'} | at '/image/repository': 'registry.example.com/me/op:1.0' does not match pattern
          image: {tag: 'a b'}                               | at '/image/tag': 'a b' does not match pattern
          cluster: {name: Production}                       | at '/cluster/name': 'Production' does not match pattern
          cluster: {name: ''}                               | at '/cluster/name': '' does not match pattern
          watchNamespaces: team-a                           | at '/watchNamespaces': got string, want array
          watchNamespaces: [a, a]                           | at '/watchNamespaces': items at 0 and 1 are equal
          watchNamespaces: [Team]                           | at '/watchNamespaces/0': 'Team' does not match pattern
          watchNamespaces: null                             | at '': missing property 'watchNamespaces'
          database: {caConfigMap: null}                     | at '/database': missing property 'caConfigMap'
          api: {ingress: {tlsSecret: null}}                 | at '/api/ingress': missing property 'tlsSecret'
          networkPolicy: {apiFrom: null}                    | at '/networkPolicy': missing property 'apiFrom'
          audit: {keySecret: null}                          | at '/audit': missing property 'keySecret'
          api: {autoscaling: {maxReplicas: null}}           | at '/api/autoscaling': missing property 'maxReplicas'
          podSecurityContext: {runAsUser: 0}                | at '/podSecurityContext/runAsUser': minimum: got 0, want 1
          podSecurityContext: null                          | at '': missing property 'podSecurityContext'
          enabled: 'yes'                                    | at '/enabled': got string, want boolean
          crds: {keep: null}                                | at '/crds': missing property 'keep'
          api: null                                         | at '': missing property 'api'
          permissions: {budgets: null}                      | at '/permissions': missing property 'budgets'
          permissions: {killswitch: false}                  | at '/permissions': additional properties 'killswitch' not allowed
          crds: {keep: 1}                                   | at '/crds/keep': got number, want boolean
          database: {mode: mysql}                           | at '/database/mode': value must be one of 'external', 'cloudnative-pg', 'standalone'
          api: {trustedProxies: [10.0.0.0/99]}              | at '/api/trustedProxies/0': '10.0.0.0/99' does not match pattern
          api: {trustedProxies: ['::1/129']}                | at '/api/trustedProxies/0': '::1/129' does not match pattern
          api: {defaultStepCostUsd: '1000000.01'}           | at '/api/defaultStepCostUsd': '1000000.01' does not match pattern
          api: {podLabels: {app.kubernetes.io/name: x}}     | at '/api/podLabels/app.kubernetes.io~1name': false schema
          api: {idleTimeoutSeconds: 0}                      | at '/api/idleTimeoutSeconds': minimum: got 0, want 5
          auth: {proxy: {url: 'https://p:3128'}}            | at '/auth/proxy/url': 'https://p:3128' does not match pattern
          auth: {proxy: {url: 'http://u:p@p:3128'}}         | at '/auth/proxy/url': 'http://u:p@p:3128' does not match pattern
          auth: {proxy: {noProxy: ['a,b']}}                 | at '/auth/proxy/noProxy/0': 'a,b' does not match pattern
          api: {trustedProxies: [proxy]}                    | at '/api/trustedProxies/0': 'proxy' does not match pattern
          api: {trustedProxies: [0.0.0.0/0]}                | at '/api/trustedProxies/0': '0.0.0.0/0' does not match pattern
          auth: {issuers: [{issuer: login.example.com, discovery: true, audience: a, maxScopes: ['fleet:read']}]} | at '/auth/issuers/0/issuer': 'login.example.com' does not match pattern
          database: {poolSize: 1}                           | at '/database/poolSize': minimum: got 1, want 2
          database: {existingSecret: My_Secret}             | at '/database/existingSecret': 'My_Secret' does not match pattern
          database: {cloudnativePg: {storageSize: big}}     | at '/database/cloudnativePg/storageSize': 'big' does not match pattern
          planDefaults: {basic: 5}                          | at '/planDefaults': additional properties 'basic' not allowed
          planDefaults: {pro: 1000001}                      | at '/planDefaults/pro': maximum: got 1.000001×10
          defaults: {dailyBudgetUsd: 1.5}                   | at '/defaults/dailyBudgetUsd': got number, want integer or string
          defaults: {dailyBudgetUsd: 1000000001}            | at '/defaults/dailyBudgetUsd': maximum
          defaults: {userDailyBudgetUsd: '1e3'}             | at '/defaults/userDailyBudgetUsd': '1e3' does not match pattern
          defaults: {userDailyBudgetUsd: null}              | at '/defaults': missing property 'userDailyBudgetUsd'
          logging: {level: trace}                           | at '/logging/level': value must be one of 'error', 'warn', 'info', 'debug'
          tracing: {endpoint: 'collector:4318'}             | at '/tracing/endpoint': 'collector:4318' does not match pattern
          tracing: {sampler: always}                        | at '/tracing/sampler': value must be one of
          tracing: {samplerArg: "1.5"}                      | at '/tracing/samplerArg': '1.5' does not match pattern
          auth: {issuers: [{issuer: 'https://i'}]}          | at '/auth/issuers/0': missing property 'jwksUri'
          auth: {issuers: [{issuer: 'https://i', discovery: true}]} | at '/auth/issuers/0': missing properties 'audience', 'maxScopes'
          auth: {issuers: [{issuer: 'https://i', discovery: true, audience: a, maxScopes: ['runs:write']}]} | at '/auth/issuers/0': missing property 'workspaceClaim'
          auth: {issuers: [{issuer: 'https://i', discovery: true, tokenSecret: {name: a, key: b}}]} | at '/auth/issuers/0': additional properties 'tokenSecret' not allowed
          auth: {issuers: [{kind: kubernetes, issuer: 'https://i', jwksUri: 'https://i'}]} | at '/auth/issuers/0': missing property 'cluster'
          auth: {issuers: [{kind: kubernetes, issuer: 'https://i', userClaim: sub}]} | at '/auth/issuers/0': additional properties 'userClaim' not allowed
          auth: {issuers: [{kind: kubernetes, maxScopes: ['fleet:read']}]} | at '/auth/issuers/0/maxScopes/0': value must be one of
          auth: {issuers: [{kind: github, issuer: i}]}      | at '/auth/issuers/0/kind': value must be one of 'oidc', 'kubernetes'
          auth: {issuers: [{issuer: i, jwksUri: 'http://i'}]} | at '/auth/issuers/0/jwksUri': 'http://i' does not match pattern
          auth: {issuers: [{issuer: i, discovery: true, caFile: /x}]} | at '/auth/issuers/0': additional properties 'caFile' not allowed
          auth: {kubernetes: {fleetAccounts: [on-call]}}    | at '/auth/kubernetes/fleetAccounts/0': 'on-call' does not match pattern
          auth: {kubernetes: {fleetScopes: ['runs:write']}} | at '/auth/kubernetes/fleetScopes/0': value must be one of
          auth: {issuers: [{kind: kubernetes, cluster: c, issuer: 'https://i', jwksUri: 'https://i', fleetAccounts: [a/b]}]} | at '/auth/issuers/0': properties 'fleetScopes' required, if 'fleetAccounts' exists
          auth: {kubernetes: {scopes: [fleet:read]}}        | at '/auth/kubernetes/scopes/0': value must be one of
          networkPolicy: {apiFrom: [{}]}                    | at '/networkPolicy/apiFrom/0': minProperties: got 0, want 1
          metrics: {selector: 'job=wo'}                     | at '/metrics/selector': 'job=wo' does not match pattern
          metrics: {prometheusRule: {runbookBaseUrl: wiki}} | at '/metrics/prometheusRule/runbookBaseUrl': 'wiki' does not match pattern
          serviceMonitor: {interval: soon}                  | at '/serviceMonitor/interval': 'soon' does not match pattern
          """)
  void theSchemaRefuses(String values, String message) throws InterruptedException {
    CommandResult result = chart.template(values);

    assertThat(result.exitCode()).isNotZero();
    assertThat(result.stderr()).contains("- " + message);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          database: {}                                             | database.url is required in mode external
          database: {url: null}                                    | database.url is required in mode external
          database: {url: 'postgresql://u@h/d'}                    | database.existingSecret is required in mode external
          database: {url: 'postgresql://u@h/d', existingSecret: null} | database.existingSecret is required in mode external
          database: {url: 'postgresql://u@h/d', existingSecret: s, caConfigMap: c, caSecret: d} | database.caConfigMap and database.caSecret both name
          database: {url: 'postgresql://u@h/d?sslmode=disable', existingSecret: s, caSecret: c} | database.caSecret sets sslmode=verify-full
          database: {mode: cloudnative-pg, caSecret: s}            | database.caSecret is for database.mode=external
          {database: {mode: cloudnative-pg}, enabled: false}       | enabled is for the condition of a dependency
          {database: {mode: cloudnative-pg}, planPermissions: {enabled: false}} | planPermissions.enabled is now permissions.plans
          {database: {mode: cloudnative-pg}, planPermissions: {enabled: true}}  | planPermissions.enabled is now permissions.plans
          {database: {mode: cloudnative-pg}, api: {replicas: 0, autoscaling: {enabled: true}}} | api.replicas is 0, which switches the role off
          {database: {mode: cloudnative-pg}, api: {autoscaling: {enabled: true, minReplicas: 9}}} | api.autoscaling.minReplicas (9) must not be more than api.autoscaling.maxReplicas (6)
          {database: {mode: cloudnative-pg}, api: {resources: null, autoscaling: {enabled: true}}} | api.autoscaling.enabled needs api.resources.requests.cpu
          database: {mode: standalone}                             | database.existingSecret is required in mode standalone
          database: {url: 'postgresql://u:p@h/d', listenUrl: 'postgresql://h/d'} | database.listenUrl is for database.mode=external with database.existingSecret
          database: {mode: standalone, url: 'postgresql://u@h/d'}  | database.url is for database.mode=external
          database: {mode: cloudnative-pg, existingSecret: s}      | database.existingSecret is not used in mode cloudnative-pg
          database: {mode: cloudnative-pg, caConfigMap: s}         | database.caConfigMap is for database.mode=external
          database: {mode: cloudnative-pg, cloudnativePg: {instances: 1}} | database.cloudnativePg.synchronousReplicas (1) must be less than database.cloudnativePg.instances (1)
          database: {url: 'mysql://u@h/d'}                         | database.url must be postgresql://
          database: {url: 'postgresql://u@h'}                      | database.url must be postgresql://
          database: {url: 'postgresql://u:se/cret@h/d'}            | database.url must be postgresql://
          database: {url: 'postgresql://u@h:65536/d'}              | database.url must be postgresql://
          database: {url: 'postgresql://u@h:port/d'}               | database.url must be postgresql://
          database: {url: 'postgresql://u@h/d', existingSecret: s, listenUrl: 'postgresql://u:secret@h/d'} | database.listenUrl must be postgresql://
          database: {url: 'postgresql://u@h/d', existingSecret: s, listenUrl: 'postgresql://h/d?password=secret'} | database.listenUrl must be postgresql://
          database: {url: 'postgresql://u@h/d', existingSecret: s, listenUrl: 'postgresql://h/d?sslmode=disable', caConfigMap: c} | database.caConfigMap sets sslmode=verify-full
          database: {url: 'postgresql://u:p@h/d', existingSecret: s} | database.url holds a password, and database.existingSecret names another
          database: {url: 'postgresql://u@h/d?sslmode=disable', existingSecret: s, caConfigMap: c} | database.caConfigMap sets sslmode=verify-full
          {database: {mode: cloudnative-pg}, auth: {issuers: [{issuer: 'https://i', discovery: true, audience: a, workspaceClaim: w, defaultScopes: ['runs:write'], maxScopes: ['workspace:read']}]}} | auth.issuers[0].defaultScopes has runs:write, which its maxScopes has not
          {database: {mode: cloudnative-pg}, api: {drainSeconds: 45}} | api.drainSeconds (45) must be less than api.terminationGracePeriodSeconds (45)
          {database: {mode: cloudnative-pg}, networkPolicy: {enabled: false, egress: {enabled: true}}} | networkPolicy.egress.enabled needs networkPolicy.enabled
          {database: {mode: cloudnative-pg}, api: {ingress: {enabled: true}}}   | api.ingress.host is required
          {database: {mode: cloudnative-pg}, api: {httpRoute: {enabled: true}}} | api.httpRoute.parentRefs is required
          """)
  void valuesThatNeedEachOtherAreRefusedApart(String values, String message)
      throws InterruptedException {
    CommandResult result = chart.template(values);

    assertThat(result.exitCode()).isNotZero();
    assertThat(result.stderr()).contains(message).doesNotContain("secret@", "password=secret");
  }

  @Test
  void everyMistakeIsToldAtOnce() throws InterruptedException {
    CommandResult result =
        chart.template("{api: {replicas: -1}, logging: {format: xml}, database: {mode: none}}");

    assertThat(result.stderr())
        .contains("at '/api/replicas'", "at '/logging/format'", "at '/database/mode'");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          argocd | /spec/source/helm/valuesObject
          flux   | /spec/values
          """)
  void theValuesOfTheGitOpsExamplesAreAccepted(String tool, String valuesAt) throws Exception {
    JsonNode values = MissingNode.getInstance();
    try (MappingIterator<JsonNode> documents =
        new YAMLMapper()
            .readerFor(JsonNode.class)
            .readValues(Path.of("examples", tool, "operator.yaml").toFile())) {
      while (documents.hasNext()) {
        values = documents.next().at(valuesAt);
      }
    }

    assertThat(chart.template(values.toString()).orThrow())
        .contains(
            "image: \"" + values.at("/image/repository").asText() + ":0.1.0\"",
            values.at("/database/url").asText());
  }

  @Test
  void lintIsContentWithTheDefaultsAndWithTheLeast() throws InterruptedException {
    assertThat(chart.lint("{}").orThrow()).contains("0 chart(s) failed");
    assertThat(chart.lint(Chart.MINIMAL).orThrow()).contains("0 chart(s) failed");
  }
}
