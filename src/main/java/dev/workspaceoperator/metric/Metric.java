package dev.workspaceoperator.metric;

import static dev.workspaceoperator.metric.Kind.COUNTER;
import static dev.workspaceoperator.metric.Kind.GAUGE;
import static dev.workspaceoperator.metric.Kind.HISTOGRAM;
import static dev.workspaceoperator.metric.Kind.SIZES;
import static dev.workspaceoperator.metric.Kind.TIMER;
import static dev.workspaceoperator.metric.Teller.API;
import static dev.workspaceoperator.metric.Teller.CONTROLLER;
import static dev.workspaceoperator.metric.Teller.EVERY;
import static dev.workspaceoperator.metric.Teller.EXT_AUTHZ;
import static dev.workspaceoperator.metric.Teller.LEADER;
import static dev.workspaceoperator.metric.Teller.SERVING;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Every figure of this program. A label has a short fixed list of values, or what the installation
 * configures; the only one that grows with the workspaces is {@code workspace}, which can be turned
 * off. None has a user's name.
 */
public enum Metric {
  BUILD_INFO(
      GAUGE,
      "build_info",
      EVERY,
      "version, java",
      "Always 1, with the version of the program and of the Java that it runs on."),
  STORE_UP(GAUGE, "store_up", EVERY, "", "Whether PostgreSQL answers: 1 or 0."),
  STORE_OPERATIONS(
      HISTOGRAM,
      "store_operations",
      EVERY,
      "pool, outcome",
      "Transactions and reads of a pool of connections, with the wait for a connection: done,"
          + " unavailable (PostgreSQL cannot be reached, or answers with a passing error), failed."
          + " The gate's own connections are not pooled: see the batches."),
  STORE_CONNECTIONS(
      GAUGE,
      "store_connections",
      EVERY,
      "pool, state",
      "Connections of a pool that are active or idle."),
  STORE_CONNECTIONS_MAX(
      GAUGE, "store_connections_max", EVERY, "pool", "Most connections that a pool may have."),
  STORE_CONNECTIONS_AWAITED(
      GAUGE,
      "store_connections_awaited",
      EVERY,
      "pool",
      "Threads that wait for a connection of a pool."),
  LOOP_UP(
      GAUGE,
      "loop_up",
      EVERY,
      "loop",
      "Whether work that goes on beside the rest does go on: 1, or 0 between a failure and its new"
          + " beginning."),
  LOOP_FAILURES(
      COUNTER,
      "loop_failures",
      EVERY,
      "loop",
      "Failures that nobody foresaw, after which such work was begun anew. One that rises is a bug"
          + " to report."),

  TRACE_SPANS_LOST(
      COUNTER,
      "trace_spans_lost",
      EVERY,
      "",
      "Spans of traces that did not reach the collector: it was away, slow or refused them. Nothing"
          + " else is lost by that; always 0 where no traces are exported."),

  ADMISSIONS(
      COUNTER,
      "admissions",
      SERVING,
      "operation, outcome, code",
      "What became of what was asked of the gate (run, step, call): admitted, replayed (the answer"
          + " that an Idempotency-Key has kept), refused by the rules, or failed, so not admitted"
          + " either. The code is that of the API."),
  ADMISSION_TIME(
      HISTOGRAM,
      "admission",
      SERVING,
      "operation",
      "How long whoever asked the gate waited for the decision: in the queue, in the batch, for its"
          + " COMMIT. In OpenMetrics its buckets have exemplars with the caller's trace."),
  GATE_BATCHES(
      HISTOGRAM,
      "gate_batch",
      SERVING,
      "",
      "Transactions that decided operations, from their begin to their COMMIT."),
  GATE_BATCH_OPERATIONS(
      SIZES, "gate_batch_operations", SERVING, "", "Operations that one transaction decided."),
  GATE_WAITING(
      GAUGE,
      "gate_waiting",
      SERVING,
      "",
      "Operations that wait for the next transaction; how many places they have is share_places of"
          + " gate-queue."),
  GATE_WAIT(
      HISTOGRAM,
      "gate_wait",
      SERVING,
      "",
      "How long an operation waited in the queue before the transaction that decided it began."),
  GATE_PAUSES(
      COUNTER,
      "gate_pauses",
      SERVING,
      "",
      "Pauses of a lane, for a kill switch that changes something to go first; one for each lane"
          + " where it is the platform's."),
  LEASE_EXPIRIES(
      COUNTER,
      "lease_expiries",
      SERVING,
      "",
      "Runs that were ended because their lease had ended."),
  OVER_RESERVATION_CHARGES(
      COUNTER,
      "over_reservation_charges",
      SERVING,
      "",
      "Settled costs that were above their reservation: they are charged in full."),
  OVER_RESERVATION_USD(
      COUNTER,
      "over_reservation_usd",
      SERVING,
      "",
      "By how much they were above it, in US dollars."),
  KILL_SWITCH_TIME(
      HISTOGRAM,
      "kill_switch",
      API,
      "scope",
      "How long it took to engage a kill switch by the REST API, from the request to its COMMIT. No"
          + " replica admits anything after that, since none decides by a cache: this is how long a"
          + " stop takes to be in force everywhere. The scope is workspace or platform."),

