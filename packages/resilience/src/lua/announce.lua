-- KEYS[1]  the service's replicas     ARGV[1]  replica     ARGV[2]  breakers on which it disagrees with the fleet
-- ARGV[3]  how long a word holds, in milliseconds
local function say() return redis.pcall('HSET', KEYS[1], ARGV[1], string.format('%.0f', now) .. '|' .. ARGV[2]) end
if type(say()) == 'table' then
  -- Someone put another thing under the key.
  redis.call('DEL', KEYS[1])
  say()
end
redis.call('PEXPIRE', KEYS[1], 60000)
local live, disagreeing = 0, {}
local flat = redis.call('HGETALL', KEYS[1])
for i = 1, #flat, 2 do
  local at, names = string.match(flat[i + 1], '^(%d+)|(.*)$')
  at = tonumber(at) or 0
  if at <= now - ARGV[3] or at > now + 1000 then
    redis.call('HDEL', KEYS[1], flat[i])
  else
    live = live + 1
    for name in string.gmatch(names, '[^,]+') do disagreeing[name] = (disagreeing[name] or 0) + 1 end
  end
end
return { live, cjson.encode(disagreeing) }
