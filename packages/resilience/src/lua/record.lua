-- The record as a hash, read with distrust: what does not parse counts as absent, what is out of bounds is clamped.

local limit = 99999999999999

local function number(text, default, most)
  local n = text and string.match(text, '^%d+$') and tonumber(text)
  if not n or n > (most or limit) then return default end
  return n
end

local function digits(n) return string.format('%.0f', n) end

local function open_time(attempt)
  local power = math.min(64, math.max(0, attempt - 1))
  return math.min(rules.maxOpenMs, math.floor(rules.openMs * rules.openFactor ^ power + 0.5))
end

local function parse_slots(text)
  local slots = {}
  for slot, calls, failures, slow in string.gmatch(text, '|(%d+),(%d+),(%d+),(%d+)') do
    slots[#slots + 1] = { slot = tonumber(slot), calls = tonumber(calls), failures = tonumber(failures), slow = tonumber(slow) }
  end
  return slots
end

local function parse_leases(text)
  local leases = {}
  for token, deadline in string.gmatch(text or '', '([^=;]+)=(%d+)') do
    leases[#leases + 1] = { token = token, deadline = tonumber(deadline) }
  end
  return leases
end

local raw = {}
local circuit

-- The members of a family that are not closed, by the time at which their records expire.
local members = ARGV[5] and ARGV[5] ~= '' and KEYS[#KEYS]

local function on_members(command, ...)
  local answer = redis.pcall(command, members, ...)
  if type(answer) == 'table' and answer.err and string.find(answer.err, '^WRONGTYPE') then
    -- Someone put another thing under the key.
    redis.call('DEL', members)
    return redis.call(command, members, ...)
  end
  return answer
end

-- A full list gives up the member whose open time ended first; one that is still held open keeps its place.
local function has_room()
  if not members or on_members('ZSCORE', ARGV[4]) then return true end
  on_members('ZREMRANGEBYSCORE', '-inf', digits(now))
  if on_members('ZCARD') < tonumber(ARGV[5]) then return true end
  local oldest = on_members('ZRANGE', 0, 0, 'WITHSCORES')
  if tonumber(oldest[2]) - rules.ttlMs > now then return false end
  on_members('ZREM', oldest[1])
  redis.call('DEL', string.sub(KEYS[1], 1, -3 - #ARGV[4]) .. '{' .. oldest[1] .. '}')
  return true
end

local function clamp()
  if circuit.state == 'closed' then
    circuit.attempt = 0
  else
    circuit.attempt = math.min(64, math.max(1, circuit.attempt))
  end
  if circuit.state == 'open' then
    circuit['until'] = math.min(circuit['until'], now + open_time(circuit.attempt))
  else
    circuit['until'] = 0
  end
  local leases = {}
  for _, held in ipairs(circuit.state == 'half-open' and circuit.leases or {}) do
    if held.deadline > now then
      leases[#leases + 1] = { token = held.token, deadline = math.min(held.deadline, now + rules.leaseMs) }
    end
  end
  circuit.leases = leases
  if circuit.state ~= 'half-open' or circuit.succeeded + circuit.failed >= rules.probes then
    circuit.succeeded = 0
    circuit.failed = 0
  end
  local forced = circuit.forced
  if forced and forced['until'] and forced['until'] <= now then circuit.forced = nil end
end

local function load_record()
  local flat = redis.pcall('HGETALL', KEYS[1])
  if flat.err then
    -- Someone put another thing under the key.
    redis.call('DEL', KEYS[1])
    flat = {}
  end
  for i = 1, #flat, 2 do raw[flat[i]] = flat[i + 1] end
  circuit = {
    state = (raw.state == 'open' or raw.state == 'half-open') and raw.state or 'closed',
    generation = number(raw.generation, 0, 1e12),
    ['until'] = number(raw['until'], 0),
    attempt = number(raw.attempt, 0),
    leases = parse_leases(raw.leases),
    succeeded = number(raw.succeeded, 0),
    failed = number(raw.failed, 0),
    cause = raw.cause,
    changed_by = raw.changed_by,
    changed_at = number(raw.changed_at, 0),
    votes = {},
    tallies = {},
  }
  if raw.forced_by then
    circuit.forced = { by = raw.forced_by, reason = raw.forced_reason or '', ['until'] = number(raw.forced_until, nil) }
  end
  for field, text in pairs(raw) do
    local kind, replica = string.sub(field, 1, 2), string.sub(field, 3)
    if kind == 'v:' then
      circuit.votes[replica] = number(text, nil)
    elseif kind == 'w:' then
      circuit.tallies[replica] = text
    end
  end
  clamp()
end

-- Back to a closed circuit with nothing counted; the generation and an order stay.
local function blank()
  circuit.state = 'closed'
  circuit['until'] = 0
  circuit.attempt = 0
  circuit.leases = {}
  circuit.succeeded = 0
  circuit.failed = 0
  circuit.cause = nil
  circuit.votes = {}
  circuit.tallies = {}
end

local function mark(by)
  circuit.generation = circuit.generation + 1
  circuit.changed_by = by
  circuit.changed_at = now
end

local function open(cause, by)
  local attempt = math.min(64, circuit.attempt + 1)
  blank()
  mark(by)
  circuit.state = 'open'
  circuit.attempt = attempt
  circuit['until'] = now + open_time(attempt)
  circuit.cause = cause
end

local function quorum(live) return math.min(rules.quorumReplicas, math.max(1, live)) end

local function fields()
  local leases = {}
  for _, held in ipairs(circuit.leases) do leases[#leases + 1] = held.token .. '=' .. digits(held.deadline) end
  local forced = circuit.forced
  local out = {
    schema = '1',
    state = circuit.state,
    generation = digits(circuit.generation),
    ['until'] = digits(circuit['until']),
    attempt = digits(circuit.attempt),
    leases = table.concat(leases, ';'),
    succeeded = digits(circuit.succeeded),
    failed = digits(circuit.failed),
    cause = circuit.cause,
    changed_by = circuit.changed_by,
    changed_at = digits(circuit.changed_at),
    forced_by = forced and forced.by,
    forced_reason = forced and forced.reason,
    forced_until = forced and forced['until'] and digits(forced['until']),
  }
  for replica, at in pairs(circuit.votes) do out['v:' .. replica] = digits(at) end
  for replica, text in pairs(circuit.tallies) do out['w:' .. replica] = text end
  return out
end

-- Fields that this version knows: all others are left as they are, for the version that wrote them.
local known = { 'cause', 'changed_by', 'forced_by', 'forced_reason', 'forced_until' }

local function is_closed() return circuit.state == 'closed' and not circuit.forced end

local function ttl_of_record()
  local forced = circuit.forced
  if forced then return forced['until'] and math.max(rules.ttlMs, forced['until'] - now + 60000) or 315360000000 end
  if not members then return rules.ttlMs end
  -- No replica holds a member open for longer than this after it has closed.
  if is_closed() then return rules.maxOpenMs end
  return rules.ttlMs + math.max(0, circuit['until'] - now)
end

local function save()
  local out, set, drop = fields(), {}, {}
  for field, text in pairs(out) do
    if raw[field] ~= text then
      set[#set + 1] = field
      set[#set + 1] = text
    end
  end
  for field in pairs(raw) do
    local kind = string.sub(field, 1, 2)
    if (kind == 'v:' or kind == 'w:') and out[field] == nil then drop[#drop + 1] = field end
  end
  for _, field in ipairs(known) do
    if raw[field] and out[field] == nil then drop[#drop + 1] = field end
  end
  if #set > 0 then redis.call('HSET', KEYS[1], unpack(set)) end
  if #drop > 0 then redis.call('HDEL', KEYS[1], unpack(drop)) end
  local ttl = ttl_of_record()
  redis.call('PEXPIRE', KEYS[1], digits(ttl))
  if not members then return end
  if is_closed() then
    on_members('ZREM', ARGV[4])
  else
    on_members('ZADD', digits(now + ttl), ARGV[4])
    local last = on_members('ZRANGE', -1, -1, 'WITHSCORES')
    on_members('PEXPIRE', digits(math.max(1, last[2] - now)))
  end
end

local function view()
  local forced = circuit.forced
  return {
    v = 1,
    name = ARGV[4],
    generation = circuit.generation,
    state = circuit.state,
    remainingMs = circuit.state == 'open' and math.max(0, circuit['until'] - now) or 0,
    attempt = circuit.attempt,
    forced = forced and {
      by = forced.by,
      reason = forced.reason,
      remainingMs = forced['until'] and math.max(0, forced['until'] - now),
    } or nil,
    cause = circuit.cause,
    changedBy = circuit.changed_by,
    changedAtMs = circuit.changed_at,
  }
end

-- Saves, tells the fleet when the circuit changed, and answers with the reply and the view.
local function finish(before, refusal, retry_after)
  if refusal ~= 'lost' and refusal ~= 'full' then save() end
  local now_view = cjson.encode(view())
  if circuit.generation ~= before then redis.call('PUBLISH', ARGV[3], now_view) end
  return { refusal or '', digits(retry_after or 0), now_view }
end

load_record()
local before = circuit.generation
