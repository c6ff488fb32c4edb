package dev.workspaceoperator.attacks;

import java.io.IOException;
import java.sql.SQLException;

/**
 * What is tried on a victim.
 *
 * @param name for {@code -Dattacks.only=}
 * @param what a sentence for the table
 * @param times how many times as long as others it takes
 * @param preparation makes what it needs, which is not measured
 */
record Attack(String name, String what, int times, Preparation preparation) {
  Attack(String name, String what, Preparation preparation) {
    this(name, what, 1, preparation);
  }

  /** Before it. */
  @FunctionalInterface
  interface Preparation {
    Assault prepare(AttackLab lab, Sizes sizes)
        throws IOException, SQLException, InterruptedException;
  }
}
