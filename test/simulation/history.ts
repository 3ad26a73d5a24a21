import { type ChangeScope, type CommittedChange, decide, type KeyRecord, type VerdictRequest } from '#libs/key-domain';

/** A key as it was from one commit on; null: not there. */
interface Version {
  readonly place: number;
  readonly record: KeyRecord | null;
}

/** What must hold of the answer to a verification, fixed when it was sent. */
export interface Sent {
  readonly id: number;
  readonly at: number;
  readonly keyId: string;
  readonly serviceKeyId: string;
  readonly requiredScopes: readonly string[];
  /** No state of the key before this place may be used. */
  readonly floor: number;
  readonly serviceFloor: number;
}

/** What came back: a verdict's code, or that the service key was refused, or that no answer could be given. */
export type Outcome = string;

export const REFUSED_SERVICE = 'service refused';
export const NO_ANSWER = 'no answer';

/** What clocks may be wrong by when expiry is judged, in milliseconds. */
export interface ExpirySlack {
  readonly tooLate: number;
  readonly tooEarly: number;
}

export class Violation extends Error {
  override readonly name = 'Violation';

  constructor(
    readonly guarantee: 'G1' | 'G2' | 'G3' | 'bound' | 'liveness',
    message: string,
  ) {
    super(`${guarantee}: ${message}`);
  }
}

const MAY_VERIFY = ['mintmark:tokens:verify'];

/** Every state that was ever committed, and which of them may no longer be used by whoever asks now. */
export class History {
  readonly #versions = new Map<string, Version[]>();
  readonly #floorOfKey = new Map<string, number>();
  readonly #floorOfAccount = new Map<string, number>();
  #floorOfAll = 0;
  #sent = 0;

  /** @param postgresClock Postgres' clock at a true time */
  constructor(
    private readonly postgresClock: (trueTime: number) => number,
    private readonly slack: ExpirySlack,
    /** Whether a key that was created may be unknown for as long as nobody has published that. */
    private readonly mayMissCreations: boolean,
  ) {}

  committed({ place }: CommittedChange, touched: ReadonlyMap<string, KeyRecord | null>): void {
    for (const [keyId, record] of touched) {
      const versions = this.#versions.get(keyId) ?? [{ place: 0, record: null }];
      versions.push({ place, record });
      this.#versions.set(keyId, versions);
    }
  }

  /** From now on no verification that is sent may use a state of these keys from before that place. */
  inForce(scope: ChangeScope, place: number): void {
    if (scope.kind === 'all') this.#floorOfAll = Math.max(this.#floorOfAll, place);
    else if (scope.kind === 'account') raise(this.#floorOfAccount, scope.accountId, place);
    else raise(this.#floorOfKey, scope.keyId, place);
  }

  send(question: Pick<Sent, 'at' | 'keyId' | 'serviceKeyId' | 'requiredScopes'>): Sent {
    this.#sent += 1;
    const { at, keyId, serviceKeyId, requiredScopes } = question;
    const [floor, serviceFloor] = [this.#floorOf(keyId), this.#floorOf(serviceKeyId)];
    return { id: this.#sent, at, keyId, serviceKeyId, requiredScopes, floor, serviceFloor };
  }

  /** @throws Violation */
  check(sent: Sent, outcome: Outcome, at: number): void {
    if (outcome === NO_ANSWER) return;
    const service = this.#codes(sent, sent.serviceKeyId, sent.serviceFloor, MAY_VERIFY, at);
    const serviceFits = outcome === REFUSED_SERVICE ? [...service].some((code) => code !== 'VALID') : service.has('VALID');
    if (!serviceFits) throw this.#violation(sent, sent.serviceKeyId, sent.serviceFloor, outcome, service);
    if (outcome !== REFUSED_SERVICE) this.checkToken(sent, outcome, at);
  }

  /** As a guard answers from what it keeps: its service key is not asked about. @throws Violation */
  checkToken(sent: Sent, outcome: Outcome, at: number): void {
    const codes = this.#codes(sent, sent.keyId, sent.floor, sent.requiredScopes, at);
    if (!codes.has(outcome)) throw this.#violation(sent, sent.keyId, sent.floor, outcome, codes);
  }

  /** The codes that states from a place on give, up to now. */
  #codes(sent: Sent, keyId: string, floor: number, requiredScopes: readonly string[], at: number): ReadonlySet<string> {
    const versions = this.#versions.get(keyId) ?? [{ place: 0, record: null }];
    const first = versions.findLastIndex(({ place }) => place <= floor);
    const request = { ...ANY_REQUEST, requiredScopes };
    const codes = new Set<string>(this.mayMissCreations ? ['NOT_FOUND'] : []);
    const earliest = this.postgresClock(sent.at) - this.slack.tooLate;
    const latest = this.postgresClock(at) + this.slack.tooEarly;
    for (const { record } of versions.slice(first)) {
      const judged = record !== null && keyId === sent.serviceKeyId ? { ...record, accountSuspended: false } : record;
      codes.add(decide(judged, request, null, earliest).code);
      codes.add(decide(judged, request, null, latest).code);
    }
    return codes;
  }

  #violation(sent: Sent, keyId: string, floor: number, outcome: Outcome, codes: ReadonlySet<string>): Violation {
    const allowed = [...codes].join(', ');
    return new Violation(
      'G1',
      `question ${sent.id}, sent at ${sent.at.toFixed(3)}, was answered ${outcome}; since change ${floor}, which was in force then, ` +
        `key ${keyId} was ${allowed}`,
    );
  }

  #floorOf(keyId: string): number {
    const accountId = this.#versions.get(keyId)?.findLast(({ record }) => record !== null)?.record?.accountId ?? '';
    return Math.max(this.#floorOfAll, this.#floorOfKey.get(keyId) ?? 0, this.#floorOfAccount.get(accountId) ?? 0);
  }
}

const ANY_REQUEST: VerdictRequest = {
  wellFormed: true,
  accountId: null,
  requiredScopes: [],
  productId: '',
  clientIp: '',
  environment: '',
  cost: 1,
};

function raise(floors: Map<string, number>, name: string, place: number): void {
  floors.set(name, Math.max(floors.get(name) ?? 0, place));
}
