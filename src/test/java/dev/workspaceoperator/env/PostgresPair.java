package dev.workspaceoperator.env;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A primary and a standby that every COMMIT waits for, and the two hands of a failover: promote the
 * standby, and make a standby of the former primary. Nobody but the caller decides when; as
 * Patroni's {@code synchronous_mode} has it, a primary that has just been promoted waits for no
 * standby until there is one again.
 */
public final class PostgresPair implements AutoCloseable {
  private static final Duration FOLLOWS_WITHIN = Duration.ofSeconds(60);

  private final Optional<PrivateNetwork> network;
  private PostgresMember primary;
  private PostgresMember standby;

  private PostgresPair(
      Optional<PrivateNetwork> network, PostgresMember primary, PostgresMember standby) {
    this.network = network;
    this.primary = primary;
    this.standby = standby;
  }

  /**
   * Starts both, in network namespaces where this process may make them, else on 127.0.0.1.
   *
   * @param binaries with {@code pg_basebackup}, {@code pg_rewind} and {@code pg_ctl}
   */
  public static PostgresPair start(
      PostgresBinaries binaries, Path directory, Consumer<String> progress)
      throws InterruptedException, SQLException {
    Optional<PrivateNetwork> network = PrivateNetwork.open(List.of("a", "b"));
    if (network.isEmpty()) {
      progress.accept(
          "postgres: NO NETWORK CAN BE CUT: network namespaces need root, ip and iptables");
    }
    return start(binaries, directory, network, progress);
  }

  /** Starts both on 127.0.0.1, where what listens on this machine can stand between them. */
  public static PostgresPair startOnLoopback(
      PostgresBinaries binaries, Path directory, Consumer<String> progress)
      throws InterruptedException, SQLException {
    return start(binaries, directory, Optional.empty(), progress);
  }

  private static PostgresPair start(
      PostgresBinaries binaries,
      Path directory,
      Optional<PrivateNetwork> network,
      Consumer<String> progress)
      throws InterruptedException, SQLException {
    byte[] secret = new byte[16];
    new SecureRandom().nextBytes(secret);
    String password = HexFormat.of().formatHex(secret);
    PostgresMember a =
        new PostgresMember(binaries, directory.resolve("a"), "a", network, password, progress);
    PostgresMember b =
        new PostgresMember(binaries, directory.resolve("b"), "b", network, password, progress);
    PostgresPair pair = new PostgresPair(network, a, b);
    boolean started = false;
    try {
      a.initialise();
      a.start(b);
      a.execute("CREATE DATABASE " + PostgresMember.USER);
      b.copy(a);
      b.start(a);
      pair.commitOnBoth();
      started = true;
    } finally {
      if (!started) {
        pair.close();
      }
    }
    return pair;
  }

  public synchronized PostgresMember primary() {
    return primary;
  }

  public synchronized PostgresMember standby() {
    return standby;
  }

  /** Whether a server can be cut off. */
  public boolean hasNetwork() {
    return network.isPresent();
  }

  /** An address with both hosts, that of server a first. */
  public String urlOfBoth() {
    PostgresMember a = primary().name().equals("a") ? primary() : standby();
    PostgresMember b = primary().name().equals("a") ? standby() : primary();
    return a.url().replace(a.address(), a.address() + "," + b.address());
  }

  /** The standby is the primary when this returns; what the former one does is not looked at. */
  public void promote() throws InterruptedException, SQLException {
    PostgresMember next = standby();
    next.promote();
    synchronized (this) {
      standby = primary;
      primary = next;
    }
  }

  /** How a former primary becomes a standby. */
  public enum Rebuild {
    REWIND,
    COPY
  }

  /** Kills the former primary, which then follows the new one, and every COMMIT waits for it. */
  public void rebuild(Rebuild how) throws InterruptedException, SQLException {
    standby().kill();
    switch (how) {
      case REWIND -> standby().rewind(primary());
      case COPY -> standby().copy(primary());
    }
    standby().start(primary());
    commitOnBoth();
  }

  /** A crash of the primary, which comes back with its data, as one whose service restarts it. */
  public void crashPrimary() throws InterruptedException {
    primary().kill();
    primary().start(standby());
  }

  /** The standby comes back after {@link PostgresMember#kill}. */
  public void startStandby() throws InterruptedException {
    standby().start(primary());
  }

  /** From now on nothing is answered as committed that the standby does not have. */
  public void commitOnBoth() throws InterruptedException, SQLException {
    primary()
        .execute(
            "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (%s)'"
                .formatted(standby().name()));
    primary().execute("SELECT pg_reload_conf()");
    awaitSynchronous();
  }

  /** From now on no COMMIT waits for the standby. */
  public void commitOnPrimary() throws SQLException {
    primary().execute("ALTER SYSTEM SET synchronous_standby_names = ''");
    primary().execute("SELECT pg_reload_conf()");
  }

  /** The standby comes to its primary by another port of this machine, such as a proxy's. */
  public void standbyFollowsBy(int port) throws InterruptedException, SQLException {
    standby().kill();
    standby().start(primary(), port);
    awaitSynchronous();
  }

  /** Waits until the standby is one that COMMITs wait for. */
  public void awaitSynchronous() throws InterruptedException, SQLException {
    Deadline deadline = Deadline.in(FOLLOWS_WITHIN);
    while (!primary()
        .ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')")
        .equals("1")) {
      if (deadline.passed()) {
        throw new IllegalStateException("no standby follows:\n" + standby().log());
      }
      Thread.sleep(20);
    }
  }

  @Override
  public void close() {
    try {
      primary().kill();
      standby().kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      network.ifPresent(PrivateNetwork::close);
    }
  }
}
