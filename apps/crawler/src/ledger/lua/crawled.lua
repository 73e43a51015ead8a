-- Notes that the crawl will fetch nothing more. ARGV from 5: stop reason, error, warning ('' without one).
-- 'RESTARTED', and nothing is noted, when Redis has been restarted since the worker began.
local verdict = guard()
if verdict ~= 'OK' then return verdict end
if redis.call('HGET', JOB, 'redisRun') ~= redisRun() then return 'RESTARTED' end
redis.call('HSET', JOB, 'crawled', '1', 'stopReason', ARGV[5])
if ARGV[6] ~= '' then redis.call('HSET', JOB, 'error', ARGV[6]) end
if ARGV[7] ~= '' then redis.call('HSET', JOB, 'warning', ARGV[7]) end
finalizeWhenDelivered()
return 'OK'
