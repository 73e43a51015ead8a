-- Records a new crawl, or finds the one of the same idempotency key. KEYS: idempotency key, job, index, active, webhooks.
-- ARGV: id, now, idempotency hash ('' without a key), its lifetime in ms, maximum of active crawls, 1 when its events
-- go to a webhook, then the
-- record's fields and values.
if ARGV[3] ~= '' then
  local seen = redis.call('GET', KEYS[1])
  if seen then
    local hash, id = string.match(seen, '^(%x+):(.+)$')
    if hash ~= ARGV[3] then return {'reused', id} end
    return {'replayed', id}
  end
end
if redis.call('SCARD', KEYS[4]) >= tonumber(ARGV[5]) then return {'full', ''} end
redis.call('HSET', KEYS[2], unpack(ARGV, 7))
if ARGV[6] == '1' then redis.call('ZADD', KEYS[5], ARGV[2], ARGV[1]) end
redis.call('ZADD', KEYS[3], 0, ARGV[1])
redis.call('SADD', KEYS[4], ARGV[1])
if ARGV[3] ~= '' then redis.call('SET', KEYS[1], ARGV[3] .. ':' .. ARGV[1], 'PX', ARGV[4]) end
return {'accepted', ARGV[1]}