  HTTP_REQUESTS(
      TIMER,
      "http_requests",
      API,
      "route, method, status",
      "Requests to the REST API and how long their answers took."),
  HTTP_PROBLEMS(COUNTER, "http_problems", API, "code", "Answers that are problems, by their code."),
  HTTP_REQUESTS_UNDER_WAY(
      GAUGE,
      "http_requests_under_way",
      API,
      "",
      "Requests whose head has come and whose answer has not been sent."),
  HTTP_CONNECTIONS(GAUGE, "http_connections", API, "", "Connections of clients that are open now."),
  EVENT_STREAMS(GAUGE, "event_streams", API, "", "Streams of events that are open now."),
  EVENT_STREAMS_ENDED(
      COUNTER,
      "event_streams_ended",
      API,
      "cause",
      "Streams of events that have ended, by who ended them."),
  NOTIFICATIONS(
      COUNTER,
      "notifications",
      API,
      "receiver, outcome",
      "Attempts to bring a notification to a receiver: delivered, failed (it is tried again), or"
          + " given_up after three days. Receivers of Workspaces are one, workspace/*."),
  NOTIFICATIONS_WAITING(
      GAUGE,
      "notifications_waiting",
      API,
      "",
      "Notifications that have not arrived at the installation's receivers yet, counted up to 100,000; each replica tells the same."),
  NOTIFICATION_AGE(
      GAUGE, "notification_age_seconds", API, "", "How long the oldest of them has waited."),
  ACCESS_LOG_DROPPED(
      COUNTER,
      "access_log_dropped",
      SERVING,
      "",
      "Lines of the access log that were dropped, as nobody read them in time; where the log is"
          + " JSON."),
  SIGN_INS(
      COUNTER,
      "sign_ins",
      SERVING,
      "credential, outcome",
      "Requests by kind of credential and by what its judgement came to."),
  JWKS_FETCHES(
      COUNTER, "jwks_fetches", SERVING, "issuer, outcome", "Fetches of the issuer's public keys."),
  JWKS_AGE(
      GAUGE,
      "jwks_age_seconds",
      SERVING,
      "issuer",
      "How old the keys of this issuer are; NaN before they were first fetched. They are kept for a"
          + " day while it is away."),
  SHARE_PLACES(
      GAUGE,
      "share_places",
      SERVING,
      "share",
      "Places that there are of a thing that is shared out among workspaces and strangers."),
  SHARE_TAKEN(GAUGE, "share_taken", SERVING, "share", "Places of it that are taken."),
  SHARE_REFUSED(
      COUNTER,
      "share_refused",
      SERVING,
      "share, whose",
      "What found no place: one has his whole share (429), or all of it is taken (503). The log"
          + " names the workspace, once a minute."),

  EXT_AUTHZ_CHECKS(
      TIMER,
      "ext_authz_checks",
      EXT_AUTHZ,
      "code",
      "Questions of Envoy and how long their answers took, by ADMITTED, a code of the API, or"
          + " GIVEN_UP where Envoy no longer waited (settled as 0)."),
  EXT_AUTHZ_SETTLEMENTS(
      COUNTER,
      "ext_authz_settlements",
      EXT_AUTHZ,
      "basis, outcome",
      "What became of entries of Envoy's access log, by what their cost was known by."),
  EXT_AUTHZ_SETTLEMENTS_UNDER_WAY(
      GAUGE,
      "ext_authz_settlements_under_way",
      EXT_AUTHZ,
      "",
      "Calls that are being settled now, or wait for the store."),
  EXT_AUTHZ_PRICE_FILE_GOOD(
      GAUGE,
      "ext_authz_price_file_good",
      EXT_AUTHZ,
      "",
      "Whether the price file could be read when it last changed: 1, or 0 while older prices go"
          + " on."),
  EXT_AUTHZ_PRICED_MODELS(
      GAUGE,
      "ext_authz_priced_models",
      EXT_AUTHZ,
      "",
      "Models in the price file that are priced by the token."),

