import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UnavailableError } from '#libs/key-domain';
import { ask, ClientWorld, keyOf, randomFrom } from './client-world.fixture.js';
import type { ModelVerifier } from '../model-verifier.fixture.js';
import type { VerifierTransport } from './verifier-transport.js';

const MINUTE_MS = 60_000;
const WINDOW_MS = 10 * MINUTE_MS;
const CACHE = { maxEntries: 100, maxBytes: 1_000_000, staleWhileUnavailableMs: WINDOW_MS };

function openWorld(verifiers: number): Promise<ClientWorld> {
  return new ClientWorld(verifiers, { cache: CACHE }).open();
}

/** Nobody hears of it any more, and no stream to it lives. */
function takeAway(...verifiers: readonly ModelVerifier[]): void {
  for (const verifier of verifiers) {
    verifier.isAway = true;
    verifier.breakStreams(false);
  }
}

/** Revokes a key; returns once that is in force, as far as the verifiers' guards go. */
async function revoke(world: ClientWorld, token: string): Promise<void> {
  world.keys.revoke(keyOf(token));
  await world.done(Promise.all(world.verifiers.map((verifier) => verifier.enforce(keyOf(token)))));
}

const judged = (world: ClientWorld, token: string) => world.done(world.client.verify(ask(token)));

/** Tokens that are kept on the word of each verifier. */
async function keepOnEach(world: ClientWorld): Promise<readonly string[]> {
  const tokens: string[] = [];
  for (let index = 0; tokens.filter(Boolean).length < world.verifiers.length; index++) {
    const token = `token ${index}`;
    const before = world.verifiers.map(({ asked }) => asked.length);
    await world.keep(token);
    tokens[world.verifiers.findIndex(({ asked }, verifier) => asked.length > (before[verifier] ?? 0))] = token;
  }
  return tokens;
}

describe('while no verifier can be reached', () => {
  test('what every lost verifier vouched for is let in, whichever was lost first', async () => {
    const world = await openWorld(2);
    const tokens = await keepOnEach(world);
    takeAway(...world.verifiers);
    await world.time.pass(MINUTE_MS);
    for (const token of tokens) expect(await judged(world, token)).toMatchObject({ verdict: { code: 'VALID' } });
  });

  test('a key that was revoked under a session after its own is refused in a second outage', async () => {
    const world = await openWorld(1);
    await world.keep('a');
    world.verifier.breakStreams(false);
    await world.time.pass(5_000);
    await revoke(world, 'a');
    await world.time.pass(MINUTE_MS);
    takeAway(world.verifier);
    await world.time.pass(1_000);
    expect(await judged(world, 'a')).toBeInstanceOf(UnavailableError);
  });

  test('a key that the guard was told is revoked is refused', async () => {
    const world = await openWorld(1);
    await world.keep('a');
    world.verifier.breakStreams(false);
    await world.time.pass(5_000);
    await revoke(world, 'a');
    expect(await judged(world, 'a')).toMatchObject({ verdict: { code: 'REVOKED' } });
    takeAway(world.verifier);
    await world.time.pass(1_000);
    expect(await judged(world, 'a')).toBeInstanceOf(UnavailableError);
  });

  test.each([
    ['whose stream broke', false],
    ['whose stream is silent', true],
  ])(
    'a key that was kept on the word of a dead verifier, %s, is refused once another has answered since',
    async (_, halfOpen) => {
      const world = await openWorld(2);
      const [first, second] = world.verifiers as readonly [ModelVerifier, ModelVerifier];
      const [token = ''] = await keepOnEach(world);
      first.isAway = true;
      first.breakStreams(halfOpen);
      await world.time.pass(3_000);
      await revoke(world, token);
      await world.time.pass(15_000);
      takeAway(second);
      await world.time.pass(5_000);
      expect(await judged(world, token)).toBeInstanceOf(UnavailableError);
    },
  );

  test('a key that one verifier calls revoked is refused, though another vouched for it before', async () => {
    const world = await openWorld(2);
    const [first, second] = world.verifiers as readonly [ModelVerifier, ModelVerifier];
    const [token = ''] = await keepOnEach(world);
    first.isAway = true;
    world.keys.revoke(keyOf(token));
    await world.time.pass(1_950);
    expect(world.client.judgeKept(ask(token))).toBeNull();
    expect(await judged(world, token)).toMatchObject({ verdict: { code: 'REVOKED' } });
    takeAway(first, second);
    await world.time.pass(5_000);
    expect(await judged(world, token)).toBeInstanceOf(UnavailableError);
  });

  test('a key is refused while a verifier vouches for others', async () => {
    const world = await openWorld(2);
    const [first, second] = world.verifiers as readonly [ModelVerifier, ModelVerifier];
    const [token = '', other = ''] = await keepOnEach(world);
    takeAway(first);
    second.loss = 1;
    await world.time.pass(10);
    expect(world.client.judgeKept(ask(other))).toMatchObject({ code: 'VALID' });
    expect(await judged(world, token)).toBeInstanceOf(UnavailableError);
  });

  test('an answer that was long on its way does not undo the one that came before it', async () => {
    let delay = 700;
    const world = await new ClientWorld(1, { cache: CACHE }, () => delay).open();
    await world.time.pass(5_000);
    const late = world.client.verify(ask('a'));
    await world.time.pass(750);
    world.keys.revoke(keyOf('a'));
    delay = 1;
    expect(await judged(world, 'a')).toMatchObject({ verdict: { code: 'REVOKED' } });
    expect(await world.done(late)).toMatchObject({ verdict: { code: 'VALID' } });
    takeAway(world.verifier);
    await world.time.pass(5_000);
    expect(await judged(world, 'a')).toBeInstanceOf(UnavailableError);
  });

  test('an answer of a verifier that gives no time to keep it ends what another gave', async () => {
    const world = await openWorld(1);
    await world.keep('a');
    await world.time.pass(MINUTE_MS + 1_000);
    world.keys.revoke(keyOf('a'));
    expect(await judged(world, 'a')).toMatchObject({ verdict: { code: 'REVOKED' } });
    expect(world.client.kept).toBe(0);
  });

  test('a session that was given its lease anew vouches again for what was kept under it', async () => {
    const world = await openWorld(1);
    await world.keep('a');
    world.verifier.isAway = true;
    await world.time.pass(10_000);
    world.verifier.isAway = false;
    await world.time.pass(1_000);
    takeAway(world.verifier);
    await world.time.pass(10_000);
    expect(await judged(world, 'a')).toMatchObject({ verdict: { code: 'VALID' } });
  });

  test('a key is refused when the machine slept through more than the window', async () => {
    const world = await openWorld(1);
    await world.keep('a');
    takeAway(world.verifier);
    world.time.wallOffset += WINDOW_MS;
    await world.time.pass(2_000);
    expect(await judged(world, 'a')).toBeInstanceOf(UnavailableError);
  });
});

