-- Calls that differ: the item, the client's address, the credential. One line of JSON at the end.
local calls = 0

function request()
  calls = calls + 1
  local headers = {
    ["Host"] = "api.shop.example",
    ["User-Agent"] = "ShopApp/7.3.1 (Android 15; Pixel 9)",
    ["Accept"] = "application/json",
    ["Accept-Encoding"] = "gzip, deflate, br",
    ["Authorization"] = "Bearer " .. string.rep(tostring(calls % 10), 32),
    ["X-Forwarded-For"] = "203.0.113." .. calls % 250 .. ", 10.0.0.1",
    ["X-Forwarded-Proto"] = "https",
  }
  return wrk.format("GET", "/items/" .. calls % 9973 .. "?lang=en", headers)
end

-- Where users are few, each connection rests before its next call.
local pause = tonumber(os.getenv("PAUSE_MS") or "0")
if pause > 0 then
  function delay()
    return math.random(0, 2 * pause)
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    'RESULT {"requests_a_second": %.1f, "p50_ms": %.3f, "p99_ms": %.3f, "requests": %d, "failed": %d}\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.requests, failed
  ))
end
