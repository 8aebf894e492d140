-- Raises the marks of one side of a conversation; never lowers one.
-- KEYS[1]  hash of the conversation: <role>:received and <role>:read, numbers of messages
-- ARGV[1]  role
-- ARGV[2]  received
-- ARGV[3]  read
-- ARGV[4]  milliseconds until they are forgotten

local function raise(field, mark)
  if tonumber(mark) > tonumber(redis.call('HGET', KEYS[1], field) or -1) then
    redis.call('HSET', KEYS[1], field, mark)
  end
end

raise(ARGV[1] .. ':received', ARGV[2])
raise(ARGV[1] .. ':read', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
