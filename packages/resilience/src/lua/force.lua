-- KEYS[2]  the audit stream
if command.ifGeneration and command.ifGeneration ~= circuit.generation then return finish(before, 'moved') end
if command.action == 'reset' then
  blank()
  circuit.forced = nil
  circuit.cause = command.reason
else
  circuit.leases = {}
  circuit.votes = {}
  circuit.tallies = {}
  circuit.forced = { by = command.by, reason = command.reason, ['until'] = command.ttlMs and now + command.ttlMs }
end
mark(command.by)
local function write_down()
  return redis.pcall(
    'XADD', KEYS[2], 'MAXLEN', '1000', '*', 'breaker', ARGV[4], 'action', command.action, 'by', command.by,
    'reason', command.reason, 'ttl_ms', command.ttlMs and digits(command.ttlMs) or '',
    'generation', digits(circuit.generation), 'replica', command.replica
  )
end
local written = write_down()
if type(written) == 'table' and string.find(written.err, '^WRONGTYPE') then
  -- Someone put another thing under the key.
  redis.call('DEL', KEYS[2])
  written = write_down()
end
if type(written) == 'table' then return written end
return finish(before)