  LEADER_UP(
      GAUGE,
      "leader",
      CONTROLLER,
      "",
      "Whether this process is the leading controller: 1 or 0; the sum over replicas should be 1."),
  RECONCILES(
      HISTOGRAM,
      "reconcile",
      LEADER,
      "outcome, reason",
      "Reconciliations of Workspaces, by how they ended; failed is a mistake of the program, or an"
          + " API server that does not answer."),
  EVENTS_DROPPED(
      COUNTER,
      "events_dropped",
      LEADER,
      "",
      "Kubernetes events that were not sent, because too many waited or failed."),
  NAMESPACE_SERVED(
      GAUGE,
      "namespace_served",
      LEADER,
      "namespace",
      "With --namespaces, whether the Workspaces of one of them are watched: 1, or 0 where the"
          + " account has no rights; the log says why, and it is tried again."),
  CONDITIONS(
      GAUGE,
      "conditions",
      LEADER,
      "type, status, reason",
      "Workspaces whose status has this condition, as the API server shows it."),
  KILL_SWITCH_PROPAGATION(
      HISTOGRAM,
      "kill_switch_propagation",
      LEADER,
      "",
      "How long after the COMMIT that engaged a kill switch a Workspace's status showed it. It was"
          + " in force from the COMMIT on: this is how long kubectl did not know."),
  AUDIT_LAG(
      GAUGE,
      "audit_lag_seconds",
      LEADER,
      "",
      "How far status is behind the audit chain: since when the oldest change waits whose head no"
          + " status shows yet; 0 for none. The chain itself has no lag, since each row is"
          + " committed with its change."),

  FIGURES_TIME(
      TIMER,
      "figures_read",
      LEADER,
      "",
      "Reads of what the following figures tell. One at most in 5 s, when somebody scrapes."),
  WORKSPACES(
      GAUGE,
      "workspaces",
      LEADER,
      "state",
      "Workspaces of this cluster that are not archived: present, or frozen (their resource is"
          + " gone)."),
  WORKSPACES_KILLED(
      GAUGE, "workspaces_killed", LEADER, "", "Those whose kill switch is on, by any latch."),
  PLATFORM_KILL_SWITCH(
      GAUGE,
      "platform_kill_switch",
      LEADER,
      "",
      "Whether the kill switch of the installation is on: 1 or 0."),
  KILL_SWITCH_LONGEST(
      GAUGE,
      "kill_switch_longest_seconds",
      LEADER,
      "",
      "How long the latch that has been engaged longest has been; 0 while none is."),
  SPENT(
      GAUGE,
      "spent_usd",
      LEADER,
      "",
      "What all of them have spent today (UTC), in US dollars. Goes back to 0 at midnight."),
  MONTH_SPENT(
      GAUGE,
      "month_spent_usd",
      LEADER,
      "",
      "The same of the calendar month (UTC), today included."),
  ACTIVE_RUNS(GAUGE, "active_runs", LEADER, "", "Runs that hold a slot now."),
  WORKSPACES_BUDGET_USED(
      GAUGE,
      "workspaces_budget_used",
      LEADER,
      "period, at_least",
      "Workspaces that have spent and reserved at least so much (0.8, 1) of their budget of the day"
          + " or of the month."),
  WORKSPACE_SPENT(
      GAUGE,
      "workspace_spent_usd",
      LEADER,
      "workspace, workspace_namespace",
      "What a workspace has spent today (UTC), in US dollars: settled and charged."),
  WORKSPACE_RESERVED(
      GAUGE,
      "workspace_reserved_usd",
      LEADER,
      "workspace, workspace_namespace",
      "What its open steps of today have reserved beside that."),
  WORKSPACE_BUDGET(
      GAUGE,
      "workspace_budget_usd",
      LEADER,
      "workspace, workspace_namespace",
      "Its budget of a day that is in force, overrides included; without a series where it is"
          + " unlimited."),
  WORKSPACE_MONTH_SPENT(
      GAUGE,
      "workspace_month_spent_usd",
      LEADER,
      "workspace, workspace_namespace",
      "What it has spent in the calendar month (UTC), today included."),
  WORKSPACE_MONTH_RESERVED(
      GAUGE,
      "workspace_month_reserved_usd",
      LEADER,
      "workspace, workspace_namespace",
      "What its open steps of the month have reserved; where it has a budget of the month."),
  WORKSPACE_MONTH_BUDGET(
      GAUGE,
      "workspace_month_budget_usd",
      LEADER,
      "workspace, workspace_namespace",
      "Its budget of the month; without a series where it has none."),
  WORKSPACE_ACTIVE_RUNS(
      GAUGE,
      "workspace_active_runs",
      LEADER,
      "workspace, workspace_namespace",
      "Its runs that hold a slot now."),
  WORKSPACE_RUNS_MAX(
      GAUGE,
      "workspace_max_concurrent_runs",
      LEADER,
      "workspace, workspace_namespace",
      "Its run cap that is in force."),
  WORKSPACE_KILLED(
      GAUGE,
      "workspace_kill_switch_seconds",
      LEADER,
      "workspace, workspace_namespace",
      "Since when its kill switch is on, by the latch that has been engaged longest; without a"
          + " series while it is off.");

