package dev.workspaceoperator.storm;

import dev.workspaceoperator.env.MovingAddress;
import dev.workspaceoperator.env.PostgresBinaries;
import dev.workspaceoperator.env.PostgresMember;
import dev.workspaceoperator.env.PostgresPair;
import dev.workspaceoperator.env.PostgresPair.Rebuild;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Lets the primary of a pair fail under load, promotes the standby, and makes a standby of the
 * former primary: what Patroni does, without the minutes of its {@code ttl}. A primary that was
 * stopped or cut off comes back while the new one serves, unfenced: what it admits then is counted.
 */
final class Failovers implements AutoCloseable {
  /** Admissions by the new primary until the former one comes back, and from then to its end. */
  private static final int ADMISSIONS_BETWEEN = 300;

  /**
   * One in so many is noticed late, as by a manager that waits for a lease to end: pauses between
   * attempts to connect have grown by then.
   */
  private static final int NOTICED_LATE = 4;

  private static final Duration LATE = Duration.ofSeconds(12);
  private static final long STALL_SECONDS = 60;

  private final PostgresPair pair;
  private final Tally tally;
  private final MovingAddress address;
  private final StormController controller;
  private int count;

  private Failovers(
      PostgresPair pair, Tally tally, MovingAddress address, StormController controller) {
    this.pair = pair;
    this.tally = tally;
    this.address = address;
    this.controller = controller;
  }

  /** With a controller, which comes to the primary by both hosts. */
  static Failovers start(PostgresPair pair, Tally tally, Path directory)
      throws InterruptedException {
    return new Failovers(
        pair,
        tally,
        MovingAddress.start(pair.primary().host(), pair.primary().port()),
        StormController.start(directory, urlOfBoth(pair), System.err::println));
  }

  /** Those of the JVM's folder, or the distribution's: the build's own lack what rebuilds. */
  static PostgresBinaries binaries() {
    String given = System.getProperty("postgres.binaries", "");
    return given.isBlank()
        ? PostgresBinaries.ofDistribution()
            .orElseThrow(() ->
                new IllegalStateException(
                    "a failover needs pg_basebackup and pg_rewind: on Debian, apt-get install"
                        + " postgresql, or give -Dpostgres.binaries="))
        : PostgresBinaries.in(Path.of(given));
  }

  /** How a replica comes to the primary. */
  static String way(int replica) {
    return replica % 2 == 0 ? "two hosts" : "moving address";
  }

  /** The address that this replica is given. */
  String url(int replica) {
    PostgresMember primary = pair.primary();
    return replica % 2 == 0
        ? urlOfBoth(pair)
        : primary.url().replace(primary.address(), "127.0.0.1:" + address.port());
  }

  private static String urlOfBoth(PostgresPair pair) {
    return pair.urlOfBoth() + "?target_session_attrs=primary";
  }

  /** One, from the fault to a pair that replicates again. */
  void failOver(Blow.Kind asked, Course course) throws InterruptedException, SQLException {
    boolean isPossible = asked != Blow.Kind.PRIMARY_CUT_OFF || pair.hasNetwork();
    Blow.Kind kind = isPossible ? asked : Blow.Kind.PRIMARY_STOPPED;
    long start = System.nanoTime();
    PostgresMember former = pair.primary();
    switch (kind) {
      case PRIMARY_KILLED -> former.kill();
      case PRIMARY_STOPPED -> former.stop();
      case PRIMARY_CUT_OFF -> former.cut();
      default -> throw new IllegalArgumentException("no failover: " + kind);
    }
    if (count % NOTICED_LATE == NOTICED_LATE - 1) {
      Thread.sleep(LATE);
    }
    pair.promote();
    tally.comebacks().serves(kind);
    PostgresMember primary = pair.primary();
    address.moveTo(primary.host(), primary.port());
    long promoted = System.nanoTime();
    CompletableFuture<Void> declared = CompletableFuture.runAsync(() -> declare(kind));
    awaitAdmissions(course, "after a failover");
    declared.join();
    if (kind != Blow.Kind.PRIMARY_KILLED) {
      comeBack(former, kind, course);
    }
    pair.rebuild(count++ % 2 == 0 ? Rebuild.REWIND : Rebuild.COPY);
    System.out.printf(
        "failover %d: %s of %s, %s promoted after %.2f s, a pair again after %.1f s%n",
        count,
        kind,
        former.name(),
        primary.name(),
        (promoted - start) / 1e9,
        (System.nanoTime() - start) / 1e9);
  }

  /** What is changed in a manifest now comes into force too. */
  private void declare(Blow.Kind kind) {
    try {
      long start = System.nanoTime();
      controller.change();
      tally.comebacks().declared(kind, start);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      tally.violation(
          "controller", "a manifest does not come into force: " + e, List.of(controller.log()));
    }
  }

  private void comeBack(PostgresMember former, Blow.Kind kind, Course course)
      throws InterruptedException, SQLException {
    String newest = "SELECT coalesce(max(pg_xact_commit_timestamp(xmin))::text, '') FROM ";
    if (kind == Blow.Kind.PRIMARY_STOPPED) {
      former.goOn();
    } else {
      former.heal();
    }
    List<String> tables = List.of("idempotency_key", "step", "run", "audit");
    StringBuilder before = new StringBuilder();
    for (String table : tables) {
      before.append(former.ask(newest + table)).append(' ');
    }
    awaitAdmissions(course, "while a former primary is back");
    StringBuilder after = new StringBuilder();
    for (String table : tables) {
      after.append(former.ask(newest + table)).append(' ');
    }
    tally.count("~ a former primary came back");
    tally.count(
        "~ sessions that wait for a COMMIT on a former primary",
        Long.parseLong(
            former.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")));
    tally.count(
        "~ client sessions on a former primary",
        Long.parseLong(
            former.ask(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND"
                    + " pid <> pg_backend_pid()")));
    if (!before.toString().contentEquals(after)) {
      tally.violation(
          "fence",
          "a former primary commits: %s, then %s".formatted(before, after),
          List.of(former.log()));
    }
  }

  private void awaitAdmissions(Course course, String when) throws InterruptedException {
    if (!course.await(course.count() + ADMISSIONS_BETWEEN, Integer.MAX_VALUE, STALL_SECONDS)) {
      tally.violation("I7", "nothing is admitted any more " + when, List.of());
    }
  }

  @Override
  public void close() {
    controller.close();
    address.close();
  }
}
