-- Says that a connection is alive.
-- KEYS[1]  hash of the workspace: <account>/<connection> -> <1 takes conversations, else 0><live until, Unix ms>
-- ARGV[1]  <account>/<connection>
-- ARGV[2]  1: takes conversations; else 0
-- ARGV[3]  milliseconds to live

local live_until = now_us() / 1000 + tonumber(ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. string.format('%.0f', live_until))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
