local forced = circuit.forced
if forced then return finish(before, 'wait', math.max(0, (forced['until'] or now + rules.maxOpenMs) - now)) end
if circuit.state == 'closed' then return finish(before, 'stale') end
if circuit.state == 'open' then
  if now < circuit['until'] then return finish(before, 'wait', circuit['until'] - now) end
  local attempt, cause = circuit.attempt, circuit.cause
  blank()
  mark(command.replica)
  circuit.state = 'half-open'
  circuit.attempt = attempt
  circuit.cause = cause
end
local soonest
for _, held in ipairs(circuit.leases) do
  if held.token == command.token then return finish(before) end
  soonest = math.min(soonest or held.deadline, held.deadline)
end
if #circuit.leases + circuit.succeeded + circuit.failed >= rules.probes then
  return finish(before, 'wait', math.max(0, (soonest or now) - now))
end
circuit.leases[#circuit.leases + 1] = { token = command.token, deadline = now + rules.leaseMs }
return finish(before)
