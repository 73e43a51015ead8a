-- KEYS[1]  the service's replicas     ARGV[1]  replica     ARGV[2]  how long a word holds, in milliseconds
-- Versions of before read a list after the bar.
local function say() return redis.pcall('HSET', KEYS[1], ARGV[1], string.format('%.0f', now) .. '|') end
if type(say()) == 'table' then
  -- Someone put another thing under the key.
  redis.call('DEL', KEYS[1])
  say()
end
redis.call('PEXPIRE', KEYS[1], 60000)
local live = 0
local flat = redis.call('HGETALL', KEYS[1])
for i = 1, #flat, 2 do
  local at = tonumber(string.match(flat[i + 1], '^(%d+)|')) or 0
  if at <= now - ARGV[2] or at > now + 1000 then
    redis.call('HDEL', KEYS[1], flat[i])
  else
    live = live + 1
  end
end
return live
