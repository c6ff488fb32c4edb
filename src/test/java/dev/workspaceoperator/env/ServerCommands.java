package dev.workspaceoperator.env;

import dev.workspaceoperator.env.KubeApiServerSpec.Durability;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command lines of etcd and kube-apiserver. Each names its data directory first, by which a
 * process left behind is recognised.
 */
final class ServerCommands {
  private ServerCommands() {}

  static List<String> etcd(Path program, KubeApiServerSpec spec, int port) {
    String url = "http://127.0.0.1:" + port;
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--data-dir=" + spec.dataDirectory().resolve("etcd"),
                "--listen-client-urls=" + url,
                "--advertise-client-urls=" + url,
                // One member: nobody calls its peer port, so any will do.
                "--listen-peer-urls=http://127.0.0.1:0",
                "--log-level=warn",
                // Room for a benchmark's history between two compactions (every 5 minutes).
                "--quota-backend-bytes=8589934592"));
    if (spec.durability() == Durability.THROWAWAY) {
      command.add("--unsafe-no-fsync");
    }
    return command;
  }

  static List<String> kubeApiServer(
      Path program,
      KubeApiServerSpec spec,
      ServerCredentials credentials,
      String url,
      int port,
      int etcdPort) {
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--cert-dir=" + spec.dataDirectory(),
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                // Publishing 127.0.0.1 as an endpoint is refused by validation; nobody needs it.
                "--endpoint-reconciler-type=none",
                "--secure-port=" + port,
                "--etcd-servers=http://127.0.0.1:" + etcdPort,
                "--authorization-mode=RBAC",
                "--anonymous-auth=false",
                "--token-auth-file=" + credentials.tokenTable(),
                // No controller makes service accounts, so the plugin would refuse every pod.
                "--disable-admission-plugins=ServiceAccount",
                "--service-account-issuer=" + url,
                "--service-account-signing-key-file=" + credentials.signingKey(),
                "--service-account-key-file=" + credentials.verifyingKey(),
                "--service-cluster-ip-range=10.0.0.0/24",
                // The defaults (400 and 200) throttle a benchmark before the server is busy.
                "--max-requests-inflight=3000",
                "--max-mutating-requests-inflight=1500"));
    spec.auditPolicy()
        .ifPresent(policy -> {
          command.add("--audit-policy-file=" + policy);
          command.add("--audit-log-path=" + auditLog(spec));
        });
    command.addAll(spec.extraFlags());
    return command;
  }

  static Path auditLog(KubeApiServerSpec spec) {
    return spec.dataDirectory().resolve("audit.log");
  }
}
