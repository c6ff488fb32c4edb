package dev.workspaceoperator.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PostgreSQL's own load generator, for what an admission costs that is a transaction of its own.
 */
final class Pgbench {
  private static final int CLIENTS = 16;
  private static final Pattern RATE = Pattern.compile("tps = ([0-9.]+)");

  private final Path program;
  private final GateLab lab;

  /** Makes its tables. */
  Pgbench(GateLab lab) throws IOException, SQLException {
    this.lab = lab;
    program =
        OtherProgram.find("pgbench")
            .orElseThrow(() ->
                new IllegalStateException(
                    "pgbench is not there: apt-get install postgresql-contrib"));
    lab.execute(Resources.text("plainSchema.sql"));
  }

  /** Transactions a second of a script beside the benchmarks. */
  double perSecond(String script, double seconds) throws IOException, InterruptedException {
    String said =
        OtherProgram.start(
                List.of(
                    program.toString(),
                    "--no-vacuum",
                    "--protocol=prepared",
                    "--client=" + CLIENTS,
                    "--jobs=1",
                    "--time=" + Math.round(seconds),
                    "--file=" + Resources.file(script),
                    lab.databaseUrl()))
            .output();
    Matcher rate = RATE.matcher(said);
    if (!rate.find()) {
      throw new IllegalStateException("pgbench measured nothing: " + said);
    }
    return Double.parseDouble(rate.group(1));
  }
}
