import { createScript } from '../redis/run-script.ts';

/**
 * Common to all scripts about one crawl. KEYS as in `scriptKeys`; ARGV: crawl id, now (ms), seconds that a
 * finished crawl is kept, fence ('' when the caller does not own the crawl).
 */
const PRELUDE = `
local JOB, PAGES, ORDER, ERRORS, EVENTS, WAITING, ACTIVE, OUTBOX, OUTBOX_BYTES =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local ID, NOW, KEEP_S, FENCE = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local NAMES = {'discovered', 'queued', 'fetched', 'indexed', 'unchanged', 'skipped', 'failed'}

local function count(name, by) return redis.call('HINCRBY', JOB, 'n:' .. name, by) end

local function counters()
  local all = {}
  for _, name in ipairs(NAMES) do all[name] = tonumber(redis.call('HGET', JOB, 'n:' .. name) or 0) end
  return all
end

local function emit(kind, data)
  redis.call('XADD', EVENTS, 'MAXLEN', '~', 20000, '*', 'type', kind, 'data', data)
end

local function progress()
  local last = tonumber(redis.call('HGET', JOB, 'progressAt') or 0)
  if NOW - last < 1000 then return end
  redis.call('HSET', JOB, 'progressAt', NOW)
  emit('progress', cjson.encode({counters = counters()}))
end

local function isFinal(status)
  return status == 'completed' or status == 'completed_with_errors' or status == 'cancelled' or status == 'failed'
end

local function finalize(status)
  redis.call('HSET', JOB, 'status', status, 'finishedAt', NOW)
  local stop, fault = redis.call('HGET', JOB, 'stopReason'), redis.call('HGET', JOB, 'error')
  emit('finished', cjson.encode({
    id = ID, status = status, stopReason = stop or cjson.null, error = fault or nil, counters = counters()
  }))
  redis.call('SREM', ACTIVE, ID)
  for i = 1, 6 do redis.call('EXPIRE', KEYS[i], KEEP_S) end
end

-- A crawl is complete once it is crawled and rag has acknowledged all of it.
local function finalizeWhenDelivered()
  if redis.call('HGET', JOB, 'crawled') ~= '1' or redis.call('HGET', JOB, 'status') ~= 'running' then return end
  if redis.call('HLEN', WAITING) > 0 then return end
  if redis.call('HEXISTS', JOB, 'error') == 1 then return finalize('failed') end
  local failed = tonumber(redis.call('HGET', JOB, 'n:failed') or 0)
  finalize(failed > 0 and 'completed_with_errors' or 'completed')
end

local function skip(url, row, reason)
  redis.call('HSET', PAGES, url, row)
  redis.call('RPUSH', ORDER, url)
  count('skipped', 1)
  redis.call('HINCRBY', JOB, 's:' .. reason, 1)
  if reason == 'not-public' then redis.call('RPUSH', ERRORS, url) end
end

-- 'OK' when the caller may write: the crawl is there, and no other worker has taken it over since.
local function guard()
  if redis.call('EXISTS', JOB) == 0 then return 'GONE' end
  if FENCE ~= '' and redis.call('HGET', JOB, 'fence') ~= FENCE then return 'FENCED' end
  local status = redis.call('HGET', JOB, 'status')
  if FENCE ~= '' and status ~= 'running' then return status == 'stopping' and 'STOPPING' or 'FENCED' end
  return 'OK'
end
`;

/**
 * A new crawl, or the one that the same idempotency key made. KEYS: idempotency key, job, index, active.
 * ARGV: id, now, idempotency hash ('' without a key), its life in ms, most active crawls, then the
 * record's fields and values.
 */
export const SUBMIT = createScript(`
if ARGV[3] ~= '' then
  local seen = redis.call('GET', KEYS[1])
  if seen then
    local hash, id = string.match(seen, '^(%x+):(.+)$')
    if hash ~= ARGV[3] then return {'REUSED', id} end
    return {'REPLAYED', id}
  end
end
if redis.call('SCARD', KEYS[4]) >= tonumber(ARGV[5]) then return {'FULL', ''} end
redis.call('HSET', KEYS[2], unpack(ARGV, 6))
redis.call('ZADD', KEYS[3], 0, ARGV[1])
redis.call('SADD', KEYS[4], ARGV[1])
if ARGV[3] ~= '' then redis.call('SET', KEYS[1], ARGV[3] .. ':' .. ARGV[1], 'PX', ARGV[4]) end
return {'ACCEPTED', ARGV[1]}`);

