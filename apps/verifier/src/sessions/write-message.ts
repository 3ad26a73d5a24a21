import type { GuardMessage } from '#libs/coherence';
import { type ChangeTold, Duration, type WatchKeysResponse } from '#libs/contract';
import type { ChangeScope } from '#libs/key-domain';

/** Writes what a guard is told as the contract has it. */
export function writeMessage(message: GuardMessage): WatchKeysResponse {
  return { message: contentOf(message) };
}

function contentOf(message: GuardMessage): WatchKeysResponse['message'] {
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
    case 'rules': {
      const { formats, holdsImported } = message.rules;
      return {
        $case: 'rules',
        value: {
          formats: formats.map(({ prefix, environments, encoding }) => ({ prefix, environments: [...environments], encoding })),
          holdsImported,
        },
      };
    }
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
