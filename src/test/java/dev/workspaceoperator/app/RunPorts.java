package dev.workspaceoperator.app;

import dev.workspaceoperator.env.FreePort;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * The ports of what run mode starts besides the operator: chosen free the first time and kept, so
 * that they are the same after a restart, and two checkouts do not get in each other's way.
 */
record RunPorts(int kubeApiServer, int etcd, int postgres, int extAuthz, int model, int gateway) {
  /** Those that examples/envoy/envoy.yaml has. */
  private static final int EXT_AUTHZ = 9191;

  private static final int MODEL = 9292;
  private static final int GATEWAY = 9393;

  static RunPorts load(Path file) throws IOException {
    Properties kept = new Properties();
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        kept.load(reader);
      }
    }
    RunPorts ports =
        new RunPorts(
            port(kept, "KUBE_APISERVER_PORT"),
            port(kept, "ETCD_PORT"),
            port(kept, "POSTGRES_PORT"),
            port(kept, "EXT_AUTHZ_PORT", EXT_AUTHZ),
            port(kept, "MODEL_PORT", MODEL),
            port(kept, "GATEWAY_PORT", GATEWAY));
    Map<String, String> values = new LinkedHashMap<>();
    values.put("KUBE_APISERVER_PORT", String.valueOf(ports.kubeApiServer()));
    values.put("ETCD_PORT", String.valueOf(ports.etcd()));
    values.put("POSTGRES_PORT", String.valueOf(ports.postgres()));
    values.put("EXT_AUTHZ_PORT", String.valueOf(ports.extAuthz()));
    values.put("MODEL_PORT", String.valueOf(ports.model()));
    values.put("GATEWAY_PORT", String.valueOf(ports.gateway()));
    new RunFile(file).write(values);
    return ports;
  }

  /**
   * Checks a port that the user can choose.
   *
   * @throws IllegalStateException if it is taken
   */
  static void requireFree(int port, String user, String option) {
    if (!FreePort.isFree(port)) {
      throw new IllegalStateException(
          "Port %d of 127.0.0.1, meant for %s, is taken. Stop what uses it, or choose another with %s<port>."
              .formatted(port, user, option));
    }
  }

  private static int port(Properties kept, String key) {
    String value = kept.getProperty(key);
    return value == null ? FreePort.find() : Integer.parseInt(value.strip());
  }

  /** One that examples name, unless it is taken the first time. */
  private static int port(Properties kept, String key, int preferred) {
    return kept.getProperty(key) == null && FreePort.isFree(preferred)
        ? preferred
        : port(kept, key);
  }
}
