-- Admits a step by the checks of the gate, in their order, and reserves its highest cost.
-- KEYS: workspace, run, step. ARGV: cost in micro-USD.
local w = redis.call('HMGET', KEYS[1], 'state', 'kill', 'budget', 'user_budget')
local r = redis.call('HMGET', KEYS[2], 'user', 'status', 'lease', 'spent', 'reserved', 'cap')
if not r[1] then return 'NOT_FOUND' end
if w[1] ~= 'PRESENT' then return 'ARCHIVED' end
if w[2] ~= '0' then return 'KILL_SWITCH_ACTIVE' end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
if r[2] ~= 'running' or now >= tonumber(r[3]) then return 'RUN_NOT_RUNNING' end
local cost = tonumber(ARGV[1])
local function exceeds(limit, spent, reserved)
  return limit and (spent >= tonumber(limit) or spent + reserved + cost > tonumber(limit))
end
if exceeds(r[6], tonumber(r[4]), tonumber(r[5])) then return 'RUN_BUDGET_EXCEEDED' end
local day = math.floor(time[1] / 86400)
local ofDay = KEYS[1] .. ':' .. day
local ofUser = ofDay .. ':' .. r[1]
local d = redis.call('HMGET', ofDay, 'spent', 'reserved')
if exceeds(w[3], tonumber(d[1] or '0'), tonumber(d[2] or '0')) then return 'DAILY_BUDGET_EXCEEDED' end
local u = redis.call('HMGET', ofUser, 'spent', 'reserved')
if exceeds(w[4], tonumber(u[1] or '0'), tonumber(u[2] or '0')) then return 'USER_DAILY_BUDGET_EXCEEDED' end
redis.call('HINCRBY', KEYS[2], 'reserved', cost)
redis.call('HINCRBY', ofDay, 'reserved', cost)
redis.call('HINCRBY', ofUser, 'reserved', cost)
redis.call('HSET', KEYS[3], 'reserved', cost, 'admitted', now)
return string.format('%.0f', now)
