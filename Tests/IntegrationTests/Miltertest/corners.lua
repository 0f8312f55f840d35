-- Plays Postfix against the filter, where Postfix itself does not go. Wants: port, marker.
-- Errors end the script; the caller sees the exit status.

local DATA = string.byte("T")

local function connect()
  local c = mt.connect("inet:" .. port .. "@127.0.0.1", 40, 0.05)
  if c == nil then error("cannot connect") end
  if mt.negotiate(c, nil, nil, nil) ~= nil then error("negotiation failed") end
  return c
end

-- Steps of a message, in order. Each returns nothing and fails loudly.
local steps = {
  { "mail", function(c) if mt.mailfrom(c, "<anna@home.example>") ~= nil then error("mail") end end },
  { "rcpt", function(c) if mt.rcptto(c, "<rita@acme.example>") ~= nil then error("rcpt") end end },
  { "data", function(c)
      mt.macro(c, DATA, "i", "MILTERTEST")
      if mt.data(c) ~= nil then error("data") end
      if mt.getreply(c) ~= SMFIR_CONTINUE then error("data: not continued") end
    end },
  { "header", function(c)
      if mt.header(c, "From", " anna@home.example") ~= nil then error("header") end
      if mt.header(c, "In-Reply-To", " " .. marker) ~= nil then error("header") end
    end },
  { "eoh", function(c)
      if mt.eoh(c) ~= nil then error("eoh") end
      if mt.getreply(c) ~= SMFIR_CONTINUE then error("eoh: not continued") end
    end },
  { "body", function(c) if mt.bodystring(c, "A body.\r\n") ~= nil then error("body") end end },
}

local function upto(c, last)
  for i = 1, last do steps[i][2](c) end
end

-- An abort after each step leaves the connection good for another message, which ends at another step.
local c = connect()
for last = 0, #steps do
  upto(c, last)
  if mt.abort(c) ~= nil then error("abort after " .. last) end
end
-- No marker now: the filter lets it through at the end of the header, which shows that nothing of the others is left.
upto(c, 3)
if mt.header(c, "From", " anna@home.example") ~= nil then error("header") end
if mt.eoh(c) ~= nil then error("eoh") end
if mt.getreply(c) ~= SMFIR_ACCEPT then error("unmarked: not accepted") end
mt.disconnect(c)

-- The connection ends in the middle of a message, after each step; without a quit too.
for last = 0, #steps do
  local c = connect()
  upto(c, last)
  mt.disconnect(c, last % 2 == 0)
end
