import { expect } from '@jest/globals';
import type { ChangeScope, FollowingMemory } from '#libs/key-domain';
import { ProcessTime, VirtualTime } from '../log/virtual-time.fixture.js';
import type { GuardMessage } from './guard-channel.js';
import type { GuardSession } from './guard-session.js';
import { GuardSessions } from './guard-sessions.js';

export const SERVICE = { accountId: 'acc', keyId: 'service' };
export const STAMP = { epoch: 'e', position: 0 };
export const KEY = { accountId: 'acc', keyId: 'key' };

export function change(number: number, scope: ChangeScope = { kind: 'key', ...KEY }) {
  return { number, scope, handles: [] };
}

export interface Opened {
  readonly session: GuardSession;
  readonly told: GuardMessage[];
  readonly isClosed: () => boolean;
}

/** Sessions of guards at a verifier of which a test says how it stands with the log. */
export class SessionStage {
  readonly truth = new VirtualTime();
  readonly sessions: GuardSessions;
  /** What is left of the verifier's lease, in milliseconds. */
  lease = 1_900;
  isUnchanged = true;
  /** How much of what guards are told is not sent yet. */
  backlog = 0;
  confirmations = 0;
  #memory: FollowingMemory | null = null;
  #ids = 0;

  constructor() {
    this.sessions = new GuardSessions({
      time: new ProcessTime(this.truth),
      newSessionId: () => `s${(this.#ids += 1)}`,
      bounds: { sessions: 6, sessionsOfAccount: 4, sessionsOfServiceKey: 3, unacknowledged: 3, backlog: 10 },
    });
    this.sessions.attend({
      isUnchangedSince: () => this.isUnchanged,
      mayAnswerFromMemory: () => this.lease > 0,
      leaseLeft: () => this.lease,
      storeTime: () => 5_000 + this.truth.now,
      follow: (one) => void (this.#memory = one),
    });
    this.sessions.onConfirmed(() => (this.confirmations += 1));
  }

  /** What the verifier tells of changes to. */
  get memory(): FollowingMemory {
    if (this.#memory === null) throw new Error('the sessions follow nothing');
    return this.#memory;
  }

  open(staleMs = 0): Opened {
    const told: GuardMessage[] = [];
    let closed = false;
    const channel = {
      send: (message: GuardMessage) => void told.push(message),
      backlog: () => this.backlog,
      close: () => void (closed = true),
    };
    const session = this.sessions.open(SERVICE, STAMP, channel, staleMs);
    return { session, told, isClosed: () => closed };
  }

  /** A guard that has a lease and keeps an answer about the key. */
  openHolder(staleMs = 0): Opened {
    const opened = this.open(staleMs);
    opened.session.renew(1);
    expect(this.sessions.grant(opened.session.id, KEY, STAMP)).toBe(60_000);
    opened.told.splice(0);
    return opened;
  }
}
