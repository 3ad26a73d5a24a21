import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UnavailableError, type Verdict } from '#libs/key-domain';
import { TokenInquiry } from '../request/token-inquiry.js';
import type { VirtualTime } from '../virtual-time.fixture.js';
import { ask, ClientWorld as World, keyOf, randomFrom } from './client-world.fixture.js';

describe('what a guard keeps', () => {
  test('is judged without asking, and with no wait', async () => {
    const { client, verifier, keep } = bound(await new World(1).open());
    await keep('a');
    expect(client.judgeKept(ask('a'))).toMatchObject({ code: 'VALID' });
    expect(client.judgeKept(ask('b'))).toBeNull();
    expect(verifier.asked).toEqual([1]);
  });

  test('is judged anew for every question', async () => {
    const { client, keep } = bound(await new World(1).open());
    await keep('a');
    expect(client.judgeKept(new TokenInquiry('a', ['garments:read'], '', '', '', 1))).toMatchObject({
      code: 'INSUFFICIENT_SCOPE',
      missingScopes: ['garments:read'],
    });
    expect(client.judgeKept(new TokenInquiry('a', [], '', '', 'live', 1))?.code).toBe('ENVIRONMENT_MISMATCH');
  });

  test.each([
    ['the machine slept', (time: VirtualTime) => (time.wallOffset += 2_000)],
    ['its lease ran out', (time: VirtualTime) => time.pass(2_000)],
  ])('is not used after %s, and is used again under a new lease', async (_, happen) => {
    const world = await new World(1).open();
    await world.keep('a');
    world.verifier.isAway = true;
    await happen(world.time);
    expect(world.client.judgeKept(ask('a'))).toBeNull();
    world.verifier.isAway = false;
    await world.time.pass(600);
    expect(world.client.judgeKept(ask('a'))?.code).toBe('VALID');
  });

  test('is asked for again once its own time has passed', async () => {
    const world = await new World(1).open();
    await world.keep('a');
    await world.time.pass(59_000);
    expect(world.client.judgeKept(ask('a'))?.code).toBe('VALID');
    await world.time.pass(1_000);
    expect(world.client.judgeKept(ask('a'))).toBeNull();
  });

  test('is used for no longer than the contract has it, whatever a verifier says', async () => {
    const world = await new World(1).open();
    Object.assign(world.verifier, { leaseMs: 86_400_000, cacheTtlMs: 86_400_000 });
    await world.time.pass(600);
    await world.keep('a');
    await world.time.pass(59_900);
    expect(world.client.judgeKept(ask('a'))?.code).toBe('VALID');
    await world.time.pass(100);
    expect(world.client.judgeKept(ask('a'))).toBeNull();
    await world.keep('a');
    world.verifier.isAway = true;
    await world.time.pass(1_400);
    expect(world.client.judgeKept(ask('a'))?.code).toBe('VALID');
    await world.time.pass(700);
    expect(world.client.judgeKept(ask('a'))).toBeNull();
  });

  test('is forgotten before the change that touches it is acknowledged', async () => {
    const world = await new World(1).open();
    await world.keep('a', 'b');
    world.keys.change(keyOf('a'));
    await world.done(world.verifier.enforce(keyOf('a')));
    expect(world.client.judgeKept(ask('a'))).toBeNull();
    expect(world.client.judgeKept(ask('b'))?.code).toBe('VALID');
  });

  test('belongs to its session: the end of one verifier leaves what others vouch for', async () => {
    const world = await new World(3).open();
    const tokens = Array.from({ length: 60 }, (_, index) => `token ${index}`);
    await world.keep(...tokens);
    const before = world.verifiers.map(({ asked }) => asked.reduce((sum, count) => sum + count, 0));
    world.verifier.breakStreams(false);
    await world.time.pass(3);
    const left = tokens.filter((token) => world.client.judgeKept(ask(token)) !== null);
    expect(left).toHaveLength(60 - (before[0] ?? 0));
    expect(Math.min(...before)).toBeGreaterThan(5);
  });

  test('is reported by secret every ten seconds, and costs no question', async () => {
    const world = await new World(1).open();
    await world.keep('a', 'b');
    for (let use = 0; use < 5; use++) world.client.judgeKept(ask('a'));
    await world.time.pass(10_000);
    expect(world.verifier.reports).toEqual([
      {
        guardSessionId: world.verifier.sessions[0]?.id,
        usage: [expect.objectContaining({ keyId: keyOf('a'), verifications: 5 })],
      },
    ]);
    await world.time.pass(20_000);
    expect(world.verifier.reports).toHaveLength(1);
    expect(world.asked).toBe(2);
  });
});

