-- Counts URLs beyond the number that is recorded one by one. ARGV from 5: number, reason.
local verdict = guard()
if verdict ~= 'OK' then return verdict end
count('discovered', ARGV[5])
count('skipped', ARGV[5])
redis.call('HINCRBY', JOB, 's:' .. ARGV[6], ARGV[5])
return 'OK'
