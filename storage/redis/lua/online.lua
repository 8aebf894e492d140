-- The live connections of a workspace; those whose time is over are removed.
-- KEYS[1]  hash of the workspace, see touch.lua
-- Returns  field, value, field, value, …

local now_ms = now_us() / 1000
local entries = redis.call('HGETALL', KEYS[1])
local live = {}
for index = 1, #entries, 2 do
  if tonumber(string.sub(entries[index + 1], 2)) > now_ms then
    live[#live + 1] = entries[index]
    live[#live + 1] = entries[index + 1]
  else
    redis.call('HDEL', KEYS[1], entries[index])
  end
end
return live
