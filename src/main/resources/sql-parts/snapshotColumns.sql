-- Everything about a workspace w, from what snapshotJoins.sql joins.
    w.*,
    platform.kill_switch_since AS platform_kill_switch_since,
    platform.kill_switch_reason AS platform_kill_switch_reason,
    today.spent_micro_usd,
    today.reserved_micro_usd,
    month.*,
    overrides.*,
    keys.*
