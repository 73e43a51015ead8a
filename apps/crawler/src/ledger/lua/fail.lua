-- Ends a crawl that cannot continue. ARGV from 5: error, stop reason ('' without one).
if redis.call('EXISTS', JOB) == 0 then return 'GONE' end
local status = redis.call('HGET', JOB, 'status')
if isFinal(status) or status == 'stopping' then return status end
if FENCE ~= '' and redis.call('HGET', JOB, 'fence') ~= FENCE then return 'FENCED' end
if ARGV[6] ~= '' then redis.call('HSET', JOB, 'stopReason', ARGV[6]) end
redis.call('HSET', JOB, 'error', ARGV[5], 'crawled', '1', 'status', 'running')
finalizeWhenDelivered()
return redis.call('HGET', JOB, 'status')