test('whatever the network does, no change is overridden that was in force when any verifier was last heard', async () => {
  let overridden = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 3 }), async (seed, count) => {
      const outages = new Outages(count, randomFrom(seed));
      await outages.run();
      expect(outages.violations).toEqual([]);
      overridden += outages.overridden;
    }),
    { numRuns: 40 },
  );
  expect(overridden).toBeGreaterThan(20);
}, 240_000);

/** Questions, changes and outages at random. A verdict may be older than a change only if nobody was heard since that. */
class Outages {
  readonly violations: string[] = [];
  /** Verdicts that were older than a change, as the window allows. */
  overridden = 0;
  readonly #world: ClientWorld;
  #inForce: ReadonlyMap<string, number> = new Map();
  /** What was in force when a verifier was last heard. */
  #heard: ReadonlyMap<string, number> = new Map();

  constructor(
    verifiers: number,
    private readonly random: () => number,
  ) {
    const delay = () => (random() < 0.05 ? random() * 800 : random() * 5);
    this.#world = new ClientWorld(verifiers, { cache: CACHE }, delay, random, (verifier) => this.#heardBy(verifier));
  }

  async run(): Promise<void> {
    await this.#world.open();
    for (let step = 0; step < 200; step++) {
      this.#act(`token ${Math.floor(this.random() * 6)}`);
      await this.#world.time.pass(this.random() < 0.1 ? 1_500 * this.random() : this.random() * 30);
    }
    await this.#world.time.pass(5_000);
    this.#world.client.stop();
  }

  #act(token: string): void {
    const { verifiers } = this.#world;
    const verifier = verifiers[Math.floor(this.random() * verifiers.length)];
    const chance = this.random();
    if (chance < 0.8) void this.#ask(token);
    else if (chance < 0.9) void this.#change(keyOf(token));
    else if (chance < 0.93) verifier?.breakStreams(this.random() < 0.5);
    else if (chance < 0.96) for (const one of verifiers) one.isAway = true;
    else for (const one of verifiers) one.isAway = this.random() < 0.2;
  }

  async #ask(token: string): Promise<void> {
    const [inForce, heard] = [this.#inForce, this.#heard].map((versions) => versions.get(keyOf(token)) ?? 0) as [number, number];
    const judgement = await this.#world.client.verify(ask(token)).catch(() => null);
    if (judgement === null) return;
    const version = Number(judgement.verdict.record?.name);
    if (version < inForce) this.overridden += 1;
    if (version < heard) this.violations.push(`${token}: ${version} < ${heard}`);
  }

  async #change(keyId: string): Promise<void> {
    const version = this.#world.keys.change(keyId);
    await Promise.all(this.#world.verifiers.map((verifier) => verifier.enforce(keyId)));
    this.#inForce = new Map([...this.#inForce, [keyId, Math.max(version, this.#inForce.get(keyId) ?? 0)]]);
  }

  #heardBy(verifier: ModelVerifier): VerifierTransport {
    const note = () => {
      this.#heard = this.#inForce;
    };
    return {
      verifyTokens: async (...question) => {
        const answers = await verifier.verifyTokens(...question);
        note();
        return answers;
      },
      probe: async (timeoutMs) => {
        await verifier.probe(timeoutMs);
        note();
      },
      reportUsage: (report) => verifier.reportUsage(report),
      watch: (handlers) => {
        let isOver = false;
        const message: typeof handlers.message = (told) => {
          if (!isOver) note();
          handlers.message(told);
        };
        const stream = verifier.watch({ ...handlers, message, ended: (failure) => handlers.ended(failure) });
        const end = () => {
          isOver = true;
          stream.end();
        };
        return { send: (sent) => stream.send(sent), end };
      },
    };
  }
}
