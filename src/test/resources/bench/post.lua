-- For wrk: posts what a file lists, in turn. Each of its lines is a path, an API key and a body.
-- Afterwards prints one line that begins with "result", for the benchmark to read.
local prepared = {}
local turn = 0

function init(args)
  for line in io.lines(args[1]) do
    local path, key, body = line:match("^(%S+) (%S+) (.*)$")
    prepared[#prepared + 1] = wrk.format("POST", path,
      { ["X-API-Key"] = key, ["Content-Type"] = "application/json" }, body)
  end
end

function request()
  turn = turn % #prepared + 1
  return prepared[turn]
end

function done(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("result %d %d %d %d %d %d %d\n", summary.requests, summary.duration,
    summary.errors.status, failed, latency:percentile(50), latency:percentile(99), latency.max))
end
