-- A record below what the sender has seen has lost its memory: it takes nothing but a seed.
if circuit.generation < command.floor then return finish(before, 'lost') end
