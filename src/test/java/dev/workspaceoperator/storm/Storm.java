package dev.workspaceoperator.storm;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.workspaceoperator.gate.BooksAudit;
import dev.workspaceoperator.sql.DatabaseSettings;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code ./mvnw -Pstorm [-Dseed=] [-Dadmissions=] [-Dpostgres.binaries=/usr/lib/postgresql/15/bin]
 * [-Dpooler=pgbouncer]}: clients ask three replicas for runs and steps, while replicas and
 * PostgreSQL are killed, connections are lost, and limits and kill switches change; then what was
 * acknowledged is held against the database and against what is told by GET. Ends with 1 if any of
 * I1 to I7 (design.md §7) was violated.
 */
public final class Storm {
  private static final int REPLICAS = 3;
  private static final int ROUND_MAX = 100_000;

  private final long seed;
  private final Servers.Way way;
  private final List<Script> scripts = new ArrayList<>();
  private final Tally tally = new Tally();

  Storm(long seed, int admissions, Servers.Way way) {
    this.seed = seed;
    this.way = way;
    int rounds = Math.ceilDiv(admissions, ROUND_MAX);
    for (int round = 0; round < rounds; round++) {
      scripts.add(new Script(seed, round, Math.ceilDiv(admissions, rounds)));
    }
  }

  /** Takes {@code seed=}, empty for one by chance, and {@code admissions=}. */
  public static void main(String[] arguments)
      throws InterruptedException, SQLException, JsonProcessingException {
    String seed = arguments[0].substring("seed=".length());
    int admissions = Integer.parseInt(arguments[1].substring("admissions=".length()));
    Servers.Way way = Servers.Way.of(System.getProperty("pooler", ""));
    Storm storm = new Storm(seed.isEmpty() ? randomSeed() : Long.parseLong(seed), admissions, way);
    storm.run();
    System.exit(storm.tally().violationCount() == 0 ? 0 : 1);
  }

  static long randomSeed() {
    return new SecureRandom().nextInt(Integer.MAX_VALUE);
  }

  Tally tally() {
    return tally;
  }

  void run() throws InterruptedException, SQLException, JsonProcessingException {
    long start = System.nanoTime();
    System.out.printf(
        "Storm: seed %d, %,d admissions, SHA-256 of the script %s%n",
        seed, scripts.stream().mapToLong(Script::admissions).sum(), Script.sha256(scripts));
    try (Servers servers = Servers.start(REPLICAS, way)) {
      for (Script script : scripts) {
        long roundStart = System.nanoTime();
        run(script, servers);
        System.out.printf(
            "round %d: %,d admitted so far, %d violations, %d s%n",
            script.round(),
            tally.of("admitted"),
            tally.violationCount(),
            Duration.ofNanos(System.nanoTime() - roundStart).toSeconds());
      }
      new BooksAudit(DatabaseSettings.of(servers.url()))
          .run()
          .forEach(it -> tally.violation(it.invariant(), it.sentence(), List.of()));
      if (tally.violationCount() > 0) {
        System.out.println(servers.replicas().logs());
      }
    }
    System.out.print(tally.table());
    System.out.printf(
        "seed %d: %,d admitted, %d replica kills, %d PostgreSQL kills, %d outcomes unknown,"
            + " %d violations of I1-I7, %d s%n",
        seed,
        tally.of("admitted"),
        tally.of("! " + Blow.Kind.REPLICA),
        tally.of("! " + Blow.Kind.POSTGRES),
        tally.of("~ unknown"),
        tally.violationCount(),
        Duration.ofNanos(System.nanoTime() - start).toSeconds());
    tally.violations().forEach(System.out::println);
  }

  /** The logs of the replicas are gone with them, so they are told of any failure. */
  private void run(Script script, Servers servers)
      throws InterruptedException, SQLException, JsonProcessingException {
    try {
      new Round(servers, script, tally).run();
    } catch (RuntimeException e) {
      System.out.println(servers.replicas().logs());
      throw e;
    }
  }
}
