package dev.workspaceoperator.bench;

import dev.workspaceoperator.bench.Tenants.Tenant;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** A database with a replica and workspaces. */
final class ComparedSide {
  private final String name;
  private final GateLab lab;
  private final List<Tenant> tenants;
  private int port;

  private ComparedSide(String name, GateLab lab, List<Tenant> tenants, int port) {
    this.name = name;
    this.lab = lab;
    this.tenants = tenants;
    this.port = port;
  }

  /** Starts the replica, and makes the workspaces. */
  static ComparedSide on(String name, int workspaces, GateLab lab)
      throws IOException, InterruptedException, SQLException {
    // The replica first: of another build it makes the schema.
    int port = lab.startReplica().port();
    Tenants tenants = new Tenants(lab);
    tenants.fillUpTo(workspaces);
    return new ComparedSide(name, lab, tenants.pick(workspaces), port);
  }

  /** Puts a new replica in the place of the one that there is. */
  void restart() throws IOException, InterruptedException {
    lab.stopReplicas();
    port = lab.startReplica().port();
  }

  String name() {
    return name;
  }

  GateLab lab() {
    return lab;
  }

  List<Tenant> tenants() {
    return tenants;
  }

  int port() {
    return port;
  }
}
