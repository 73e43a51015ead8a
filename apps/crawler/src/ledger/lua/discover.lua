-- Records newly found URLs. ARGV from 5: triples of URL, row, and the reason for skipping it ('' to queue it).
local verdict = guard()
if verdict ~= 'OK' then return verdict end
for i = 5, #ARGV, 3 do
  local url, row, reason = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if redis.call('HEXISTS', PAGES, url) == 0 then
    count('discovered', 1)
    if reason == '' then
      redis.call('HSET', PAGES, url, row)
      count('queued', 1)
    else
      skip(url, row, reason)
    end
  end
end
progress()
return 'OK'