describe('when no verifier can be reached', () => {
  const stale = (staleWhileUnavailableMs: number) => ({
    cache: { maxEntries: 10, maxBytes: 1_000_000, staleWhileUnavailableMs },
  });

  test('what was kept is not used, unless the service has chosen so', async () => {
    const world = await new World(1).open();
    await world.keep('a');
    world.verifier.isAway = true;
    await world.time.pass(2_000);
    expect(await world.done(world.client.verify(ask('a')))).toBeInstanceOf(UnavailableError);
  });

  test('it is used for as long after its lease as the service has chosen, and no longer', async () => {
    const world = await new World(1, stale(10_000)).open();
    await world.keep('a');
    world.verifier.isAway = true;
    world.verifier.breakStreams(false);
    await world.time.pass(5_000);
    expect(await world.done(world.client.verify(ask('a')))).toMatchObject({ verdict: { code: 'VALID' } });
    await world.time.pass(10_000);
    expect(await world.done(world.client.verify(ask('a')))).toBeInstanceOf(UnavailableError);
  });

  test('a told change is forgotten all the same', async () => {
    const world = await new World(1, stale(10_000)).open();
    await world.keep('a');
    world.keys.change(keyOf('a'));
    await world.done(world.verifier.enforce(keyOf('a')));
    world.verifier.isAway = true;
    world.verifier.breakStreams(false);
    await world.time.pass(100);
    expect(await world.done(world.client.verify(ask('a')))).toBeInstanceOf(UnavailableError);
  });

  test('one request waits; those after it are told at once', async () => {
    const world = await new World(1, { cache: null }).open();
    world.verifier.isAway = true;
    const began = world.time.monotonic();
    expect(await world.done(world.client.verify(ask('a')))).toBeInstanceOf(UnavailableError);
    expect(world.time.monotonic() - began).toBeGreaterThanOrEqual(2_000);
    const then = world.time.monotonic();
    for (let i = 0; i < 5; i++) expect(await world.done(world.client.verify(ask('a')))).toBeInstanceOf(UnavailableError);
    expect(world.time.monotonic() - then).toBeLessThan(20);
    expect(world.news).toEqual(['verifier 0 away']);
  });

  test('it is found again soon after it is back, by probes alone', async () => {
    const world = await new World(1, { cache: null }).open();
    world.verifier.isAway = true;
    await world.done(world.client.verify(ask('a')));
    await world.time.pass(20_000);
    const asked = world.asked;
    world.verifier.isAway = false;
    await world.time.pass(1_600);
    expect(world.news).toEqual(['verifier 0 away', 'verifier 0 back']);
    expect(world.asked).toBe(asked);
    expect(await world.done(world.client.verify(ask('a')))).toMatchObject({ verdict: { code: 'VALID' } });
  });

  test('a dead one of three costs each token at most one wait, and then none', async () => {
    const world = await new World(3, { cache: null }).open();
    world.verifier.isAway = true;
    const tokens = Array.from({ length: 30 }, (_, index) => `token ${index}`);
    const verdicts = await world.done(Promise.all(tokens.map((token) => world.client.verify(ask(token)))));
    expect(verdicts).toEqual(tokens.map(() => expect.objectContaining({ verdict: expect.objectContaining({ code: 'VALID' }) })));
    const then = world.time.monotonic();
    for (const token of tokens)
      expect(await world.done(world.client.verify(ask(token)))).toMatchObject({ verdict: { code: 'VALID' } });
    expect(world.time.monotonic() - then).toBeLessThan(30 * 10);
  });
});

