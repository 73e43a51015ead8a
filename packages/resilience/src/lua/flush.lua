local window = rules.window
if command.generation ~= circuit.generation or circuit.state ~= 'closed' or window.kind ~= 'sampling' then
  return finish(before, 'stale')
end
local function batch_of(text) return number(string.match(text, '^(%d+)'), 0) end

local own = circuit.tallies[command.replica]
if own and command.batch <= batch_of(own) then return finish(before, 'stale') end

local slot = math.floor(now / window.slotMs)
local oldest = slot - math.ceil(window.windowMs / window.slotMs) + 1

-- A slot from the future was written on another clock: it goes too.
local function within(slots)
  local kept = {}
  for _, one in ipairs(slots) do
    if one.slot >= oldest and one.slot <= slot then kept[#kept + 1] = one end
  end
  return kept
end

local function text_of(batch, slots)
  local parts = { digits(batch) }
  for _, one in ipairs(slots) do
    parts[#parts + 1] = digits(one.slot) .. ',' .. digits(one.calls) .. ',' .. digits(one.failures) .. ',' .. digits(one.slow)
  end
  return table.concat(parts, '|')
end

local slots = own and parse_slots(own) or {}
local bad = command.failures + command.slow > 0
local turned = #slots == 0 or slots[#slots].slot ~= slot

slots = within(slots)
local current = table.remove(slots)
if current and current.slot ~= slot then
  slots[#slots + 1] = current
  current = nil
end
slots[#slots + 1] = {
  slot = slot,
  calls = (current and current.calls or 0) + command.calls,
  failures = (current and current.failures or 0) + command.failures,
  slow = (current and current.slow or 0) + command.slow,
}

local tallies = { [command.replica] = slots }
if bad or turned then
  -- Others' slots are looked at once per slot, and when it matters: most batches touch one tally.
  for replica, text in pairs(circuit.tallies) do
    if replica ~= command.replica then
      local kept = within(parse_slots(text))
      tallies[replica] = kept
      circuit.tallies[replica] = #kept > 0 and text_of(batch_of(text), kept) or nil
    end
  end
end
circuit.tallies[command.replica] = text_of(command.batch, slots)
if not bad then return finish(before) end

local function judge()
  local replicas, total = {}, { calls = 0, failures = 0, slow = 0 }
  for _, list in pairs(tallies) do
    local one = { calls = 0, failures = 0, slow = 0 }
    for _, entry in ipairs(list) do
      for _, field in ipairs({ 'calls', 'failures', 'slow' }) do one[field] = one[field] + entry[field] end
    end
    for field, n in pairs(one) do total[field] = total[field] + n end
    replicas[#replicas + 1] = one
  end
  if total.calls < window.minimumCalls then return nil end
  local field, rate
  if total.failures > 0 and total.failures >= window.failureRate * total.calls then
    field, rate = 'failures', window.failureRate
  elseif window.slowRate and total.slow > 0 and total.slow >= window.slowRate * total.calls then
    field, rate = 'slow', window.slowRate
  else
    return nil
  end
  local cause = field == 'failures' and 'failure-rate' or 'slow-rate'
  if total[field] >= rules.quorumFailures then return cause end
  local need, seen = quorum(command.live), 0
  for _, one in ipairs(replicas) do
    if one[field] > 0 then seen = seen + 1 end
  end
  if seen < need then return nil end
  table.sort(replicas, function(a, b)
    if a[field] ~= b[field] then return a[field] > b[field] end
    return a.calls > b.calls
  end)
  local rest, calls = 0, 0
  for i = need, #replicas do
    rest = rest + replicas[i][field]
    calls = calls + replicas[i].calls
  end
  return rest >= rate * calls and cause or nil
end

local cause = judge()
if cause then open(cause, command.replica) end
return finish(before)
