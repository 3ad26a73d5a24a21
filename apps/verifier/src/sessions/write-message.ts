import type { GuardMessage } from '#libs/coherence';
import { type ChangeTold, type Duration, WatchKeysResponse } from '#libs/contract';
import type { ChangeScope, TokenRules } from '#libs/key-domain';

/** What a message takes while it waits, at most, in bytes; rules take as much as they are long besides. */
const MESSAGE_BYTES = 512;

/** Rules as they are told, once for all who are told them. */
const rulesTold = new WeakMap<TokenRules, WatchKeysResponse>();
const rulesEncoded = new WeakMap<WatchKeysResponse, Buffer>();

/** Writes what a guard is told as the contract has it. */
export function writeMessage(message: GuardMessage): WatchKeysResponse {
  return message.kind === 'rules' ? writeRules(message.rules) : { message: contentOf(message) };
}

export function encodeMessage(message: WatchKeysResponse): Buffer {
  return rulesEncoded.get(message) ?? Buffer.from(WatchKeysResponse.encode(message).finish());
}

/** Bytes that a message takes while it waits to leave. */
export function weightOf(message: WatchKeysResponse): number {
  return MESSAGE_BYTES + (rulesEncoded.get(message)?.byteLength ?? 0);
}

function writeRules(rules: TokenRules): WatchKeysResponse {
  const known = rulesTold.get(rules);
  if (known !== undefined) return known;
  const { formats, holdsImported } = rules;
  const written = formats.map(({ prefix, environments, encoding }) => ({ prefix, environments: [...environments], encoding }));
  const told: WatchKeysResponse = { message: { $case: 'rules', value: { formats: written, holdsImported } } };
  rulesTold.set(rules, told);
  rulesEncoded.set(told, encodeMessage(told));
  return told;
}

function contentOf(message: Exclude<GuardMessage, { kind: 'rules' }>): WatchKeysResponse['message'] {
  switch (message.kind) {
    case 'opened':
      return { $case: 'opened', value: { sessionId: message.sessionId, accountId: message.accountId } };
    case 'renewed':
      return {
        $case: 'renewed',
        value: { renewal: message.renewal, lease: durationOf(message.leaseMs), storeTime: new Date(Math.ceil(message.storeMs)) },
      };
    case 'change':
      return { $case: 'change', value: { sequence: message.sequence, scope: scopeOf(message.scope) } };
    case 'ended':
      return { $case: 'ended', value: { sequence: message.sequence, reason: message.reason } };
  }
}

function scopeOf(scope: ChangeScope): ChangeTold['scope'] {
  if (scope.kind === 'key') return { $case: 'keyId', value: scope.keyId };
  return scope.kind === 'account' ? { $case: 'accountId', value: scope.accountId } : { $case: 'all', value: true };
}

/** Never longer than it is. */
function durationOf(ms: number): Duration {
  const whole = Math.floor(ms);
  return { seconds: Math.floor(whole / 1000), nanos: (whole % 1000) * 1_000_000 };
}
