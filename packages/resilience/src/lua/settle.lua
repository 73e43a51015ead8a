local left = {}
for _, held in ipairs(circuit.leases) do
  if held.token ~= command.token then left[#left + 1] = held end
end
if #left == #circuit.leases then return finish(before, 'stale') end
circuit.leases = left
if command.outcome == 'success' then
  circuit.succeeded = circuit.succeeded + 1
  if circuit.succeeded >= rules.probes - rules.probeFailuresAllowed then
    blank()
    mark(command.replica)
  end
elseif command.outcome == 'failure' then
  circuit.failed = circuit.failed + 1
  if circuit.failed > rules.probeFailuresAllowed then open(command.cause or 'probe-failed', command.replica) end
end
return finish(before)
