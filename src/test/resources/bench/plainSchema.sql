CREATE TABLE plain_workspace (
    workspace_id       integer PRIMARY KEY,
    budget_micro_usd   bigint  NOT NULL,
    reserved_micro_usd bigint  NOT NULL
) WITH (fillfactor = 50);
INSERT INTO plain_workspace SELECT n, 9223372036854775807, 0 FROM generate_series(1, 1000) n;
CREATE TABLE plain_step (
    workspace_id       integer     NOT NULL,
    step_id            uuid        NOT NULL,
    reserved_micro_usd bigint      NOT NULL,
    admitted_at        timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, step_id)
);
