-- Asks a crawl to stop; returns the status it has then.
local status = redis.call('HGET', JOB, 'status')
if not status then return 'GONE' end
if isFinal(status) then return status end
redis.call('HSET', JOB, 'status', 'stopping', 'stopReason', 'user')
return 'stopping'
