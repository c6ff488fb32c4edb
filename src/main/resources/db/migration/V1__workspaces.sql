-- Workspaces: their identity, the layers of their settings, their keys, their books and their audit chain.
-- Money is a bigint of micro-USD. Every time is written by the database's clock, as operator_clock() tells it.

CREATE FUNCTION operator_clock() RETURNS timestamptz
    LANGUAGE sql VOLATILE PARALLEL SAFE
    RETURN clock_timestamp();
COMMENT ON FUNCTION operator_clock() IS
    'The one clock of the program. Tests replace it; nothing else may.';

CREATE DOMAIN budget_micro_usd AS bigint
    CONSTRAINT budget_is_finite_or_unlimited
    CHECK (VALUE BETWEEN 0 AND 1000000000000000 OR VALUE = 9223372036854775807);
COMMENT ON DOMAIN budget_micro_usd IS
    'A cap in micro-USD, at most 1,000,000,000 US dollars; 9223372036854775807 means unlimited. NULL: this layer is silent.';

CREATE DOMAIN run_cap AS integer
    CONSTRAINT run_cap_in_bounds CHECK (VALUE BETWEEN 0 AND 1000000);
COMMENT ON DOMAIN run_cap IS 'A cap on concurrent runs. NULL: this layer is silent.';

CREATE TABLE cluster (
    name             text        PRIMARY KEY,
    uid              text        NOT NULL,
    controller_epoch bigint      NOT NULL CHECK (controller_epoch > 0),
    updated_at       timestamptz NOT NULL DEFAULT operator_clock()
);
COMMENT ON TABLE cluster IS 'The Kubernetes clusters whose controllers write here.';
COMMENT ON COLUMN cluster.name IS 'The setting cluster.name; part of every workspace''s identity.';
COMMENT ON COLUMN cluster.uid IS 'UID of the namespace kube-system: tells two clusters of one name apart.';
COMMENT ON COLUMN cluster.controller_epoch IS
    'The fence. Raised by each controller that wins the Lease; a write under another epoch is refused.';

