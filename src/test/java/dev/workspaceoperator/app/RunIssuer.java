package dev.workspaceoperator.app;

import dev.workspaceoperator.auth.IssuerFile;
import dev.workspaceoperator.auth.TokenIssuer;
import dev.workspaceoperator.env.KubeApiServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The entry by which run mode accepts the ServiceAccount tokens of its own API server. That lets
 * nobody read its public keys without signing in, so an account is made that does so.
 *
 * @param directory takes the file of issuers, as an installation would have it
 */
record RunIssuer(Path directory) {
  private static final String NAMESPACE = "kube-system";
  private static final String KEY_READER = "workspace-operator-key-reader";

  /** The issuer that this server is. */
  List<TokenIssuer> of(KubeApiServer server, String clusterName)
      throws IOException, InterruptedException {
    RunFile token = new RunFile(directory.resolve("issuer-token"));
    token.write(tokenOfKeyReader(server));
    RunFile issuers = new RunFile(directory.resolve("issuers.yaml"));
    issuers.write(
        """
        issuers:
          - kind: kubernetes
            cluster: '%s'
            issuer: %s
            jwksUri: %s/openid/v1/jwks
            caFile: %s
            tokenFile: %s
        """
            .formatted(
                clusterName,
                server.url(),
                server.url(),
                quoted(server.spec().dataDirectory().resolve("apiserver.crt")),
                quoted(token.path())));
    List<String> mistakes = new ArrayList<>();
    List<TokenIssuer> read = IssuerFile.read(issuers.path(), mistakes::add);
    if (!mistakes.isEmpty()) {
      throw new IllegalStateException(String.join("\n", mistakes));
    }
    return read;
  }

  /** Every ServiceAccount may read the keys; a year outlasts any run. */
  private static String tokenOfKeyReader(KubeApiServer server) throws InterruptedException {
    server
        .kubectlWithInput(
            """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: %s, namespace: %s}
            """
                .formatted(KEY_READER, NAMESPACE),
            "apply",
            "--server-side",
            "-f",
            "-")
        .orThrow();
    return server
        .kubectl("create", "token", KEY_READER, "--namespace=" + NAMESPACE, "--duration=8760h")
        .orThrow()
        .strip();
  }

  /** As a YAML string, whatever characters the path has. */
  private static String quoted(Path path) {
    return "'" + path.toAbsolutePath().normalize().toString().replace("'", "''") + "'";
  }
}
