-- rag's answer about one outbox entry; a second answer about the same entry changes nothing. ARGV from 5:
-- consumer group, entry, bytes of its body, status, and '' or: reason, code, 'added' or 'changed', id of the document.
local group, entry, bytes, status, reason, code, change, documentId = unpack(ARGV, 5, 12)
redis.call('XACK', OUTBOX, group, entry)
if redis.call('XDEL', OUTBOX, entry) == 1 then redis.call('DECRBY', OUTBOX_BYTES, bytes) end
local url = redis.call('HGET', WAITING, entry)
if not url then return 'OK' end
redis.call('HDEL', WAITING, entry)
local row = cjson.decode(redis.call('HGET', PAGES, url))
if status == 'removed' then row.removed = true elseif status ~= 'gone' then row.status = status end
if reason ~= '' then row.reason = reason end
if code ~= '' then row.code = code end
if documentId ~= '' then row.documentId = documentId end
local text = cjson.encode(row)
redis.call('HSET', PAGES, url, text)
if status ~= 'gone' then count(status, 1) end
if change ~= '' then count(change, 1) end
if status == 'skipped' then redis.call('HINCRBY', JOB, 's:' .. reason, 1) end
if status == 'failed' then redis.call('RPUSH', ERRORS, url) end
emit('page', text)
progress()
finalizeWhenDelivered()
return 'OK'