CREATE TABLE workspace (
    workspace_id                          uuid             PRIMARY KEY,
    cluster                               text             NOT NULL REFERENCES cluster (name),
    namespace                             text             NOT NULL,
    resource_name                         text             NOT NULL,
    slug                                  text,
    state                                 text             NOT NULL CHECK (state IN ('PRESENT', 'FROZEN', 'ARCHIVED')),
    resource_uid                          text             NOT NULL,
    resource_generation                   bigint           NOT NULL,
    controller_epoch                      bigint           NOT NULL,
    plan                                  text             NOT NULL CHECK (plan IN ('Basic', 'Pro', 'Scale', 'Enterprise')),
    deletion_policy                       text             NOT NULL CHECK (deletion_policy IN ('Retain', 'Delete')),
    declared_name                         text             CHECK (char_length(declared_name) BETWEEN 1 AND 120),
    declared_daily_budget_micro_usd       budget_micro_usd,
    declared_user_daily_budget_micro_usd  budget_micro_usd,
    declared_max_concurrent_runs          run_cap,
    declared_kill_switch_since            timestamptz,
    declared_kill_switch_reason           text             CHECK (char_length(declared_kill_switch_reason) <= 500),
    runtime_name                          text             CHECK (char_length(runtime_name) BETWEEN 1 AND 120),
    runtime_daily_budget_micro_usd        budget_micro_usd,
    runtime_user_daily_budget_micro_usd   budget_micro_usd,
    runtime_max_concurrent_runs           run_cap,
    runtime_kill_switch_since             timestamptz,
    runtime_kill_switch_reason            text             CHECK (char_length(runtime_kill_switch_reason) <= 500),
    revision                              bigint           NOT NULL CHECK (revision > 0),
    declared_revision                     bigint           NOT NULL CHECK (declared_revision > 0),
    active_runs                           integer          NOT NULL DEFAULT 0 CHECK (active_runs >= 0),
    audit_seq                             bigint           NOT NULL DEFAULT 0 CHECK (audit_seq >= 0),
    audit_hash                            bytea            NOT NULL DEFAULT '',
    created_at                            timestamptz      NOT NULL,
    updated_at                            timestamptz      NOT NULL,
    CONSTRAINT workspace_identity UNIQUE (cluster, namespace, resource_name),
    CONSTRAINT workspace_holds_a_slug CHECK (slug IS NOT NULL OR state <> 'PRESENT')
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX workspace_slug_held ON workspace (slug) WHERE state <> 'ARCHIVED';
COMMENT ON TABLE workspace IS
    'One row a workspace, for ever: what it is known by, what each layer says, and the heads of its counters.';
COMMENT ON COLUMN workspace.workspace_id IS 'UUIDv7 from the database''s clock; the id in the REST API.';
COMMENT ON COLUMN workspace.slug IS
    'Held alone while the workspace is not archived. NULL once an administrator has released it.';
COMMENT ON COLUMN workspace.state IS
    'PRESENT: a resource exists. FROZEN: deleted with Retain, the declared layer stays in force. ARCHIVED: deleted with Delete, nothing is admitted.';
COMMENT ON COLUMN workspace.resource_uid IS 'UID of the resource that was last accepted.';
COMMENT ON COLUMN workspace.resource_generation IS 'Compared within one resource_uid and one controller_epoch only.';
COMMENT ON COLUMN workspace.controller_epoch IS 'Epoch of the controller that last accepted the resource.';
COMMENT ON COLUMN workspace.declared_kill_switch_since IS
    'When the manifest engaged its latch; NULL while it is off.';
COMMENT ON COLUMN workspace.declared_kill_switch_reason IS
    'As the manifest has it, also while its latch is off.';
COMMENT ON COLUMN workspace.runtime_kill_switch_since IS
    'When the REST API engaged its latch; NULL while it is off.';
COMMENT ON COLUMN workspace.revision IS 'Rises with each change of any layer, of keys, slug or state.';
COMMENT ON COLUMN workspace.declared_revision IS
    'Rises with each change of the declared layer, of its keys, slug or state.';
COMMENT ON COLUMN workspace.active_runs IS 'Running runs: equals their rows (I4).';
COMMENT ON COLUMN workspace.audit_seq IS 'Number of the newest audit row; 0 for none.';
COMMENT ON COLUMN workspace.audit_hash IS 'Hash of the newest audit row; empty for none.';

CREATE TABLE workspace_override (
    workspace_id uuid        NOT NULL REFERENCES workspace (workspace_id),
    override_id  uuid        NOT NULL,
    setting      text        NOT NULL
        CHECK (setting IN ('daily_budget_usd', 'user_daily_budget_usd', 'max_concurrent_runs')),
    value        bigint      NOT NULL CHECK (value >= 0),
    reason       text        NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 500),
    created_by   text        NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    deleted_at   timestamptz,
    ended_at     timestamptz,
    PRIMARY KEY (workspace_id, override_id)
);
CREATE INDEX workspace_override_open ON workspace_override (workspace_id)
    WHERE deleted_at IS NULL AND ended_at IS NULL;
CREATE INDEX workspace_override_ending ON workspace_override (expires_at)
    WHERE deleted_at IS NULL AND ended_at IS NULL;
COMMENT ON TABLE workspace_override IS
    'Time-boxed exceptions that people made; the newest live one of a setting beats both layers.';
COMMENT ON COLUMN workspace_override.override_id IS 'UUIDv7 from the database''s clock.';
COMMENT ON COLUMN workspace_override.setting IS 'The setting''s name in the REST API.';
COMMENT ON COLUMN workspace_override.value IS 'Micro-USD (9223372036854775807: unlimited), or a count of runs.';
COMMENT ON COLUMN workspace_override.expires_at IS 'Exclusive; judged at each decision by the database''s clock.';
COMMENT ON COLUMN workspace_override.deleted_at IS 'When a person ended it early.';
COMMENT ON COLUMN workspace_override.ended_at IS 'When the sweep recorded that it had run out.';
COMMENT ON INDEX workspace_override_ending IS 'For the sweep of overrides that have run out.';

