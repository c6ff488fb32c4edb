package dev.workspaceoperator.attacks;

import dev.workspaceoperator.storm.Wire;
import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** What a workspace can do to its neighbours with nothing but requests. */
final class AttacksByTenants {
  static final int CONNECTIONS = 64;
  private static final int BODY_BYTES_MAX = 64 * 1024;
  private static final int USER_LENGTH_MAX = 256;
  private static final int LABELS_MAX = 8;
  private static final int LABEL_NAME_MAX = 63;
  private static final int LABEL_VALUE_MAX = 256;
  private static final String ON = "{\"active\":true,\"reason\":\"attack\"}";
  private static final String OFF = "{\"active\":false}";

  /** One character of four bytes and two UTF-16 units. */
  private static final String WIDE = "\uD83D\uDE00";

  private AttacksByTenants() {}

  static List<Attack> all() {
    return List.of(
        new Attack(
            "kill-noop",
            "Kill switch of a Basic workspace, released although it is off",
            one(AttacksByTenants::killNoop)),
        new Attack(
            "kill-refused",
            "Kill switch of a Basic workspace, engaged although its plan has none",
            one(AttacksByTenants::killRefused)),
        new Attack(
            "kill-real",
            "Kill switch of a Scale workspace, on and off",
            one(AttacksByTenants::killReal)),
        new Attack(
            "streams",
            "Event streams of one workspace that nobody reads, while it changes",
            (lab, sizes) -> new Orders(lab, streams(lab, sizes))),
        new Attack(
            "bodies",
            "Starts with bodies of 64 KiB, 8 longest labels and users of 256 wide characters",
            one(AttacksByTenants::bodies)),
        new Attack(
            "refused",
            "Starts refused by the cap, steps refused by the budget",
            (lab, sizes) -> new Orders(lab, refused(lab))),
        new Attack(
            "settles",
            "Steps settled again and again, runs renewed again and again",
            (lab, sizes) -> new Orders(lab, settles(lab))),
        new Attack(
            "keys-new", "Steps, each with a new Idempotency-Key", one(AttacksByTenants::keysNew)),
        new Attack(
            "keys-same",
            "Steps, all with the same Idempotency-Key",
            one(AttacksByTenants::keysSame)),
        new Attack(
            "settings",
            "PATCH of the name, overrides made and ended",
            (lab, sizes) -> new Orders(lab, settings(lab))),
        new Attack("api-keys", "API keys made and revoked", one(AttacksByTenants::apiKeys)));
  }

  /** An order of one workspace. */
  private interface OfOne {
    Order order(AttackLab lab) throws IOException, SQLException;
  }

  private static Attack.Preparation one(OfOne attack) {
    return (lab, _) -> new Orders(lab, List.of(attack.order(lab)));
  }

  static Order killNoop(AttackLab lab) throws SQLException {
    return asks("no-ops", lab.tenant(Plan.BASIC).post(Tenant.KILL_SWITCH, OFF));
  }

  static Order killRefused(AttackLab lab) throws SQLException {
    return asks("refused", lab.tenant(Plan.BASIC).post(Tenant.KILL_SWITCH, ON));
  }

  static Order killReal(AttackLab lab) throws SQLException {
    Tenant tenant = lab.tenant(Plan.SCALE);
    return asks(
        "on and off", tenant.post(Tenant.KILL_SWITCH, ON), tenant.post(Tenant.KILL_SWITCH, OFF));
  }

  static List<Order> streams(AttackLab lab, Sizes sizes) throws SQLException {
    Tenant tenant = lab.tenant(Plan.SCALE);
    return List.of(
        new Order(
            "streams",
            Order.Manner.DOES_NOT_READ,
            sizes.streams(),
            List.of(
                "GET /v1/workspace/events?include=usage HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nX-API-Key: %s\r\n\r\n"
                    .formatted(tenant.key())),
            0,
            1),
        Order.asks("changes", 2, List.of(rename(tenant))));
  }

  static Order bodies(AttackLab lab) throws SQLException {
    Tenant tenant = withoutCap(lab);
    List<String> labels = new ArrayList<>();
    for (int number = 0; number < LABELS_MAX; number++) {
      String name = number + "l".repeat(LABEL_NAME_MAX - 1);
      labels.add("\"%s\":\"%s\"".formatted(name, WIDE.repeat(LABEL_VALUE_MAX)));
    }
    String body =
        "{\"user_id\":\"%s%s\",\"labels\":{%s}}"
            .formatted(
                Blank.NUMBER.text(), WIDE.repeat(USER_LENGTH_MAX - 12), String.join(",", labels));
    int missing = BODY_BYTES_MAX - Request.bytes(body).length - Blank.growth(body);
    return asks("starts", tenant.post(Tenant.RUNS, body + " ".repeat(missing)));
  }

