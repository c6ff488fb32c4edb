package dev.workspaceoperator.env;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;

/**
 * Writes the file with which kubectl and client libraries reach the server as its administrator.
 */
final class Kubeconfig {
  private Kubeconfig() {}

  static void write(Path file, String url, ServingCertificate certificate, String token) {
    PrivateFiles.write(
        file,
        """
        apiVersion: v1
        kind: Config
        current-context: workspace-operator
        clusters:
          - name: workspace-operator
            cluster:
              server: %s
              certificate-authority-data: %s
        users:
          - name: admin
            user:
              token: %s
        contexts:
          - name: workspace-operator
            context:
              cluster: workspace-operator
              user: admin
              namespace: default
        """
            .formatted(url, base64(certificate.pem()), token));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