CREATE TABLE api_key (
    digest       bytea       PRIMARY KEY CHECK (octet_length(digest) = 32),
    key_id       uuid        NOT NULL UNIQUE,
    workspace_id uuid        REFERENCES workspace (workspace_id),
    name         text        NOT NULL,
    scopes       text[]      NOT NULL,
    source       text        NOT NULL CHECK (source IN ('Declared', 'Runtime', 'Fleet')),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    CONSTRAINT api_key_of_a_workspace_or_the_fleet CHECK ((workspace_id IS NULL) = (source = 'Fleet'))
);
CREATE INDEX api_key_of_workspace ON api_key (workspace_id, key_id);
COMMENT ON TABLE api_key IS 'Every API key, by its SHA-256; a key itself is never stored.';
COMMENT ON COLUMN api_key.digest IS 'SHA-256 of the whole key. Belongs to whoever stored it first.';
COMMENT ON COLUMN api_key.key_id IS 'UUIDv7 from the database''s clock.';
COMMENT ON COLUMN api_key.workspace_id IS 'NULL for a key of the whole installation.';
COMMENT ON COLUMN api_key.source IS 'Declared: listed by the manifest. Runtime: made by the REST API. Fleet: of the installation.';
COMMENT ON COLUMN api_key.expires_at IS 'Exclusive; NULL: never.';
COMMENT ON COLUMN api_key.revoked_at IS 'A revoked key stays, so that its digest is not given to another.';

CREATE TABLE platform (
    singleton          boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
    kill_switch_since  timestamptz,
    kill_switch_reason text        CHECK (char_length(kill_switch_reason) <= 500),
    kill_switch_actor  text,
    revision           bigint      NOT NULL DEFAULT 1,
    audit_seq          bigint      NOT NULL DEFAULT 0 CHECK (audit_seq >= 0),
    audit_hash         bytea       NOT NULL DEFAULT '',
    updated_at         timestamptz NOT NULL DEFAULT operator_clock()
);
INSERT INTO platform DEFAULT VALUES;
COMMENT ON TABLE platform IS 'One row: what holds for the whole installation, and the head of its own audit chain.';
COMMENT ON COLUMN platform.kill_switch_since IS
    'When the Platform latch of every workspace was engaged; NULL while it is off.';
COMMENT ON COLUMN platform.audit_seq IS
    'Head of the audit chain of workspace_id 00000000-0000-0000-0000-000000000000.';

CREATE TABLE workspace_day (
    workspace_id       uuid   NOT NULL REFERENCES workspace (workspace_id),
    day                date   NOT NULL,
    spent_micro_usd    bigint NOT NULL DEFAULT 0 CHECK (spent_micro_usd >= 0),
    reserved_micro_usd bigint NOT NULL DEFAULT 0 CHECK (reserved_micro_usd >= 0),
    PRIMARY KEY (workspace_id, day)
) WITH (fillfactor = 70);
COMMENT ON TABLE workspace_day IS 'What a workspace used on a UTC day of the reservation, by the database''s clock (I8).';
COMMENT ON COLUMN workspace_day.spent_micro_usd IS 'Settled and charged cost (I1).';
COMMENT ON COLUMN workspace_day.reserved_micro_usd IS 'Highest cost of the steps that are still open (I2).';

CREATE TABLE audit (
    workspace_id  uuid        NOT NULL,
    seq           bigint      NOT NULL CHECK (seq > 0),
    "time"        timestamptz NOT NULL,
    actor         text        NOT NULL,
    layer         text        NOT NULL,
    field         text        NOT NULL,
    before        json,
    after         json,
    reason        text,
    request_id    text,
    previous_hash bytea       NOT NULL,
    hash          bytea       NOT NULL,
    PRIMARY KEY (workspace_id, seq)
);
COMMENT ON TABLE audit IS
    'Who changed what. Append-only, one hash chain a workspace; its head is in the workspace''s row.';
COMMENT ON COLUMN audit.workspace_id IS
    'No foreign key: 00000000-0000-0000-0000-000000000000 is the chain of the whole installation.';
COMMENT ON COLUMN audit.seq IS 'From 1, without gaps.';
COMMENT ON COLUMN audit.before IS 'The exact text is hashed, hence json and not jsonb. NULL: the layer was silent.';
COMMENT ON COLUMN audit.after IS 'NULL: the layer is silent now.';
COMMENT ON COLUMN audit.request_id IS 'The REST request that made the change.';
COMMENT ON COLUMN audit.previous_hash IS 'hash of the row before; empty for the first.';
COMMENT ON COLUMN audit.hash IS
    'SHA-256, or HMAC-SHA256 with the configured key, of the row as canonical JSON (RFC 8785) without this member.';

CREATE FUNCTION refuse_audit_change() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are append-only: % is refused', TG_OP
        USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;
COMMENT ON FUNCTION refuse_audit_change() IS 'Keeps the audit table append-only.';
CREATE TRIGGER audit_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
