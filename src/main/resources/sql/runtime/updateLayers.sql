-- Writes what the REST API can change; of the declared layer only while it is frozen does anything differ.
UPDATE workspace
SET declared_name = :declared_name,
    declared_daily_budget_micro_usd = :declared_daily_budget_micro_usd,
    declared_user_daily_budget_micro_usd = :declared_user_daily_budget_micro_usd,
    declared_max_concurrent_runs = :declared_max_concurrent_runs,
    declared_kill_switch = :declared_kill_switch,
    declared_kill_switch_since = :declared_kill_switch_since,
    runtime_name = :runtime_name,
    runtime_daily_budget_micro_usd = :runtime_daily_budget_micro_usd,
    runtime_user_daily_budget_micro_usd = :runtime_user_daily_budget_micro_usd,
    runtime_max_concurrent_runs = :runtime_max_concurrent_runs,
    runtime_kill_switch_since = :runtime_kill_switch_since,
    runtime_kill_switch_reason = :runtime_kill_switch_reason
WHERE workspace_id = :workspace_id
