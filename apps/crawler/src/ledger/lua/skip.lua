-- Skips URLs that still wait when the crawl ends. ARGV from 5: reason, then pairs of URL and row.
local verdict = guard()
if verdict ~= 'OK' then return verdict end
local reason = ARGV[5]
for i = 6, #ARGV, 2 do
  if string.sub(redis.call('HGET', PAGES, ARGV[i]) or '', 1, 2) == 'q:' then
    count('queued', -1)
    skip(ARGV[i], ARGV[i + 1], reason)
  end
end
return 'OK'
