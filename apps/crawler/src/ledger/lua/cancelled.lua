-- Removes the pages of a stopping crawl from the outbox, then ends the crawl. ARGV[5]: the consumer group.
local status = redis.call('HGET', JOB, 'status')
if status ~= 'stopping' then return status or 'GONE' end
local waiting = redis.call('HGETALL', WAITING)
for i = 1, #waiting, 2 do
  local entry, url = waiting[i], waiting[i + 1]
  local found, isRemoval = redis.call('XRANGE', OUTBOX, entry, entry)[1], false
  if found then
    local fields = found[2]
    for j = 1, #fields, 2 do
      if fields[j] == 'body' then
        redis.call('DECRBY', OUTBOX_BYTES, #fields[j + 1])
        isRemoval = fields[j + 1] == ''
      end
    end
    redis.call('XACK', OUTBOX, ARGV[5], entry)
    redis.call('XDEL', OUTBOX, entry)
  end
  if not isRemoval then
    local row = cjson.decode(redis.call('HGET', PAGES, url))
    row.status, row.reason = 'skipped', 'cancelled'
    local text = cjson.encode(row)
    redis.call('HSET', PAGES, url, text)
    count('skipped', 1)
    redis.call('HINCRBY', JOB, 's:cancelled', 1)
    emit('page', text)
  end
end
redis.call('DEL', WAITING)
finalize('cancelled')
return 'cancelled'
