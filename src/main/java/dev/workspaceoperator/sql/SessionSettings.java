package dev.workspaceoperator.sql;

import static java.util.stream.Collectors.toUnmodifiableMap;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every setting of a session that this program relies on. A server, a database and a role can each
 * have other defaults, so none is left to them.
 *
 * @param exact what the answers and the books depend on, timeouts included
 * @param plans what makes a plan that is kept the right one, whatever size tables had when it was
 *     made
 */
public record SessionSettings(Map<String, String> exact, Map<String, String> plans) {
  /** Settings that a supported server may not know yet: left alone there. */
  private static final String NEWER_THAN_15 = "transaction_timeout";

  /** Every way to run a statement that there is by default. */
  private static final Map<String, String> ALL_WAYS =
      Stream.of(
              "bitmapscan",
              "hashagg",
              "hashjoin",
              "incremental_sort",
              "indexonlyscan",
              "indexscan",
              "material",
              "memoize",
              "mergejoin",
              "nestloop",
              "partition_pruning",
              "seqscan",
              "sort",
              "tidscan")
          .collect(toUnmodifiableMap(way -> "enable_" + way, _ -> "on"));

  /**
   * Statements are planned once a connection, not at each use, which would cost more than running
   * them, and find their rows by key: a plan that was made while a table was small must use the key
   * as well. No statement of the sort reads a table that it has no key for, which would be as dear
   * as everything else together and hide what that costs (the statements' plans are tested).
   */
  private static final Map<String, String> KEYED =
      Map.ofEntries(
          Map.entry("plan_cache_mode", "force_generic_plan"),
          Map.entry("enable_seqscan", "off"),
          Map.entry("max_parallel_workers_per_gather", "0"),
          Map.entry("join_collapse_limit", "8"),
          Map.entry("from_collapse_limit", "8"),
          Map.entry("geqo_threshold", "12"),
          Map.entry("seq_page_cost", "1"),
          Map.entry("random_page_cost", "4"),
          Map.entry("cpu_tuple_cost", "0.01"),
          Map.entry("cpu_index_tuple_cost", "0.005"),
          Map.entry("cpu_operator_cost", "0.0025"),
          Map.entry("effective_cache_size", "4GB"));

  public SessionSettings {
    exact = Collections.unmodifiableMap(new LinkedHashMap<>(exact));
    plans = Map.copyOf(plans);
  }

  /** With these timeouts; zero is none. */
  static SessionSettings with(
      Durability durability, Duration statement, Duration lock, Duration idleInTransaction) {
    Map<String, String> exact = new LinkedHashMap<>();
    // First, so that the rest is not cut short by a default.
    exact.put("statement_timeout", Long.toString(statement.toMillis()));
    exact.put("lock_timeout", Long.toString(lock.toMillis()));
    exact.put("idle_in_transaction_session_timeout", Long.toString(idleInTransaction.toMillis()));
    exact.put("idle_session_timeout", "0");
    exact.put(NEWER_THAN_15, "0");
    // What is decided under a lock must see what was committed before it was had (I5).
    exact.put("default_transaction_isolation", "read committed");
    exact.put("default_transaction_read_only", "off");
    exact.put("default_transaction_deferrable", "off");
    // pg_temp last: a table that another client of a shared session left must not stand for ours.
    exact.put("search_path", "public, pg_temp");
    // Rows that a policy would hide are an error rather than missing.
    exact.put("row_security", "off");
    exact.put("TimeZone", "UTC");
    exact.put("DateStyle", "ISO, MDY");
    exact.put("IntervalStyle", "postgres");
    exact.put("bytea_output", "hex");
    exact.put("extra_float_digits", "1");
    exact.put("standard_conforming_strings", "on");
    exact.put("array_nulls", "on");
    exact.put("transform_null_equals", "off");
    exact.put("jit", "off");
    if (durability == Durability.REQUIRED) {
      exact.put("synchronous_commit", "on");
    }
    return new SessionSettings(exact, ALL_WAYS);
  }

  /** With plans that are made once and used for long. */
  SessionSettings withKeyedPlans() {
    return withPlans(KEYED);
  }

  /** With these settings of plans instead of or besides. */
  SessionSettings withPlans(Map<String, String> others) {
    Map<String, String> all = new LinkedHashMap<>(plans);
    all.putAll(others);
    return new SessionSettings(exact, all);
  }

  /** The same for statements that are planned anew, with their values, at each use. */
  SessionSettings withoutPlans() {
    return new SessionSettings(
        exact, Map.of("plan_cache_mode", "auto", "max_parallel_workers_per_gather", "0"));
  }

  /** An expression of SQL that sets all of them for the session; text. */
  String forSession() {
    return calls(false);
  }

  /** The same until the transaction ends. */
  String forTransaction() {
    return calls(true);
  }

  private String calls(boolean isLocal) {
    Map<String, String> all = new LinkedHashMap<>(exact);
    all.putAll(plans);
    return all.entrySet().stream()
        .filter(setting -> !isLocal || isOfTransactions(setting.getKey()))
        .map(setting -> call(setting.getKey(), setting.getValue(), isLocal))
        .collect(Collectors.joining(", ", "concat(", ")"));
  }

  /** What is the default of later transactions, or counts between them, is not. */
  private static boolean isOfTransactions(String name) {
    return !name.startsWith("default_transaction_") && !name.equals("idle_session_timeout");
  }

  private static String call(String name, String value, boolean isLocal) {
    String call = "set_config('%s', '%s', %s)".formatted(name, value, isLocal);
    return name.equals(NEWER_THAN_15)
        ? "CASE WHEN current_setting('%s', true) IS NOT NULL THEN %s END".formatted(name, call)
        : call;
  }
}