/** Takes the crawl for one worker: returns {'RUN', fence} or why not. */
export const BEGIN = createScript(
  PRELUDE,
  `
if redis.call('EXISTS', JOB) == 0 then return {'GONE', ''} end
local status = redis.call('HGET', JOB, 'status')
if isFinal(status) or redis.call('HGET', JOB, 'crawled') == '1' and status == 'running' then return {'DONE', ''} end
if status == 'stopping' then return {'STOPPING', ''} end
local fence = redis.call('HINCRBY', JOB, 'fence', 1)
if status == 'queued' then
  redis.call('HSET', JOB, 'status', 'running', 'startedAt', NOW)
  emit('started', cjson.encode({id = ID, url = redis.call('HGET', JOB, 'url')}))
end
return {'RUN', tostring(fence)}`,
);

/** Newly found URLs. ARGV from 5: triples of URL, row, and the reason for skipping it ('' to queue it). */
export const DISCOVER = createScript(
  PRELUDE,
  `
local verdict = guard()
if verdict ~= 'OK' then return verdict end
for i = 5, #ARGV, 3 do
  local url, row, reason = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if redis.call('HEXISTS', PAGES, url) == 0 then
    count('discovered', 1)
    if reason == '' then
      redis.call('HSET', PAGES, url, row)
      count('queued', 1)
    else
      skip(url, row, reason)
    end
  end
end
progress()
return 'OK'`,
);

/** URLs beyond what is kept one by one: only counted. ARGV from 5: how many, reason. */
export const OVERFLOW = createScript(
  PRELUDE,
  `
local verdict = guard()
if verdict ~= 'OK' then return verdict end
count('discovered', ARGV[5])
count('skipped', ARGV[5])
redis.call('HINCRBY', JOB, 's:' .. ARGV[6], ARGV[5])
return 'OK'`,
);

/**
 * What became of a queued URL, at once with its document for the outbox. ARGV from 5: URL, row, status,
 * reason, 1 when it used one of the crawl's fetches, 1 when it was fetched well, scope base ('' to leave it),
 * most outbox entries, most outbox bytes, document id, collection, document in JSON ('' without one).
 */
export const COMMIT = createScript(
  PRELUDE,
  `
local verdict = guard()
if verdict ~= 'OK' then return verdict end
local url, row, status, reason, isTaken, isFetched, base = unpack(ARGV, 5, 11)
local maxEntries, maxBytes, documentId, collection, body = tonumber(ARGV[12]), tonumber(ARGV[13]), unpack(ARGV, 14, 16)
if string.sub(redis.call('HGET', PAGES, url) or '', 1, 2) ~= 'q:' then return 'OK' end
if body ~= '' then
  local entries, bytes = redis.call('XLEN', OUTBOX), tonumber(redis.call('GET', OUTBOX_BYTES) or 0)
  if entries >= maxEntries or (entries > 0 and bytes + #body > maxBytes) then return 'FULL' end
  local entry = redis.call('XADD', OUTBOX, '*', 'crawl', ID, 'url', url, 'document', documentId,
    'collection', collection, 'body', body)
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
if status == 'failed' then
  count('failed', 1)
  redis.call('RPUSH', ERRORS, url)
end
if status ~= 'fetched' then emit('page', row) end
progress()
return 'OK'`,
);

/**
 * What pages asked for and were refused: no pages of the crawl, but in the list of its errors. ARGV from 5: pairs of
 * field and row.
 */
export const REFUSE = createScript(
  PRELUDE,
  `
local verdict = guard()
if verdict ~= 'OK' then return verdict end
for i = 5, #ARGV, 2 do
  if redis.call('HSETNX', PAGES, ARGV[i], ARGV[i + 1]) == 1 then redis.call('RPUSH', ERRORS, ARGV[i]) end
end
return 'OK'`,
);

