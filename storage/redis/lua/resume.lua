-- Tells the numbering where the record stands. Never lowers the number, never opens what has ended.
-- KEYS[1]  hash of the conversation, see number.lua
-- ARGV[1]  the highest number in the record
-- ARGV[2]  1: the conversation has ended; else 0
-- ARGV[3]  milliseconds until an unused conversation is forgotten
-- Returns  the highest number now

local highest = math.max(tonumber(redis.call('HGET', KEYS[1], 'n') or 0), tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'n', string.format('%.0f', highest))
if ARGV[2] == '1' then
  redis.call('HSETNX', KEYS[1], 'e', 'record')
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return highest
