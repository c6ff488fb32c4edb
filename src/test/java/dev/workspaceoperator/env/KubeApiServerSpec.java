package dev.workspaceoperator.env;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How to run one API server.
 *
 * @param dataDirectory everything it keeps and writes; absolute
 * @param apiServerPort on 127.0.0.1; {@link #FREE_PORT} for any that is free
 * @param etcdPort likewise
 * @param durability whether what was acknowledged survives a crash of the machine
 * @param atExit who stops the server when this JVM ends in good order
 * @param auditPolicy an audit policy file; with one, {@link KubeApiServer#auditLog()} is written
 * @param extraFlags further flags of kube-apiserver, as in {@code --v=2}
 */
public record KubeApiServerSpec(
    Path dataDirectory,
    int apiServerPort,
    int etcdPort,
    Durability durability,
    AtExit atExit,
    Optional<Path> auditPolicy,
    List<String> extraFlags) {

  public static final int FREE_PORT = 0;

  /** What etcd promises. */
  public enum Durability {
    /** Every write is synced to disk. */
    DURABLE,
    /** Writes are not synced: faster; kept over a restart, lost with the machine. */
    THROWAWAY
  }

  /** Who stops the server when the JVM ends. Its watchdog ends it after kill -9 in either case. */
  public enum AtExit {
    /** A shutdown hook. */
    STOPS_ITSELF,
    /** The caller, who has something to shut down before. */
    STOPPED_BY_CALLER
  }

  /** Makes the directory absolute and the flags a copy. */
  public KubeApiServerSpec {
    dataDirectory = dataDirectory.toAbsolutePath().normalize();
    extraFlags = List.copyOf(extraFlags);
  }

  /** For tests: free ports, nothing synced. */
  public static KubeApiServerSpec throwaway(Path dataDirectory) {
    return new KubeApiServerSpec(
        dataDirectory,
        FREE_PORT,
        FREE_PORT,
        Durability.THROWAWAY,
        AtExit.STOPS_ITSELF,
        Optional.empty(),
        List.of());
  }

  /** For run mode: stable ports, synced. */
  public static KubeApiServerSpec durable(Path dataDirectory, int apiServerPort, int etcdPort) {
    return new KubeApiServerSpec(
        dataDirectory,
        apiServerPort,
        etcdPort,
        Durability.DURABLE,
        AtExit.STOPS_ITSELF,
        Optional.empty(),
        List.of());
  }

  /** The same, stopped by the caller at exit. */
  public KubeApiServerSpec stoppedByCaller() {
    return new KubeApiServerSpec(
        dataDirectory,
        apiServerPort,
        etcdPort,
        durability,
        AtExit.STOPPED_BY_CALLER,
        auditPolicy,
        extraFlags);
  }

  /** The same with an audit log. */
  public KubeApiServerSpec withAuditPolicy(Path policy) {
    return new KubeApiServerSpec(
        dataDirectory,
        apiServerPort,
        etcdPort,
        durability,
        atExit,
        Optional.of(policy.toAbsolutePath()),
        extraFlags);
  }

  /** The same with further flags of kube-apiserver. */
  public KubeApiServerSpec withFlags(String... flags) {
    return new KubeApiServerSpec(
        dataDirectory,
        apiServerPort,
        etcdPort,
        durability,
        atExit,
        auditPolicy,
        Stream.concat(extraFlags.stream(), Stream.of(flags)).toList());
  }
}
