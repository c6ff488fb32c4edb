package dev.workspaceoperator.attacks;

import dev.workspaceoperator.bench.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code ./mvnw -Pattacks [-Dattacks.only=kill-noop,dead] [-Dattacks.jar=] [-Dattacks.table=]}:
 * each of a list of attacks on a replica, with a victim on the same lane that takes steps and uses
 * its kill switch, measured quiet and attacked in one run. Prints a table, and puts it into {@code
 * docs/benchmarks.md} if the whole list was tried.
 */
public final class Attacks {
  private Attacks() {}

  /**
   * Takes {@code only=}, empty for all; {@code jar=}, the program; and {@code table=}, whose place
   * in the document the table takes.
   */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, SQLException {
    Set<String> only = Set.of(value(arguments[0], "only").split(","));
    Path jar = Path.of(value(arguments[1], "jar")).toAbsolutePath();
    String table = value(arguments[2], "table");
    List<Attack> chosen = chosen(only);
    Report report = new Report("attacks " + table, "The role `api` of this build, attacked");
    StringBuilder rows = new StringBuilder(Result.HEAD);
    try (AttackLab lab = AttackLab.open(Optional.of(jar))) {
      AttackSeries round = new AttackSeries(lab, Sizes.FULL);
      for (Attack attack : chosen) {
        String row = round.run(attack).row();
        Report.say(row.strip());
        rows.append(row);
      }
    }
    if (only.contains("")) {
      report.finish(rows.toString());
    } else {
      System.out.println(rows);
    }
  }

  /** Every attack that there is on this machine. */
  static List<Attack> all() throws IOException, InterruptedException {
    List<Attack> all = new ArrayList<>();
    all.addAll(AttacksByTenants.all());
    all.addAll(AttacksByStrangers.all());
    all.addAll(AttacksByBulk.all());
    all.addAll(SlowHttp.all(Report::say));
    return all;
  }

  private static List<Attack> chosen(Set<String> only) throws IOException, InterruptedException {
    List<Attack> all = all();
    List<String> names = all.stream().map(Attack::name).toList();
    if (only.contains("")) {
      return all;
    }
    if (!names.containsAll(only)) {
      throw new IllegalArgumentException(
          "-Dattacks.only= takes, with commas, " + String.join(", ", names));
    }
    return all.stream().filter(attack -> only.contains(attack.name())).toList();
  }

  private static String value(String argument, String name) {
    String prefix = name + "=";
    if (!argument.startsWith(prefix)) {
      throw new IllegalArgumentException(prefix + "… is expected, not " + argument);
    }
    return argument.substring(prefix.length());
  }
}