  /** What every name begins with. */
  public static final String PREFIX = "workspace_operator_";

  private static final Duration[] SECONDS = {
    Duration.ofMillis(1),
    Duration.ofNanos(2_500_000),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofSeconds(1),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(10)
  };

  private static final double[] COUNTS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

  private final Kind kind;
  private final String name;
  private final Teller teller;
  private final String labels;
  private final String meaning;

  Metric(Kind kind, String name, Teller teller, String labels, String meaning) {
    this.kind = kind;
    this.name = name;
    this.teller = teller;
    this.labels = labels;
    this.meaning = meaning;
  }

  public Kind kind() {
    return kind;
  }

  public Teller teller() {
    return teller;
  }

  /** One or more sentences. */
  public String meaning() {
    return meaning;
  }

  /** The names of its labels. */
  public List<String> labels() {
    return labels.isEmpty() ? List.of() : Arrays.asList(labels.split(", ", -1));
  }

  /** What Micrometer calls it: without the end that tells its kind. */
  public String meter() {
    return PREFIX + name;
  }

  /** What Prometheus calls it. */
  public String exported() {
    return meter() + kind.suffix();
  }

  /**
   * A counter.
   *
   * @param values one for each label
   */
  public Counter counter(MeterRegistry registry, String... values) {
    require(COUNTER);
    return Counter.builder(meter()).description(meaning).tags(tags(values)).register(registry);
  }

  /** Counts what somebody else counts already. */
  public void counted(MeterRegistry registry, AtomicLong count) {
    require(COUNTER);
    var _ =
        FunctionCounter.builder(meter(), count, AtomicLong::doubleValue)
            .description(meaning)
            .register(registry);
  }

  /** Tells what this says at each scrape, for as long as the registry lives. */
  public void gauge(MeterRegistry registry, Supplier<Number> value, String... values) {
    require(GAUGE);
    var _ =
        Gauge.builder(meter(), value).description(meaning).tags(tags(values)).register(registry);
  }

  /** A timer, with buckets if it is a histogram. */
  public Timer timer(MeterRegistry registry, String... values) {
    Timer.Builder timer = Timer.builder(meter()).description(meaning).tags(tags(values));
    if (kind != TIMER) {
      require(HISTOGRAM);
      timer.serviceLevelObjectives(SECONDS.clone());
    }
    return timer.register(registry);
  }

  /** A histogram of sizes. */
  public DistributionSummary sizes(MeterRegistry registry) {
    require(SIZES);
    return DistributionSummary.builder(meter())
        .description(meaning)
        .serviceLevelObjectives(COUNTS.clone())
        .register(registry);
  }

  private void require(Kind needed) {
    if (kind != needed) {
      throw new IllegalStateException("%s is a %s, not a %s".formatted(this, kind, needed));
    }
  }

  private List<Tag> tags(String... values) {
    List<String> names = labels();
    if (names.size() != values.length) {
      throw new IllegalArgumentException("%s has the labels %s".formatted(this, names));
    }
    List<Tag> tags = new ArrayList<>(values.length);
    for (int i = 0; i < values.length; i++) {
      tags.add(Tag.of(names.get(i), values[i]));
    }
    return tags;
  }
}
