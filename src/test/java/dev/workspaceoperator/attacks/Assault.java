package dev.workspaceoperator.attacks;

import java.io.IOException;
import java.sql.SQLException;

/** An attack that is ready to begin. */
interface Assault {
  /** Begins it, and does not wait. */
  void begin() throws IOException, SQLException, InterruptedException;

  /** Ends it; tells what the attacker had of it. */
  String end() throws IOException, SQLException, InterruptedException;
}
