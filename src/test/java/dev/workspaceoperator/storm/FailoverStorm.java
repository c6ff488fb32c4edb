package dev.workspaceoperator.storm;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.workspaceoperator.gate.BooksAudit;
import dev.workspaceoperator.sql.DatabaseSettings;
import java.sql.SQLException;
import java.util.List;

/**
 * {@code ./mvnw -Pfailover [-Dfailovers=100] [-Dseed=]
 * [-Dpostgres.binaries=/usr/lib/postgresql/15/bin]}: a storm in which the primary of two PostgreSQL
 * servers fails, by SIGKILL, SIGSTOP and a cut network in turn, and the standby that every COMMIT
 * waits for is promoted. What was acknowledged is held against the primary of the end. Ends with 1
 * if anything was violated, or a client was served later than {@value #SERVED_WITHIN_SECONDS} s
 * after the new primary.
 */
public final class FailoverStorm {
  static final int SERVED_WITHIN_SECONDS = 10;

  private static final int REPLICAS = 4;
  private static final int ROUND_MAX = 25;

  private final long seed;
  private final int failovers;
  private final Tally tally = new Tally();

  FailoverStorm(long seed, int failovers) {
    this.seed = seed;
    this.failovers = failovers;
  }

  /** Takes {@code seed=}, empty for one by chance, and {@code failovers=}. */
  public static void main(String[] arguments)
      throws InterruptedException, SQLException, JsonProcessingException {
    String seed = arguments[0].substring("seed=".length());
    int failovers = Integer.parseInt(arguments[1].substring("failovers=".length()));
    FailoverStorm storm =
        new FailoverStorm(seed.isEmpty() ? Storm.randomSeed() : Long.parseLong(seed), failovers);
    storm.run();
    boolean inTime = storm.tally().comebacks().longest() <= SERVED_WITHIN_SECONDS;
    System.exit(inTime && storm.tally().violationCount() == 0 ? 0 : 1);
  }

  Tally tally() {
    return tally;
  }

  void run() throws InterruptedException, SQLException, JsonProcessingException {
    System.out.printf("Failovers: seed %d, %d%n", seed, failovers);
    try (Servers servers = Servers.startPair(REPLICAS, tally)) {
      for (int done = 0, round = 0; done < failovers; round++) {
        int next = Math.min(ROUND_MAX, failovers - done);
        new Round(servers, Script.ofFailovers(seed, round, next), tally).run();
        done += next;
      }
      new BooksAudit(DatabaseSettings.of(servers.url()))
          .run()
          .forEach(it -> tally.violation(it.invariant(), it.sentence(), List.of()));
      if (tally.violationCount() > 0) {
        System.out.println(servers.replicas().logs());
      }
    }
    System.out.print(tally.table());
    System.out.print(tally.comebacks().table());
    System.out.printf(
        "seed %d: %d failovers, %,d admitted, %d outcomes unknown, %d violations%n",
        seed, failovers, tally.of("admitted"), tally.of("~ unknown"), tally.violationCount());
    tally.violations().forEach(System.out::println);
  }
}
