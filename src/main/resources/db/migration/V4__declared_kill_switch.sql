-- A manifest that says killSwitch: false is told apart from one that says nothing. NULL until its resource is looked at.
ALTER TABLE workspace ADD COLUMN declared_kill_switch boolean;
COMMENT ON COLUMN workspace.declared_kill_switch IS
    'As the manifest has it; NULL where that is silent. Whether the latch is on is told by declared_kill_switch_since alone.';
