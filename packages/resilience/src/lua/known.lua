-- A closed record that has lost its memory goes on from what a replica knows that counts or votes: whoever else
-- knows that generation knows it as closed, and whoever knows a later one will say so.
local counts = command.kind == 'trip' or command.kind == 'flush'
if counts and command.generation > circuit.generation and circuit.state == 'closed' then
  circuit.generation = command.generation
  circuit.votes = {}
  circuit.tallies = {}
end

-- Else, a record below what the sender has seen takes nothing but a seed.
if circuit.generation < command.floor then return finish(before, 'lost') end
