/**
 * Applies steps to arrival times.
 *
 * KEYS: one per limit for each different key. ARGV[1], a JSON list, which is cheaper than as many arguments: number of
 * limits; time in microseconds, or -1 for the server's; interval, tolerance and debt of each limit; then per step the
 * number of KEYS that come before its own, and per limit `cost * 4 + operation`, with take 0, charge 1, refund 2,
 * reset 3.
 *
 * Reply per step and limit: time until the whole capacity is back, `-1 - time` when refused; a bare number when there
 * is only one. Times are written with `%.0f`: Lua's own way rounds to 14 digits.
 */
export const SCRIPT: string = `
local call = redis.call
local input = cjson.decode(ARGV[1])
local limits, now = input[1], input[2]
if now < 0 then
  local time = call('TIME')
  now = time[1] * 1000000 + time[2]
end
local interval, tolerance, cap = {}, {}, {}
for l = 1, limits do
  interval[l] = input[3 * l]
  tolerance[l] = input[3 * l + 1]
  cap[l] = tolerance[l] + input[3 * l + 2]
end
local tats = call('MGET', unpack(KEYS))
local changed = {}
for i = 1, #KEYS do
  local tat = now
  if tats[i] then
    tat = tonumber(tats[i]) or math.huge
    if tat < now then tat = now end
    local latest = now + cap[(i - 1) % limits + 1]
    if not (tat <= latest) then
      tat = latest
      changed[i] = true
    end
  end
  tats[i] = tat
end
local reply = {}
local replies = 0
for step = 3 * limits + 3, #input, limits + 1 do
  local first = input[step]
  local refused = false
  for l = 1, limits do
    local packed = input[step + l]
    if packed % 4 == 0 then
      local taken = packed / 4 * interval[l]
      if taken > tolerance[l] or tats[first + l] + taken - tolerance[l] > now then refused = true end
    end
  end
  for l = 1, limits do
    local i = first + l
    local ahead = tats[i] - now
    if refused then
      ahead = -1 - ahead
    else
      local packed = input[step + l]
      if packed > 0 then
        local operation = packed % 4
        local delta = (packed - operation) / 4 * interval[l]
        if operation == 0 then ahead = ahead + delta
        elseif operation == 1 then ahead = math.min(ahead + delta, cap[l])
        elseif operation == 2 then ahead = math.max(0, ahead - delta)
        else ahead = 0 end
        tats[i] = now + ahead
        changed[i] = true
      end
    end
    replies = replies + 1
    reply[replies] = ahead
  end
end
local format, ceil = string.format, math.ceil
for i = 1, #KEYS do
  if changed[i] then
    local ahead = tats[i] - now
    if ahead > 0 then
      call('PSETEX', KEYS[i], ceil(ahead / 1000), format('%.0f', tats[i]))
    else
      call('DEL', KEYS[i])
    end
  end
end
if replies == 1 then return reply[1] end
return reply
`;
