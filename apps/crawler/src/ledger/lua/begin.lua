-- Gives the crawl to a worker. Returns {'run', fence}, or the reason why it may not run.
if redis.call('EXISTS', JOB) == 0 then return {'gone', ''} end
local status = redis.call('HGET', JOB, 'status')
if isFinal(status) or redis.call('HGET', JOB, 'crawled') == '1' and status == 'running' then return {'done', ''} end
if status == 'stopping' then return {'stopping', ''} end
local fence = redis.call('HINCRBY', JOB, 'fence', 1)
redis.call('HSET', JOB, 'redisRun', redisRun())
if status == 'queued' then
  redis.call('HSET', JOB, 'status', 'running', 'startedAt', NOW)
  emit('started', cjson.encode({id = ID, url = redis.call('HGET', JOB, 'url')}))
end
return {'run', tostring(fence)}
