-- KEYS[1]  the breaker's record
-- KEYS[#KEYS]  for a family's member, the list of those that are not closed; ARGV[5] says how long it may be
-- ARGV[1]  the rules, JSON     ARGV[2]  the command, JSON     ARGV[3]  channel     ARGV[4]  full name
-- Every script is: load, one step of the reducer, finish. The step is the same as in testing/reduce.ts.
local rules = cjson.decode(ARGV[1])
local command = cjson.decode(ARGV[2])
