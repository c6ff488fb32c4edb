-- Workspaces of plan Enterprise without limits, numbered from 1.
INSERT INTO workspace (
    workspace_id, cluster, namespace, resource_name, slug, state, resource_uid, resource_generation,
    controller_epoch, plan, deletion_policy, revision, declared_revision, created_at, updated_at)
SELECT
    gen_random_uuid(), 'default', 'bench', 'ws-' || n, 'ws-' || n, 'PRESENT', 'uid-' || n, 1,
    1, 'Enterprise', 'Retain', 1, 1, clock_timestamp(), clock_timestamp()
FROM generate_series(%d, %d) n
