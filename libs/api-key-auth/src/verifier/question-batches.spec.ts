import { describe, expect, test } from '@jest/globals';
import { VerifyTokenRequest, VerifyTokenResponse } from '#libs/contract';
import { VirtualTime } from '../virtual-time.fixture.js';
import { type Answered, MAX_UNDER_WAY, QuestionBatches } from './question-batches.js';
import { type FailureKind, VerifierFailure } from './verifier-transport.js';

const EMPTY = new Uint8Array();
const question = (token: string): VerifyTokenRequest => ({
  ...VerifyTokenRequest.decode(EMPTY),
  credential: { $case: 'token', value: token },
});
const LIMIT_MS = 2_000;

/** A verifier that fails every call that holds a token of which it says so; each call takes its time. */
class Verifier {
  readonly time = new VirtualTime();
  /** How many questions came in each call. */
  readonly calls: number[] = [];
  readonly limits: number[] = [];
  mostAtOnce = 0;
  callMs = 1;
  readonly batches: QuestionBatches;
  #underWay = 0;

  constructor(fails: (token: string) => FailureKind | null) {
    this.batches = new QuestionBatches({
      time: this.time,
      atTurnEnd: setImmediate,
      session: () => null,
      send: async (requests, _, timeoutMs) => {
        this.calls.push(requests.length);
        this.limits.push(timeoutMs);
        this.mostAtOnce = Math.max(this.mostAtOnce, (this.#underWay += 1));
        await this.time.sleep(this.callMs);
        this.#underWay -= 1;
        const tokens = requests.map(({ credential }) => (credential?.$case === 'token' ? credential.value : ''));
        const failure = tokens.map(fails).find((kind) => kind !== null);
        if (failure !== undefined) throw new VerifierFailure(failure, 'so the test has it');
        return tokens.map((token) => ({ ...VerifyTokenResponse.decode(EMPTY), message: token }));
      },
    });
  }

  /** Asks about all of them in one turn; an answer is the token that it is about, a failure its kind. */
  async ask(tokens: readonly string[], ms = 10_000): Promise<readonly string[]> {
    const asking = tokens.map((token) => this.batches.ask(question(token), LIMIT_MS));
    const outcomes = Promise.allSettled(asking.map((asked) => asked.then(({ response }: Answered) => response.message)));
    await this.time.pass(ms);
    return (await outcomes).map((one) => (one.status === 'fulfilled' ? one.value : kindOf(one.reason)));
  }
}

function kindOf(reason: unknown): string {
  return reason instanceof VerifierFailure ? reason.kind : String(reason);
}

const tokens = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`);

describe('of questions that travel together', () => {
  test.each(['invalid', 'too_large'] as const)('one that is %s fails alone, and all others are answered', async (kind) => {
    const verifier = new Verifier((token) => (token === 't700' ? kind : null));
    const outcomes = await verifier.ask(tokens(1_000));
    expect(outcomes).toEqual(tokens(1_000).map((token) => (token === 't700' ? kind : token)));
    expect(verifier.calls.length).toBeLessThanOrEqual(21);
  });

  test('never more calls are under way than may be, however many questions are bad', async () => {
    const verifier = new Verifier(() => 'invalid');
    expect(new Set(await verifier.ask(tokens(200)))).toEqual(new Set(['invalid']));
    expect(verifier.mostAtOnce).toBe(MAX_UNDER_WAY);
  });

  test('those that a verifier without its store does not know cost it at most fifteen calls', async () => {
    const verifier = new Verifier(() => 'unable');
    expect(new Set(await verifier.ask(tokens(1_000)))).toEqual(new Set(['unable']));
    expect(verifier.calls).toHaveLength(15);
    expect(verifier.mostAtOnce).toBeLessThanOrEqual(MAX_UNDER_WAY);
  });

  test('each of eight gets its own answer from a verifier without its store; of more, an eighth fails with one', async () => {
    const unknown = (token: string) => (token === 't3' ? 'unable' : null);
    expect(await new Verifier(unknown).ask(tokens(8))).toEqual(tokens(8).map((token) => (token === 't3' ? 'unable' : token)));
    const outcomes = await new Verifier(unknown).ask(tokens(80));
    expect(outcomes.filter((outcome) => outcome === 'unable')).toHaveLength(10);
  });

  test.each(['lost', 'timeout', 'unauthenticated'] as const)('all fail with a call that fails as %s', async (kind) => {
    const verifier = new Verifier(() => kind);
    expect(await verifier.ask(tokens(8))).toEqual(tokens(8).map(() => kind));
    expect(verifier.calls).toEqual([8]);
  });

  test('none waits for longer than it was given, however often it is asked', async () => {
    const verifier = new Verifier(() => 'invalid');
    verifier.callMs = 600;
    expect(new Set(await verifier.ask(tokens(64), 2_500))).toEqual(new Set(['timeout']));
    expect(Math.max(...verifier.limits)).toBe(LIMIT_MS);
    expect(verifier.limits.at(-1)).toBe(LIMIT_MS - 3 * 600);
    expect(verifier.batches.load).toBe(0);
  });

  test('halves that wait fail with their verifier', async () => {
    const verifier = new Verifier(() => 'unable');
    verifier.callMs = 10;
    verifier.time.after(35, () => {
      verifier.batches.drop(new VerifierFailure('lost', 'it does not answer'));
    });
    const outcomes = await verifier.ask(tokens(1_000));
    expect(outcomes.filter((outcome) => outcome === 'lost')).toHaveLength(4 * 125);
    expect(outcomes.filter((outcome) => outcome === 'unable')).toHaveLength(4 * 125);
  });
});
