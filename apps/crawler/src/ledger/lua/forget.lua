-- Puts deletions of documents into the outbox. ARGV from 5: collection, maximum outbox entries, then triples of URL, id of
-- the document, and a row ('' where the URL has one). Returns the number of triples taken: fewer when the outbox is full.
local verdict = guard()
if verdict ~= 'OK' then return verdict end
local collection, maxEntries, taken = ARGV[5], tonumber(ARGV[6]), 0
for i = 7, #ARGV, 3 do
  local url, documentId, row = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if redis.call('XLEN', OUTBOX) >= maxEntries then break end
  if redis.call('HEXISTS', PAGES, url) == 0 then
    count('discovered', 1)
    skip(url, row, 'unreachable')
  end
  local entry = redis.call('XADD', OUTBOX, '*', 'crawl', ID, 'url', url, 'document', documentId,
    'collection', collection, 'body', '')
  redis.call('HSET', WAITING, entry, url)
  taken = taken + 1
end
return tostring(taken)
