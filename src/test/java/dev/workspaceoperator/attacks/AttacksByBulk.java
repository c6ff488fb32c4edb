package dev.workspaceoperator.attacks;

import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a workspace can do to its neighbours by what it has, or by a row of it that is slow. */
final class AttacksByBulk {
  private static final int CONNECTIONS = AttacksByTenants.CONNECTIONS;
  private static final String START = "{\"user_id\":\"user-%s\"}".formatted(Blank.NUMBER.text());

  private AttacksByBulk() {}

  static List<Attack> all() {
    return List.of(
        new Attack(
            "lists",
            "Pages of runs, usage and audit of 500, one after the other",
            (lab, sizes) -> new Orders(lab, List.of(lists(lab, sizes)))),
        new Attack(
            "users",
            "A workspace with a million users: starts of new ones, pages of all",
            (lab, sizes) -> new Orders(lab, users(lab, sizes))),
        new Attack(
            "running",
            "A workspace with 100,000 running runs: starts, pages of them",
            (lab, sizes) -> new Orders(lab, running(lab, sizes))),
        new Attack(
            "locked-row",
            "A workspace whose row is locked by hand, for as long as all this takes",
            3,
            LockedRow::prepare),
        new Attack(
            "dead", "A workspace with 500,000 runs whose lease has ended", DeadRuns::prepare),
        new Attack(
            "manifests",
            "10,000 Workspaces applied and deleted in a loop, by four kubectls",
            8,
            ManifestLoop::prepare),
        new Attack(
            "all", "All of them together", (lab, sizes) -> new Orders(lab, all(lab, sizes))));
  }

  static Order lists(AttackLab lab, Sizes sizes) throws SQLException {
    Tenant tenant = lab.tenant(Plan.SCALE);
    Seeds seeds = new Seeds(lab, tenant);
    seeds.endedRuns(sizes.rows());
    seeds.users(sizes.rows());
    seeds.audit(sizes.rows());
    return Order.asks(
        "pages",
        CONNECTIONS,
        List.of(
            tenant.get("/v1/runs?limit=500"),
            tenant.get("/v1/usage?limit=500"),
            tenant.get("/v1/audit?limit=500"),
            tenant.get("/v1/runs?limit=500&status=succeeded")));
  }

  static List<Order> users(AttackLab lab, Sizes sizes) throws SQLException {
    Tenant tenant = AttacksByTenants.withoutCap(lab);
    new Seeds(lab, tenant).users(sizes.users());
    return List.of(
        Order.asks("starts", CONNECTIONS / 2, List.of(tenant.post(Tenant.RUNS, START))),
        Order.asks("pages", CONNECTIONS / 2, List.of(tenant.get("/v1/usage?limit=500"))));
  }

  static List<Order> running(AttackLab lab, Sizes sizes) throws SQLException {
    Tenant tenant = AttacksByTenants.withoutCap(lab);
    new Seeds(lab, tenant).runs(sizes.running(), "1 hour");
    return List.of(
        Order.asks("starts", CONNECTIONS / 2, List.of(tenant.post(Tenant.RUNS, START))),
        Order.asks(
            "pages",
            CONNECTIONS / 2,
            List.of(tenant.get("/v1/runs?limit=500&status=running"), tenant.get("/v1/usage"))));
  }

  /** Each as big as it is alone, but for what only the store sees. */
  static List<Order> all(AttackLab lab, Sizes sizes) throws IOException, SQLException {
    List<Order> all = new ArrayList<>();
    all.add(AttacksByStrangers.silentHeads(sizes));
    all.add(AttacksByStrangers.silentBodies(sizes));
    all.addAll(AttacksByStrangers.wrongCredentials(lab));
    all.add(AttacksByTenants.killNoop(lab));
    all.add(AttacksByTenants.killRefused(lab));
    all.add(AttacksByTenants.killReal(lab));
    all.addAll(AttacksByTenants.streams(lab, sizes));
    all.add(AttacksByTenants.bodies(lab));
    all.addAll(AttacksByTenants.refused(lab));
    all.addAll(AttacksByTenants.settles(lab));
    all.add(AttacksByTenants.keysNew(lab));
    all.add(AttacksByTenants.keysSame(lab));
    all.addAll(AttacksByTenants.settings(lab));
    all.add(AttacksByTenants.apiKeys(lab));
    all.add(lists(lab, sizes));
    all.addAll(users(lab, sizes));
    all.addAll(running(lab, sizes));
    int half = sizes.silent() / 2;
    return all.stream()
        .map(order ->
            order.manner() == Order.Manner.FALLS_SILENT ? order.withConnections(half) : order)
        .toList();
  }

  /** A row that some other client of the database holds. */
  private record LockedRow(AttackLab lab, Tenant tenant, Orders orders, Hold hold)
      implements Assault {
    static Assault prepare(AttackLab lab, Sizes sizes) throws IOException, SQLException {
      Tenant tenant = lab.tenant(Plan.SCALE);
      String step = tenant.post(Tenant.stepsOf(tenant.runs(1).getFirst()), Tenant.STEP);
      Orders orders = new Orders(lab, List.of(Order.asks("steps", CONNECTIONS, List.of(step))));
      return new LockedRow(lab, tenant, orders, new Hold(lab));
    }

    @Override
    public void begin() throws IOException, SQLException {
      hold.take(tenant);
      orders.begin();
    }

    @Override
    public String end() throws IOException, SQLException {
      String answers = orders.end();
      hold.close();
      return answers;
    }
  }

  /** What the reaper and the gate have to work off. */
  private record DeadRuns(AttackLab lab, Tenant tenant, int count, Orders orders)
      implements Assault {
    static Assault prepare(AttackLab lab, Sizes sizes) throws IOException, SQLException {
      Tenant tenant = AttacksByTenants.withoutCap(lab);
      Orders orders =
          new Orders(
              lab, List.of(Order.asks("starts", 8, List.of(tenant.post(Tenant.RUNS, START)))));
      return new DeadRuns(lab, tenant, sizes.dead(), orders);
    }

    @Override
    public void begin() throws IOException, SQLException {
      new Seeds(lab, tenant).runs(count, "-1 second");
      orders.begin();
    }

    @Override
    public String end() throws IOException, SQLException {
      String answers = orders.end();
      long expired =
          lab.number(
              "SELECT count(*) FROM run WHERE workspace_id = '%s' AND status = 'expired'"
                  .formatted(tenant.id()));
      return String.format(Locale.ROOT, "%s; %,d of %,d expired", answers, expired, count);
    }
  }
}
