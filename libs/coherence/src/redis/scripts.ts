import { createHash } from 'node:crypto';

/** A script that runs on the server as one step. */
export interface Script {
  readonly lua: string;
  readonly sha1: string;
}

/**
 * What every script begins with. KEYS: the stream, the hash, the log's identity. ARGV[1]: a random epoch, for the
 * case that a new one begins; ARGV[2]: the identity that is asked for.
 *
 * A server that has lost anything since the epoch began was restarted, flushed or replaced: `master_replid` is
 * another after every restart and every promotion, and the hash is missing after everything else. It knows no member
 * then, and says so by another epoch. A server with replicas is not asked at all: one of them could take over
 * without what was written last, while the deposed one goes on granting leases.
 *
 * A message is a hint (`redis.pcall`): where it may not be sent, what a script has written counts all the same.
 */
const EPOCH = `
local stream, state, identity = KEYS[1], KEYS[2], KEYS[3]
local replication = redis.call('INFO', 'replication')
if not string.find(replication, 'role:master\\r', 1, true) or not string.find(replication, 'connected_slaves:0\\r', 1, true) then
  return redis.error_reply('REPLICATED the server has replicas or is one')
end
local found = redis.call('GET', identity)
if found and found ~= ARGV[2] then return redis.error_reply('OTHERLOG the server holds another log of this installation') end
if not found then redis.call('SET', identity, ARGV[2]) end
local replid = string.match(replication, 'master_replid:(%x+)')
local known = redis.call('HMGET', state, 'epoch', 'replid', 'head')
if known[2] ~= replid then
  redis.call('DEL', stream, state)
  redis.call('HSET', state, 'epoch', ARGV[1], 'replid', replid, 'head', '0')
  known = { ARGV[1], replid, '0' }
end
local epoch, head = known[1], known[3]
`;

function script(body: string): Script {
  const lua = `${EPOCH}${body}`;
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

/** In front of the names of members in the hash, beside its own fields. */
export const MEMBER_PREFIX = 'member:';

/** ARGV: 3 the member, 4 the most members. Returns the epoch and the head. */
export const JOIN = script(`
local member = '${MEMBER_PREFIX}' .. ARGV[3]
if redis.call('HEXISTS', state, member) == 1 then return redis.error_reply('KNOWN the id was used before') end
if redis.call('HLEN', state) >= tonumber(ARGV[4]) + 3 then return redis.error_reply('CROWDED there are too many members') end
redis.call('HSET', state, member, '0 ' .. head .. '  0')
return { epoch, head }
`);

/**
 * ARGV: 3 the member, 4 its epoch, 5 its position, 6 what it states ("position exception,exception staleGuards"), 7 1 for a
 * renewal, 8 the most changes. Returns the head and the entries that follow the position; nothing: lost.
 */
export const EXCHANGE = script(`
local member = '${MEMBER_PREFIX}' .. ARGV[3]
local stored = redis.call('HGET', state, member)
if ARGV[4] ~= epoch or not stored then return {} end
local renewals, told = string.match(stored, '^(%d+) (.*)$')
redis.call('HSET', state, member, string.format('%.0f', renewals + ARGV[7]) .. ' ' .. ARGV[6])
if told ~= ARGV[6] then redis.pcall('PUBLISH', state, '') end
if ARGV[5] == head then return { head, {} } end
local entries = redis.call('XRANGE', stream, '(' .. ARGV[5] .. '-0', '+', 'COUNT', ARGV[8])
if not entries[1] or entries[1][1] ~= string.format('%.0f-0', ARGV[5] + 1) then return {} end
return { head, entries }
`);

/** ARGV: 3 the member, 4 its epoch. */
export const LEAVE = script(`
if ARGV[4] == epoch then redis.call('HDEL', state, '${MEMBER_PREFIX}' .. ARGV[3]) end
return 1
`);

/** ARGV: 3 the change, 4 the most changes that are held. Returns the epoch, its number, and the hash. */
export const PUBLISH = script(`
head = string.format('%.0f', head + 1)
redis.call('XADD', stream, 'MAXLEN', '=', ARGV[4], head .. '-0', 'change', ARGV[3])
redis.call('HSET', state, 'head', head)
redis.pcall('PUBLISH', stream, '')
return { epoch, head, redis.call('HGETALL', state) }
`);

/** Returns the epoch and the hash. */
export const MEMBERS = script(`
return { epoch, redis.call('HGETALL', state) }
`);

/** ARGV: 3 the member, 4 its epoch, 5 its renewals. Returns 1 where that is the epoch and it does not know the member. */
export const PRUNE = script(`
if ARGV[4] ~= epoch then return 0 end
local member = '${MEMBER_PREFIX}' .. ARGV[3]
local stored = redis.call('HGET', state, member)
if not stored then return 1 end
if string.match(stored, '^%d+') ~= ARGV[5] then return 0 end
return redis.call('HDEL', state, member)
`);
