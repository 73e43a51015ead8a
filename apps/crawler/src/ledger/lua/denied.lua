-- Adds denied requests of pages to the errors of the crawl. They are no pages of it. ARGV from 5: pairs of field and row.
local verdict = guard()
if verdict ~= 'OK' then return verdict end
for i = 5, #ARGV, 2 do
  if redis.call('HSETNX', PAGES, ARGV[i], ARGV[i + 1]) == 1 then redis.call('RPUSH', ERRORS, ARGV[i]) end
end
return 'OK'