describe('questions', () => {
  test('of one turn travel together, and each gets its own answer', async () => {
    const world = await new World(1).open();
    const tokens = Array.from({ length: 2_500 }, (_, index) => `token ${index}`);
    const verdicts = await world.done(Promise.all(tokens.map((token) => world.client.verify(ask(token)))));
    expect(verdicts).toEqual(
      tokens.map((token) =>
        expect.objectContaining({
          verdict: expect.objectContaining({ record: expect.objectContaining({ keyId: keyOf(token) }) }),
        }),
      ),
    );
    expect(world.verifier.asked).toEqual([1_000, 1_000, 500]);
  });

  test('that come while enough are under way are gathered', async () => {
    const world = await new World(1, {}, () => 50).open();
    await world.time.pass(500);
    const verdicts = [];
    for (let i = 0; i < 20; i++) {
      verdicts.push(world.client.verify(ask(`token ${i}`)));
      await world.time.pass(1);
    }
    await world.done(Promise.all(verdicts));
    expect(world.verifier.asked).toEqual([1, 1, 1, 1, 16]);
  });
});

describe('whatever the network does', () => {
  test('no verdict rests on a state before a change that was in force when the question came', async () => {
    let [fromKept, asked] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 3 }), fc.boolean(), async (seed, count, lossy) => {
        const random = randomFrom(seed);
        const world = new World(count, {}, () => (random() < 0.1 ? random() * 800 : random() * 5), random);
        if (lossy) for (const verifier of world.verifiers) verifier.loss = 0.05;
        const history = new History(world, random);
        await history.run();
        expect(history.violations).toEqual([]);
        fromKept += history.fromKept;
        asked += history.asked;
      }),
      { numRuns: 25 },
    );
    expect(Math.min(fromKept, asked)).toBeGreaterThan(100);
  });
});

/** Questions, changes and faults at random; every verdict is held against what was in force when its question came. */
class History {
  readonly violations: string[] = [];
  fromKept = 0;
  asked = 0;
  readonly #inForce = new Map<string, number>();

  constructor(
    private readonly world: World,
    private readonly random: () => number,
  ) {}

  async run(): Promise<void> {
    await this.world.open();
    for (let step = 0; step < 150; step++) {
      this.#act(`token ${Math.floor(this.random() * 6)}`);
      await this.world.time.pass(this.random() < 0.02 ? 1_500 : this.random() * 12);
    }
    await this.world.time.pass(5_000);
    this.world.client.stop();
  }

  #act(token: string): void {
    const { world } = this;
    const chance = this.random();
    const verifier = world.verifiers[Math.floor(this.random() * world.verifiers.length)];
    if (chance < 0.75) this.#ask(token);
    else if (chance < 0.93) void this.#change(keyOf(token));
    else if (chance < 0.96) verifier?.breakStreams(this.random() < 0.5);
    else if (chance < 0.97) world.time.wallOffset += (this.random() - 0.5) * 4_000;
    else if (verifier !== undefined) verifier.isAway = this.random() < 0.3;
  }

  #ask(token: string): void {
    const least = this.#inForce.get(keyOf(token)) ?? 0;
    const hold = (what: string, verdict: Verdict) => {
      if (!(Number(verdict.record?.name) >= least)) this.violations.push(`${what} ${token}: ${verdict.record?.name} < ${least}`);
    };
    const kept = this.world.client.judgeKept(ask(token));
    if (kept !== null) {
      this.fromKept += 1;
      hold('kept', kept);
      return;
    }
    this.world.client.verify(ask(token)).then(
      ({ verdict }) => {
        this.asked += 1;
        hold('asked', verdict);
      },
      (error: unknown) => {
        if (!(error instanceof UnavailableError)) this.violations.push(String(error));
      },
    );
  }

  async #change(keyId: string): Promise<void> {
    const version = this.world.keys.change(keyId);
    await Promise.all(this.world.verifiers.map((verifier) => verifier.enforce(keyId)));
    this.#inForce.set(keyId, Math.max(version, this.#inForce.get(keyId) ?? 0));
  }
}

function bound(world: World) {
  return { client: world.client, verifier: world.verifier, keep: world.keep.bind(world) };
}
