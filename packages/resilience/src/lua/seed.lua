-- After a loss, two replicas may reach one generation by different ways: then too the more protective wins.
local news = circuit.generation < command.floor
if circuit.generation == command.floor then
  news = (command.state ~= 'closed' and circuit.state == 'closed') or (command.forced and not circuit.forced)
end
if not news then return finish(before, 'stale') end
if (command.state ~= 'closed' or command.forced) and not has_room() then return finish(before, 'full') end
local forced = circuit.forced
if not forced and command.forced then
  local left = command.forced.remainingMs
  forced = { by = command.forced.by, reason = command.forced.reason, ['until'] = left and now + left }
end
circuit.forced = forced
circuit.generation = command.floor + 1
circuit.changed_at = now
circuit.leases = {}
circuit.votes = {}
circuit.tallies = {}
if command.state ~= 'closed' and circuit.state == 'closed' then
  local attempt = math.min(64, math.max(1, command.attempt))
  circuit.state = 'open'
  circuit.attempt = attempt
  circuit['until'] = now + math.min(math.max(0, command.remainingMs), open_time(attempt))
  circuit.cause = command.cause
  circuit.changed_by = command.changedBy
end
return finish(before)
