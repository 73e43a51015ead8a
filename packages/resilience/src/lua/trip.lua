if command.generation ~= circuit.generation or circuit.state ~= 'closed' then return finish(before, 'stale') end
if not has_room() then return finish(before, 'full') end
local count = 0
for replica, at in pairs(circuit.votes) do
  if at <= now - rules.memoryMs or at > now then circuit.votes[replica] = nil end
end
circuit.votes[command.replica] = now
for _ in pairs(circuit.votes) do count = count + 1 end
if count < quorum(command.live) then return finish(before, 'quorum') end
open(command.cause, command.replica)
return finish(before)
