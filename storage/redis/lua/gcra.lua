-- Budgets: the generic cell rate algorithm (ITU-T I.371) in virtual scheduling form.
-- No KEYS, no ARGV: functions for other scripts.

-- now        Unix microseconds
-- arrival    the theoretical arrival time kept from the last admission, or false
-- period_ms  one more fits each period; 0 means no limit
-- burst      so many fit at once, 1 or more
-- Returns what to wait in milliseconds (0: it fits now), and the arrival time to keep if it is admitted.
local function gcra(now, arrival, period_ms, burst)
  if period_ms == 0 then
    return 0, false
  end
  local period = period_ms * 1000
  local due = math.max(now, tonumber(arrival or 0))
  -- No admission leaves more than burst periods ahead. More means that the clock went back, on a failover to a server
  -- with another one, or that the budget became smaller: nobody waits longer for that.
  due = math.min(due, now + burst * period)
  local wait = due - (burst - 1) * period - now
  if wait > 0 then
    return math.ceil(wait / 1000), false
  end
  return 0, due + period
end

-- Lua would write such numbers as 1.7e+15.
local function whole(number)
  return string.format('%.0f', number)
end
