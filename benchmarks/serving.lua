-- What each of the clients asks for: random strings of so many letters, each another.
local shortest, longest

function init(arguments)
  math.randomseed(tonumber(arguments[1]))
  shortest, longest = tonumber(arguments[2]), tonumber(arguments[3])
end

function request()
  local letters = {}
  for place = 1, math.random(shortest, longest) do
    letters[place] = string.char(96 + math.random(10))
  end
  local body = '{"text": "' .. table.concat(letters) .. '"}'
  return wrk.format("POST", "/predict", { ["content-type"] = "application/json" }, body)
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    'JSON {"requests": %d, "seconds": %f, "failed": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
