-- Spends one from a budget, or says when.
-- KEYS[1]  arrival time of the budget, see gcra.lua
-- ARGV[1]  period in milliseconds, 1 or more
-- ARGV[2]  burst
-- Returns  0, or milliseconds to wait

local now = now_us()
local wait, due = gcra(now, redis.call('GET', KEYS[1]), tonumber(ARGV[1]), tonumber(ARGV[2]))
if wait == 0 then
  -- Once the arrival time has passed the budget is full, which a missing key means as well.
  redis.call('SET', KEYS[1], whole(due), 'PX', math.ceil((due - now) / 1000))
end
return wait
