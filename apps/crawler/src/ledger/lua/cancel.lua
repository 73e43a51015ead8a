-- Asks a crawl to stop. Returns its status after that, 'GONE' without a record.
local status = redis.call('HGET', JOB, 'status')
if not status then return 'GONE' end
if isFinal(status) then return status end
redis.call('HSET', JOB, 'status', 'stopping', 'stopReason', 'user')
return 'stopping'
