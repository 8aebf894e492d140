-- Places a message in its conversation: known? ended? over budget? else the next number.
-- KEYS[1]   hash of the conversation: n  the highest number given
--                                     e  client id of the message that ended it, or 'record'
--                                     c  arrival time of the conversation's budget (see gcra.lua)
--                                     a<author>  arrival time of this author's budget
-- KEYS[2]   hash of its known client ids, each with its number
-- ARGV[1]   client id
-- ARGV[2]   floor: what the caller knows to be stored
-- ARGV[3]   1: forget the client id's old number, another message has it; else 0
-- ARGV[4]   1: this message ends the conversation; else 0
-- ARGV[5]   author
-- ARGV[6]   author's budget: period in milliseconds, 0 for no limit
-- ARGV[7]   author's budget: burst
-- ARGV[8]   conversation's budget: period in milliseconds, 0 for no limit
-- ARGV[9]   conversation's budget: burst
-- ARGV[10]  milliseconds until an unused conversation is forgotten
-- ARGV[11]  so many client ids are remembered
-- Returns   {0, number} or {1, milliseconds to wait} or {2, 0} when it has ended or {3, 0} when the highest number is
--           below the floor: memory was lost, and perhaps an end with it

local client_id, again, ends = ARGV[1], ARGV[3] == '1', ARGV[4] == '1'
local author_field = 'a' .. ARGV[5]

local known = redis.call('HGET', KEYS[2], client_id)
if known and not again then
  return {0, tonumber(known)}
end

local state = redis.call('HMGET', KEYS[1], 'n', 'e', 'c', author_field)
local highest, ender, conversation_due, author_due = state[1], state[2], state[3], state[4]

-- The message that ended the conversation gets another number when its first one was taken, and its first one where
-- the record's end was known here before it came.
if ender and ender ~= client_id and not (ends and again) then
  return {2, 0}
end

highest = tonumber(highest or 0)
if highest < tonumber(ARGV[2]) then
  return {3, 0}
end

local changes = {}

-- Both admit, or nothing is taken. A message that was admitted before has paid.
if not known then
  local now = now_us()
  local author_wait, author_next = gcra(now, author_due, tonumber(ARGV[6]), tonumber(ARGV[7]))
  local conversation_wait, conversation_next = gcra(now, conversation_due, tonumber(ARGV[8]), tonumber(ARGV[9]))
  local wait = math.max(author_wait, conversation_wait)
  if wait > 0 then
    return {1, wait}
  end
  if author_next then
    changes[#changes + 1] = author_field
    changes[#changes + 1] = whole(author_next)
  end
  if conversation_next then
    changes[#changes + 1] = 'c'
    changes[#changes + 1] = whole(conversation_next)
  end
end

local number = highest + 1
changes[#changes + 1] = 'n'
changes[#changes + 1] = whole(number)
if ends then
  changes[#changes + 1] = 'e'
  changes[#changes + 1] = client_id
end
redis.call('HSET', KEYS[1], unpack(changes))
redis.call('PEXPIRE', KEYS[1], ARGV[10])

-- Forgetting them all is safe: a repetition then gets a new number, and the record knows its client id.
if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[11]) then
  redis.call('DEL', KEYS[2])
end
redis.call('HSET', KEYS[2], client_id, whole(number))
redis.call('PEXPIRE', KEYS[2], ARGV[10])
return {0, number}
