package dev.workspaceoperator.extauthz;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How the role {@code ext-authz} works.
 *
 * @param host where it listens
 * @param port 0 for any that is free
 * @param tls empty for plain text
 * @param userHeader in which header a client says for whom it asks, in lower case
 * @param clientHeaders what clients may say of themselves
 * @param reserveUnpriced whether a request whose cost cannot be told takes the default reservation;
 *     otherwise it is refused
 * @param callLeaseSeconds how long a call may go without being settled, 5..3600
 * @param costNamespaces where Envoy's metadata has what a call cost, the first that says so
 * @param freeStatuses answers of the upstream that cost nothing
 * @param callsMax most questions that are answered at the same time; a workspace has a quarter
 * @param drainTimeout how long what is under way may take when the role stops
 */
public record ExtAuthzSettings(
    String host,
    int port,
    Optional<Tls> tls,
    String userHeader,
    Set<ClientHeader> clientHeaders,
    boolean reserveUnpriced,
    int callLeaseSeconds,
    List<String> costNamespaces,
    Set<Integer> freeStatuses,
    int callsMax,
    Duration drainTimeout) {
  /** Where a client says for whom it asks, if nothing else is configured. */
  public static final String USER_HEADER = CheckedRequest.PREFIX + "user";

  /** The one for filters of Envoy's own, and that of Envoy AI Gateway. */
  public static final List<String> COST_NAMESPACES =
      List.of("workspace-operator", "io.envoy.ai_gateway");

  /**
   * Refused before a model is asked. Not 400 and 408, for which some providers charge: a filter of
   * contents has read the answer by then.
   */
  public static final Set<Integer> FREE_STATUSES = Set.of(401, 403, 404, 405, 413, 415, 422, 429);

  private static final int CALL_LEASE_SECONDS = 300;
  private static final int CALLS_MAX = 2_048;

  /** What is under way takes no longer, and Kubernetes waits longer. */
  public static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(10);

  public ExtAuthzSettings {
    clientHeaders = Set.copyOf(clientHeaders);
    costNamespaces = List.copyOf(costNamespaces);
    freeStatuses = Set.copyOf(freeStatuses);
  }

  /**
   * What the role does where nothing is configured.
   *
   * @param port 0 for any that is free
   */
  public static ExtAuthzSettings on(String host, int port) {
    return new ExtAuthzSettings(
        host,
        port,
        Optional.empty(),
        USER_HEADER,
        Set.of(ClientHeader.values()),
        false,
        CALL_LEASE_SECONDS,
        COST_NAMESPACES,
        FREE_STATUSES,
        CALLS_MAX,
        DRAIN_TIMEOUT);
  }

  /** The same, answered over TLS. */
  public ExtAuthzSettings withTls(Tls files) {
    return new ExtAuthzSettings(
        host,
        port,
        Optional.of(files),
        userHeader,
        clientHeaders,
        reserveUnpriced,
        callLeaseSeconds,
        costNamespaces,
        freeStatuses,
        callsMax,
        drainTimeout);
  }

  /** The same, believing this of clients. */
  public ExtAuthzSettings withClientHeaders(Set<ClientHeader> believed) {
    return new ExtAuthzSettings(
        host,
        port,
        tls,
        userHeader,
        believed,
        reserveUnpriced,
        callLeaseSeconds,
        costNamespaces,
        freeStatuses,
        callsMax,
        drainTimeout);
  }

  /** The same with calls that may go so long without being settled. */
  public ExtAuthzSettings withCallLeaseSeconds(int seconds) {
    return new ExtAuthzSettings(
        host,
        port,
        tls,
        userHeader,
        clientHeaders,
        reserveUnpriced,
        seconds,
        costNamespaces,
        freeStatuses,
        callsMax,
        drainTimeout);
  }

  boolean clientSays(ClientHeader header) {
    return clientHeaders.contains(header);
  }

  /**
   * Files in PEM, read again when they change.
   *
   * @param certificates the server's, with its chain
   * @param key its private key
   * @param clientAuthorities whose clients alone may ask; empty for any client
   */
  public record Tls(Path certificates, Path key, Optional<Path> clientAuthorities) {}
}
