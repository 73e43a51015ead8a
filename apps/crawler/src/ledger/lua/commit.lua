-- Records the result of a queued URL together with its document in the outbox. ARGV from 5: URL, row, status, reason,
-- 1 when it used one of the crawl's fetches, 1 when it was fetched, scope base ('' to keep the present one), maximum
-- outbox entries, maximum outbox bytes, document id, collection, document in JSON ('' without one),
-- traceparent ('' without one).
local verdict = guard()
if verdict ~= 'OK' then return verdict end
local url, row, status, reason, isTaken, isFetched, base = unpack(ARGV, 5, 11)
local maxEntries, maxBytes, documentId, collection, body = tonumber(ARGV[12]), tonumber(ARGV[13]), unpack(ARGV, 14, 16)
local trace = ARGV[17]
if string.sub(redis.call('HGET', PAGES, url) or '', 1, 2) ~= 'q:' then return 'OK' end
if body ~= '' then
  local entries, bytes = redis.call('XLEN', OUTBOX), tonumber(redis.call('GET', OUTBOX_BYTES) or 0)
  if entries >= maxEntries or (entries > 0 and bytes + #body > maxBytes) then return 'FULL' end
  local entry = redis.call('XADD', OUTBOX, '*', 'crawl', ID, 'url', url, 'document', documentId,
    'collection', collection, 'body', body, 'trace', trace)
  redis.call('INCRBY', OUTBOX_BYTES, #body)
  redis.call('HSET', WAITING, entry, url)
end
count('queued', -1)
redis.call('HINCRBY', JOB, 'taken', isTaken)
if isFetched == '1' then count('fetched', 1) end
if base ~= '' then redis.call('HSET', JOB, 'base', base) end
if status == 'skipped' then
  skip(url, row, reason)
else
  redis.call('HSET', PAGES, url, row)
  redis.call('RPUSH', ORDER, url)
end
if status == 'unchanged' then count('unchanged', 1) end
if status == 'failed' then
  count('failed', 1)
  redis.call('RPUSH', ERRORS, url)
end
if status ~= 'fetched' then emit('page', row) end
progress()
return 'OK'
