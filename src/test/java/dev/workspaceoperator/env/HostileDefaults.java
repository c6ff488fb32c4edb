package dev.workspaceoperator.env;

import java.util.Map;

/** Defaults of a role's sessions, each of which would break something that is left to it. */
public final class HostileDefaults {
  /** What statements mean, see and survive. */
  public static final Map<String, String> OF_MEANING =
      Map.ofEntries(
          Map.entry("default_transaction_isolation", "repeatable read"),
          Map.entry("default_transaction_read_only", "on"),
          Map.entry("default_transaction_deferrable", "on"),
          Map.entry("statement_timeout", "40ms"),
          Map.entry("lock_timeout", "1ms"),
          Map.entry("idle_in_transaction_session_timeout", "500ms"),
          Map.entry("idle_session_timeout", "2s"),
          Map.entry("search_path", "elsewhere"),
          Map.entry("TimeZone", "America/St_Johns"),
          Map.entry("DateStyle", "SQL, DMY"),
          Map.entry("IntervalStyle", "sql_standard"),
          Map.entry("bytea_output", "escape"),
          Map.entry("extra_float_digits", "-15"),
          Map.entry("standard_conforming_strings", "off"),
          Map.entry("escape_string_warning", "off"),
          Map.entry("array_nulls", "off"),
          Map.entry("transform_null_equals", "on"),
          Map.entry("row_security", "on"),
          Map.entry("synchronous_commit", "local"));

  /** How statements are planned. */
  public static final Map<String, String> OF_PLANS =
      Map.ofEntries(
          Map.entry("plan_cache_mode", "force_custom_plan"),
          Map.entry("jit", "on"),
          Map.entry("jit_above_cost", "0"),
          Map.entry("jit_inline_above_cost", "0"),
          Map.entry("jit_optimize_above_cost", "0"),
          Map.entry("enable_indexscan", "off"),
          Map.entry("enable_indexonlyscan", "off"),
          Map.entry("enable_bitmapscan", "off"),
          Map.entry("enable_nestloop", "off"),
          Map.entry("enable_sort", "off"),
          Map.entry("enable_partition_pruning", "off"),
          Map.entry("seq_page_cost", "0"),
          Map.entry("random_page_cost", "1000000"),
          Map.entry("cpu_index_tuple_cost", "1000000"),
          Map.entry("effective_cache_size", "8kB"),
          Map.entry("work_mem", "64kB"),
          Map.entry("max_parallel_workers_per_gather", "8"),
          Map.entry("parallel_setup_cost", "0"),
          Map.entry("parallel_tuple_cost", "0"),
          Map.entry("min_parallel_table_scan_size", "0"),
          Map.entry("join_collapse_limit", "1"),
          Map.entry("from_collapse_limit", "1"),
          Map.entry("geqo_threshold", "2"));

  private HostileDefaults() {}
}
