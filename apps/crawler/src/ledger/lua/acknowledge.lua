-- rag's answer about one outbox entry; a second answer about the same entry changes nothing. ARGV from 5:
-- consumer group, entry, bytes of its body, status, reason, code ('' without one).
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
return 'OK'