  static List<Order> refused(AttackLab lab) throws IOException, SQLException {
    Tenant capped = lab.tenant(Plan.SCALE);
    require(capped.call(capped.patch("{\"max_concurrent_runs\":0}")));
    Tenant spent = lab.tenant(Plan.SCALE);
    String run = spent.runs(1).getFirst();
    require(spent.call(spent.patch("{\"daily_budget_usd\":0}")));
    return List.of(
        Order.asks(
            "starts", CONNECTIONS / 2, List.of(capped.post(Tenant.RUNS, "{\"user_id\":\"u\"}"))),
        Order.asks(
            "steps", CONNECTIONS / 2, List.of(spent.post(Tenant.stepsOf(run), Tenant.STEP))));
  }

  static List<Order> settles(AttackLab lab) throws IOException, SQLException {
    Tenant tenant = lab.tenant(Plan.SCALE);
    List<String> runs = tenant.runs(CONNECTIONS / 2);
    String settled = Tenant.stepsOf(runs.getFirst()) + "/" + tenant.step(runs.getFirst());
    return List.of(
        Order.asks(
            "heartbeats",
            CONNECTIONS / 2,
            runs.stream()
                .map(run -> tenant.post(Tenant.RUNS + "/" + run + "/heartbeat", "{}"))
                .toList()),
        Order.asks(
            "the same settle",
            CONNECTIONS / 4,
            List.of(tenant.post(settled + "/settle", "{\"cost_usd\":0}"))),
        Order.asks(
            "step and settle",
            CONNECTIONS / 4,
            List.of(
                tenant.post(Tenant.stepsOf(runs.getLast()), Tenant.STEP),
                tenant.post(
                    Tenant.stepsOf(runs.getLast()) + "/" + Blank.LAST_ID.text() + "/settle",
                    "{\"cost_usd\":0}"))));
  }

  static Order keysNew(AttackLab lab) throws IOException, SQLException {
    return steps(lab, "attack-" + Blank.NUMBER.text());
  }

  static Order keysSame(AttackLab lab) throws IOException, SQLException {
    return steps(lab, "attack");
  }

  private static Order steps(AttackLab lab, String idempotencyKey)
      throws IOException, SQLException {
    Tenant tenant = lab.tenant(Plan.SCALE);
    String path = Tenant.stepsOf(tenant.runs(1).getFirst());
    return asks("steps", Request.postOnce(path, tenant.key(), idempotencyKey, Tenant.STEP));
  }

  static List<Order> settings(AttackLab lab) throws SQLException {
    Tenant tenant = lab.tenant(Plan.SCALE);
    Instant tomorrow = Instant.now().plus(20, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS);
    return List.of(
        Order.asks("renames", CONNECTIONS / 2, List.of(rename(tenant))),
        Order.asks(
            "overrides",
            CONNECTIONS / 2,
            List.of(
                tenant.post(
                    Tenant.OVERRIDES,
                    "{\"daily_budget_usd\":1,\"expires_at\":\"%s\",\"reason\":\"attack\"}"
                        .formatted(tomorrow)),
                Request.delete(Tenant.OVERRIDES + "/" + Blank.LAST_ID.text(), tenant.key()))));
  }

  static Order apiKeys(AttackLab lab) throws SQLException {
    Tenant tenant = lab.tenant(Plan.SCALE);
    return asks(
        "made and revoked",
        tenant.post(Tenant.KEYS, "{\"name\":\"attack\",\"scopes\":[\"runs:write\"]}"),
        Request.delete(Tenant.KEYS + "/" + Blank.LAST_ID.text(), tenant.key()));
  }

  /** A workspace that may run as much as it likes. */
  static Tenant withoutCap(AttackLab lab) throws SQLException {
    Tenant tenant = lab.tenant(Plan.ENTERPRISE);
    lab.execute(
        "UPDATE workspace SET runtime_max_concurrent_runs = 1000000 WHERE workspace_id = '%s'"
            .formatted(tenant.id()));
    return tenant;
  }

  private static String rename(Tenant tenant) {
    return tenant.patch("{\"name\":\"n%s\"}".formatted(Blank.NUMBER.text()));
  }

  private static Order asks(String name, String... requests) {
    return Order.asks(name, CONNECTIONS, List.of(requests));
  }

  private static void require(Wire.Reply reply) {
    if (reply.status() != 200) {
      throw new IllegalStateException("not changed: " + reply);
    }
  }
}
