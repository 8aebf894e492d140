-- Time, for scripts that need it: Redis' own, so that every gateway counts by the same clock. Tests put another here.
-- No KEYS, no ARGV.

-- Unix microseconds. Below 2^53 until the year 2255, so Lua's doubles hold them exactly.
local function now_us()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end
