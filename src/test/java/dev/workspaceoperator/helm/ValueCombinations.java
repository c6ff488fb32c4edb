package dev.workspaceoperator.helm;

import java.util.Map;
import java.util.TreeMap;

/** Values as people set them, each choice of the chart at least once, by what they are about. */
final class ValueCombinations {
  private static final String STANDALONE = "database: {mode: standalone, existingSecret: db}";
  private static final String CLOUDNATIVE = "database: {mode: cloudnative-pg}";

  private ValueCombinations() {}

  /** Title to values. */
  static Map<String, String> all() {
    Map<String, String> all = new TreeMap<>();
    all.put("the least", Chart.MINIMAL);
    all.put(
        "jdbc address",
        "database: {url: 'jdbc:postgresql://a:5432,b:5432/d?user=u&targetServerType=primary', existingSecret: db, passwordKey: pw}");
    all.put("password in the address", "database: {url: 'postgresql://u:p%40ss@h:5432/d'}");
    all.put(
        "database authority",
        "database: {url: 'postgresql://u@h/d?connect_timeout=2', existingSecret: db, caConfigMap: ca, caKey: root.pem}");
    all.put(
        "pooler",
        "database: {url: 'postgresql://u@pooler:6432/d', listenUrl: 'postgresql://u@h:5432/d', existingSecret: db}\napi: {trustedProxies: [10.0.0.0/8, '::1'], maxEventStreams: 5, console: false}");
    all.put("standalone", STANDALONE);
    all.put(
        "standalone, own storage",
        "database: {mode: standalone, existingSecret: db, standalone: {image: 'postgres:17', storageSize: 5Gi, storageClass: fast, resources: {}}}");
    all.put("cloudnative", CLOUDNATIVE);
    all.put(
        "cloudnative, more",
        "database: {mode: cloudnative-pg, cloudnativePg: {instances: 5, synchronousReplicas: 2, imageName: 'registry.example.com/postgresql:18', storageSize: 100Gi, storageClass: fast, resources: {requests: {cpu: 2, memory: 4Gi}}}}");
    all.put(
        "cloudnative, one instance",
        "database: {mode: cloudnative-pg, cloudnativePg: {instances: 1, synchronousReplicas: 0}}");
    all.put("one replica each", STANDALONE + "\ncontroller: {replicas: 1}\napi: {replicas: 1}");
    all.put("controller alone", STANDALONE + "\napi: {replicas: 0}");
    all.put("api alone", STANDALONE + "\ncontroller: {replicas: 0}");
    all.put(
        "two namespaces",
        STANDALONE + "\nwatchNamespaces: [team-a, team-b]\ncluster: {name: prod-eu, adopt: true}");
    all.put(
        "second release",
        STANDALONE
            + "\ncrds: {enabled: false}\npermissions: {plans: false, budgets: false, scopes: false, killSwitch: false, deletion: false}\nuserRoles: {enabled: false}\nwatchNamespaces: [team-b]\nfullnameOverride: second");
    all.put(
        "names that YAML would read otherwise",
        "database: {mode: standalone, existingSecret: 'no', passwordKey: '1'}\nwatchNamespaces: ['1234', 'null']\nfullnameOverride: 'true'\naudit: {keySecret: '0x1', keySecretKey: 'yes'}\nimage: {pullSecrets: ['1e3']}\ncontroller: {priorityClassName: system-cluster-critical}\napi: {ingress: {enabled: true, host: x.y, className: 'off', tlsSecret: '0'}}");
    all.put(
        "budgets of the installation, and some permissions",
        STANDALONE
            + "\npermissions: {plans: false, scopes: false}\ndefaults: {dailyBudgetUsd: '50.5', userDailyBudgetUsd: 0}\nplanDefaults: {pro: 1000000}");
    all.put("crd not kept", STANDALONE + "\ncrds: {keep: false}");
    all.put(
        "image by digest",
        STANDALONE
            + "\nimage: {repository: 'registry.example.com:5000/x/y', digest: 'sha256:%s', pullPolicy: Always, pullSecrets: [one, two]}"
                .formatted("a".repeat(64)));
    all.put("image by tag", STANDALONE + "\nimage: {tag: v1.2.3_rc.1}");
    all.put("null", NullableValues.withNull(STANDALONE, NullableValues.paths()));
    all.put(
        "OpenShift",
        "database: {mode: standalone, existingSecret: db, standalone: {podSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}}}\npodSecurityContext: {runAsUser: null, runAsGroup: null, fsGroup: null}\naudit: {keySecret: audit}\nauth: {kubernetes: {enabled: true}}");
    all.put(
        "autoscaler",
        STANDALONE
            + "\napi: {autoscaling: {enabled: true, minReplicas: 1, maxReplicas: 9, behavior: {scaleUp: null, scaleDown: {stabilizationWindowSeconds: 600}}}}");
    all.put(
        "authority in a Secret",
        "database: {url: 'postgresql://u@h/d', existingSecret: db, caSecret: pg-ca, caKey: root.pem}");
    all.put("names", STANDALONE + "\nnameOverride: budgets\n");
    all.put("audit key", STANDALONE + "\naudit: {keySecret: audit, keySecretKey: hmac}");
    all.put(
        "plan defaults", STANDALONE + "\nplanDefaults: {pro: 0, scale: 75, enterprise: 1000000}");
    all.put(
        "default budgets",
        STANDALONE + "\ndefaults: {dailyBudgetUsd: 1000000000, userDailyBudgetUsd: '25.50'}");
    all.put("service accounts", STANDALONE + "\nauth: {kubernetes: {enabled: true}}");
    all.put(
        "issuers",
        STANDALONE
            + """

            auth:
              kubernetes: {enabled: true, issuer: 'https://oidc.example.com/cluster', scopes: [runs:write], fleetAccounts: [operations/on-call], fleetScopes: ['fleet:read']}
              issuers:
                - {issuer: 'https://login.example.com', audience: agents, discovery: true, workspaceClaim: ws, maxScopes: [workspace:read]}
                - {issuer: 'https://a', audience: [x, z], jwksUri: 'https://a/keys', workspaceClaim: w, workspaceClaimHolds: slug, userClaim: [email, sub], scopeClaim: [scp, realm_access.roles], defaultScopes: [], maxScopes: [runs:write], caSecret: {name: ca, key: tls.crt}, keepKeysHours: 2}
                - {issuer: 'https://b', audience: fleet, jwksUri: 'https://b/keys', maxScopes: ['fleet:read']}
                - {issuer: 'https://c', audience: x, discovery: true, workspaceClaim: 'https://example.com/ws', maxScopes: [runs:write]}
                - {kind: kubernetes, cluster: other, issuer: 'https://kubernetes.default.svc', jwksUri: 'https://10.0.0.1/openid/v1/jwks', caConfigMap: {name: other, key: ca.crt}, tokenSecret: {name: other, key: token}, fleetAccounts: [a/b.c], fleetScopes: ['fleet:write']}
            """);
    all.put(
        "notifications",
        STANDALONE
            + """

            notifications:
              receivers:
                - {name: on-call, url: 'https://hooks.example.com/workspaces', keySecret: {name: keys, key: on-call}, types: [kill-switch, budget]}
                - {name: audit, url: 'http://audit.audit.svc:8080/', keySecret: {name: keys, key: audit}}
              allowedNetworks: [10.0.0.0/8, 'fd00::/8']
              workspaces:
                keys:
                  - {name: team-a, keySecret: {name: keys, key: team-a}, namespaces: [team-a, team-a-staging]}
                  - {name: elsewhere, keySecret: {name: keys, key: elsewhere}, namespaces: [team-a], cluster: west}
                allowedNetworks: [10.9.0.0/16]
            """);
    all.put(
        "notifications of Workspaces alone",
        STANDALONE
            + """

            notifications:
              workspaces:
                keys: [{name: team-a, keySecret: {name: keys, key: team-a}, namespaces: [team-a]}]
            """);
    all.put(
        "proxy",
        STANDALONE
            + "\nauth: {proxy: {url: 'http://proxy.example.com:3128', noProxy: [.example.com, 10.0.0.0/8]}}");
    all.put(
        "traces",
        STANDALONE
            + """

            tracing: {endpoint: 'http://collector.monitoring:4318', sampler: parentbased_always_on, samplerArg: "1"}
            networkPolicy: {enabled: true, egress: {enabled: true}}
            """);
    all.put("text logs", STANDALONE + "\nlogging: {format: text, level: debug}");
    all.put(
        "placement",
        STANDALONE
            + """

            controller: &role
              nodeSelector: {disk: ssd}
              tolerations: [{key: dedicated, operator: Equal, value: platform, effect: NoSchedule}]
              affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: arch, operator: In, values: [amd64]}]}]}}}
              topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {a: b}}}]
              priorityClassName: system-cluster-critical
              podAnnotations: {a: b}
              podLabels: {team: platform}
              serviceAccountAnnotations: {role: arn}
              resources: {}
              javaOptions: -XX:MaxRAMPercentage=50
              maxUnavailable: 2
              replicas: 3
            api: *role
            """);
    all.put(
        "ingress",
        STANDALONE
            + "\napi: {ingress: {enabled: true, className: nginx, host: api.example.com, tlsSecret: api-tls, annotations: {a: b}}}");
    all.put("ingress without TLS", STANDALONE + "\napi: {ingress: {enabled: true, host: x.y}}");
    all.put(
        "route",
        STANDALONE
            + "\napi: {httpRoute: {enabled: true, parentRefs: [{name: public, namespace: gateways, sectionName: https}], hostnames: ['*.example.com'], annotations: {a: b}}}");
    all.put(
        "service",
        STANDALONE
            + "\napi: {service: {type: LoadBalancer, port: 8443, annotations: {a: b}}, drainSeconds: 0, terminationGracePeriodSeconds: 90, maxRequests: 10, idleTimeoutSeconds: 65, databasePatienceSeconds: 3, defaultStepCostUsd: \"0.05\"}");
    all.put("no network policies", STANDALONE + "\nnetworkPolicy: {enabled: false}");
    all.put(
        "strict network",
        STANDALONE
            + """

            networkPolicy:
              apiFrom: [{namespaceSelector: {matchLabels: {agents: 'true'}}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
              metricsFrom: [{namespaceSelector: {matchExpressions: [{key: name, operator: In, values: [monitoring]}]}, podSelector: {}}]
              egress: {enabled: true, databasePort: 5432, httpsPorts: [6443]}
            """);
    all.put(
        "service monitor",
        STANDALONE + "\nserviceMonitor: {enabled: true, interval: 15s, labels: {release: prom}}");
    all.put(
        "alerts and dashboards",
        STANDALONE
            + """

            metrics:
              prometheusRule: {enabled: true, labels: {release: prom}, runbookBaseUrl: 'https://wiki.example.com/wo/'}
              dashboards: {enabled: true, labels: {team: platform}, annotations: {grafana_folder: Agents}}
            """);
    all.put(
        "alerts that name no workspaces",
        STANDALONE
            + "\nmetrics: {workspaceLabel: false, selector: 'cluster=\"eu\", job=~\"wo.*\"', prometheusRule: {enabled: true}}");
    return all;
  }
}
