import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { ChangeTold, OpenSession, TokenRules, WatchKeysRequest, WatchKeysResponse } from '#libs/contract';

/** A guard's session as a scripted verifier holds it. */
export class ScriptedSession {
  opened: OpenSession | null = null;
  renewals = 0;
  readonly acknowledged: number[] = [];
  /** Null: renewals are left unanswered. */
  leaseMs: number | null = 1_900;
  isOver = false;
  #sequence = 0;

  constructor(
    readonly id: string,
    private readonly stream: ServerDuplexStream<WatchKeysRequest, WatchKeysResponse>,
    private readonly accountId: string,
  ) {
    stream.on('data', ({ message }: WatchKeysRequest) => this.#receive(message));
    stream.on('error', () => (this.isOver = true));
    stream.on('cancelled', () => (this.isOver = true));
    stream.on('end', () => {
      this.isOver = true;
      stream.end();
    });
  }

  /** Tells of a change; returns its sequence. */
  tell(scope: ChangeTold['scope'], sequence = this.#sequence + 1): number {
    this.#sequence = sequence;
    this.#send({ $case: 'change', value: { sequence, scope } });
    return sequence;
  }

  rules(rules: TokenRules): void {
    this.#send({ $case: 'rules', value: rules });
  }

  end(reason: string): void {
    this.#sequence += 1;
    this.#send({ $case: 'ended', value: { sequence: this.#sequence, reason } });
  }

  #receive(message: WatchKeysRequest['message']): void {
    if (message?.$case === 'open') {
      this.opened = message.value;
      this.#send({ $case: 'opened', value: { sessionId: this.id, accountId: this.accountId } });
    }
    if (message?.$case === 'acknowledge') this.acknowledged.push(message.value.sequence);
    if (message?.$case === 'renew') {
      this.renewals += 1;
      if (this.leaseMs === null) return;
      const lease = { seconds: Math.floor(this.leaseMs / 1000), nanos: (this.leaseMs % 1000) * 1_000_000 };
      this.#send({ $case: 'renewed', value: { renewal: message.value.renewal, lease, storeTime: new Date() } });
    }
  }

  #send(message: WatchKeysResponse['message']): void {
    this.stream.write({ message });
  }
}
