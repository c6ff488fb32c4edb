-- The health of a Workspace, for Argo CD: resource.customizations.health.workspace-operator.dev_Workspace.
local function with(status, message)
  return { status = status, message = message }
end

if obj.status == nil or obj.status.conditions == nil then
  return with("Progressing", "Not seen by the operator yet")
end
if obj.status.observedGeneration ~= obj.metadata.generation then
  return with("Progressing", "The newest version was not seen by the operator yet")
end

local is = {}
for _, condition in ipairs(obj.status.conditions) do
  if condition.status == "True" then
    is[condition.type] = condition
  end
end

if is.Stalled then
  return with("Degraded", is.Stalled.message)
elseif is.Reconciling then
  return with("Progressing", is.Reconciling.message)
elseif is.KillSwitchActive then
  return with("Suspended", is.KillSwitchActive.message)
elseif is.Ready then
  return with("Healthy", (is.PlanLimited or is.Ready).message)
end
return with("Progressing", "Not ready yet")