/** URLs still waiting when the crawl ends. ARGV from 5: pairs of URL and row, after the reason. */
export const SETTLE = createScript(
  PRELUDE,
  `
local verdict = guard()
if verdict ~= 'OK' then return verdict end
local reason = ARGV[5]
for i = 6, #ARGV, 2 do
  if string.sub(redis.call('HGET', PAGES, ARGV[i]) or '', 1, 2) == 'q:' then
    count('queued', -1)
    skip(ARGV[i], ARGV[i + 1], reason)
  end
end
return 'OK'`,
);

/** The crawl has fetched all that it will. ARGV from 5: stop reason, error ('' without one). */
export const CRAWLED = createScript(
  PRELUDE,
  `
local verdict = guard()
if verdict ~= 'OK' then return verdict end
redis.call('HSET', JOB, 'crawled', '1', 'stopReason', ARGV[5])
if ARGV[6] ~= '' then redis.call('HSET', JOB, 'error', ARGV[6]) end
finalizeWhenDelivered()
return 'OK'`,
);

/** Ends a crawl that cannot go on. ARGV from 5: error, stop reason ('' without one). */
export const FAIL = createScript(
  PRELUDE,
  `
if redis.call('EXISTS', JOB) == 0 then return 'GONE' end
local status = redis.call('HGET', JOB, 'status')
if isFinal(status) or status == 'stopping' then return status end
if FENCE ~= '' and redis.call('HGET', JOB, 'fence') ~= FENCE then return 'FENCED' end
if ARGV[6] ~= '' then redis.call('HSET', JOB, 'stopReason', ARGV[6]) end
redis.call('HSET', JOB, 'error', ARGV[5], 'crawled', '1', 'status', 'running')
finalizeWhenDelivered()
return redis.call('HGET', JOB, 'status')`,
);

/** Asks a crawl to stop; returns the status it has then. */
export const CANCEL = createScript(
  PRELUDE,
  `
local status = redis.call('HGET', JOB, 'status')
if not status then return 'GONE' end
if isFinal(status) then return status end
redis.call('HSET', JOB, 'status', 'stopping', 'stopReason', 'user')
return 'stopping'`,
);

/** Takes the pages of a stopping crawl out of the outbox, then ends it. ARGV[5]: the consumer group. */
export const CANCELLED = createScript(
  PRELUDE,
  `
local status = redis.call('HGET', JOB, 'status')
if status ~= 'stopping' then return status or 'GONE' end
local waiting = redis.call('HGETALL', WAITING)
for i = 1, #waiting, 2 do
  local entry, url = waiting[i], waiting[i + 1]
  local found = redis.call('XRANGE', OUTBOX, entry, entry)[1]
  if found then
    local fields = found[2]
    for j = 1, #fields, 2 do
      if fields[j] == 'body' then redis.call('DECRBY', OUTBOX_BYTES, #fields[j + 1]) end
    end
    redis.call('XACK', OUTBOX, ARGV[5], entry)
    redis.call('XDEL', OUTBOX, entry)
  end
  local row = cjson.decode(redis.call('HGET', PAGES, url))
  row.status, row.reason = 'skipped', 'cancelled'
  local text = cjson.encode(row)
  redis.call('HSET', PAGES, url, text)
  count('skipped', 1)
  redis.call('HINCRBY', JOB, 's:cancelled', 1)
  emit('page', text)
end
redis.call('DEL', WAITING)
finalize('cancelled')
return 'cancelled'`,
);

/**
 * rag's answer about one outbox entry; a second answer about the same entry changes nothing. ARGV from 5:
 * consumer group, entry, bytes of its body, status, reason, code ('' without one).
 */
export const ACKNOWLEDGE = createScript(
  PRELUDE,
  `
local group, entry, bytes, status, reason, code = unpack(ARGV, 5, 10)
redis.call('XACK', OUTBOX, group, entry)
if redis.call('XDEL', OUTBOX, entry) == 1 then redis.call('DECRBY', OUTBOX_BYTES, bytes) end
local url = redis.call('HGET', WAITING, entry)
if not url then return 'OK' end
redis.call('HDEL', WAITING, entry)
local row = cjson.decode(redis.call('HGET', PAGES, url))
row.status = status
if reason ~= '' then row.reason = reason end
if code ~= '' then row.code = code end
local text = cjson.encode(row)
redis.call('HSET', PAGES, url, text)
count(status, 1)
if status == 'failed' then redis.call('RPUSH', ERRORS, url) end
emit('page', text)
progress()
finalizeWhenDelivered()
return 'OK'`,
);
