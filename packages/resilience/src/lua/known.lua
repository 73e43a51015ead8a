-- A closed record that has lost its memory continues from the generation of a replica that sends counts or a vote.
-- Other replicas that know this generation know it as closed too; one that knows a later generation will seed it.
local counts = command.kind == 'trip' or command.kind == 'flush'
if counts and command.generation > circuit.generation and circuit.state == 'closed' then
  circuit.generation = command.generation
  circuit.votes = {}
  circuit.tallies = {}
end

-- Else, a record below what the sender has seen takes nothing but a seed.
if circuit.generation < command.floor then return finish(before, 'lost') end
