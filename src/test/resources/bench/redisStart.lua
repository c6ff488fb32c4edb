-- Starts a run, and the workspace's record with it if there is none.
-- KEYS: workspace, run. ARGV: user, lease in seconds, unlimited.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'state', 'PRESENT', 'kill', '0', 'budget', ARGV[3], 'user_budget', ARGV[3])
end
redis.call('HINCRBY', KEYS[1], 'active', 1)
redis.call('HSET', KEYS[2], 'user', ARGV[1], 'status', 'running', 'lease', now + ARGV[2] * 1000000,
  'spent', '0', 'reserved', '0')
return string.format('%.0f', now)
