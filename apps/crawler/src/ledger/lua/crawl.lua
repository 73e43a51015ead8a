-- Common to all scripts about one crawl. KEYS: those of `CrawlScripts` (scripts.ts); ARGV: crawl id, now (ms), seconds that a
-- finished crawl is kept, fence ('' when the caller does not own the crawl).
local JOB, PAGES, ORDER, ERRORS, EVENTS, WAITING, ACTIVE, OUTBOX, OUTBOX_BYTES =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local ID, NOW, KEEP_S, FENCE = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local NAMES = {
  'discovered', 'queued', 'fetched', 'indexed', 'added', 'changed', 'unchanged', 'removed', 'skipped', 'failed'
}

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
  local n = counters()
  local failed = n.failed
  -- Nothing came of it, although there was something to fetch.
  if failed > 0 and n.fetched > 0 and n.indexed + n.unchanged == 0 then
    redis.call('HSET', JOB, 'error', 'No document of the crawl could be stored; ' ..
      '/v1/crawls/' .. ID .. '/errors has the reasons')
    return finalize('failed')
  end
  finalize(failed > 0 and 'completed_with_errors' or 'completed')
end

local function skip(url, row, reason)
  redis.call('HSET', PAGES, url, row)
  redis.call('RPUSH', ORDER, url)
  count('skipped', 1)
  redis.call('HINCRBY', JOB, 's:' .. reason, 1)
  if reason == 'not-public' then redis.call('RPUSH', ERRORS, url) end
end

-- Which run of a Redis server this is: another one may lack the latest writes, although they had been answered.
local function redisRun()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
end

-- 'OK' when the caller may write: the crawl is there, and no other worker has taken it over since.
local function guard()
  if redis.call('EXISTS', JOB) == 0 then return 'GONE' end
  if FENCE ~= '' and redis.call('HGET', JOB, 'fence') ~= FENCE then return 'FENCED' end
  local status = redis.call('HGET', JOB, 'status')
  if FENCE ~= '' and status ~= 'running' then return status == 'stopping' and 'STOPPING' or 'FENCED' end
  return 'OK'
end
