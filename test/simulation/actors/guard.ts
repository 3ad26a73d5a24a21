import { VerifierClient, VerifierFailure, type VerifierTransport } from '#libs/api-key-auth';
import { UnavailableError } from '#libs/key-domain';
import type { Machine } from '../engine/machine.js';
import type { SimProcess } from '../engine/process.js';
import type { Sent } from '../history.js';
import type { Mutation } from '../mutation.js';
import type { World } from '../world.js';
import { failureOf } from './failure.js';
import type { SimAccount, SimKey } from './keys.js';
import { SimStream } from './stream.js';
import type { Verifier } from './verifier.js';

const DEADLINE_MS = 1_500;
const CACHE = { maxEntries: 64, maxBytes: 1_000_000, staleWhileUnavailableMs: 0 };

/** A service with the product's own guard in it, which keeps answers; one process after the other. */
export class Guard {
  readonly machine: Machine;
  #process: SimProcess;
  #client: VerifierClient;
  /** Questions that were answered from what is kept. */
  kept = 0;

  constructor(
    private readonly world: World,
    readonly name: string,
    readonly account: SimAccount,
    private readonly verifiers: readonly Verifier[],
    private readonly mutation: Mutation,
  ) {
    this.machine = world.machine(name);
    ({ process: this.#process, client: this.#client } = this.#begin());
  }

  get process(): SimProcess {
    return this.#process;
  }

  kill(): void {
    this.#process.kill();
  }

  restart(): void {
    if (!this.#process.isAlive) ({ process: this.#process, client: this.#client } = this.#begin());
  }

  /** Ends as a process does that is asked to: it leaves its sessions. */
  shutDown(): Promise<void> {
    this.#client.stop();
    const process = this.#process;
    this.world.scheduler.after(1, () => {
      process.kill();
    });
    return Promise.resolve();
  }

  /** An end user shows the service a token. */
  ask(key: SimKey, requiredScopes: readonly string[]): void {
    const { history, scheduler, random } = this.world;
    const sent = history.send({ at: this.world.now, keyId: key.keyId, serviceKeyId: this.account.service.keyId, requiredScopes });
    const [process, client] = [this.#process, this.#client];
    scheduler.after(random.between(0, 1), () => {
      process.receive(() => {
        void this.#answer({ process, client, sent, key });
      });
    });
  }

  async #answer({ process, client, sent, key }: Asked): Promise<void> {
    const { keyId, requiredScopes } = sent;
    const question = { requiredScopes, productId: '', clientIp: '', environment: '', cost: 1, tokenSha256: key.sha256 };
    const presented = { ...question, tokenName: key.sha256.toString('latin1'), isWellFormed: () => true };
    const kept = client.judgeKept(presented);
    if (kept !== null) this.kept += 1;
    try {
      const { code } = kept ?? (await client.verify(question)).verdict;
      this.world.trace(this.name, () => `answers ${sent.id} ${keyId}: ${code}${kept === null ? '' : ', kept'}`);
      this.world.history.checkToken(sent, code, Math.max(process.now, this.world.now));
    } catch (error) {
      if (!(error instanceof UnavailableError)) this.world.fail(error);
    }
  }

  #begin() {
    const { world, verifiers, mutation } = this;
    const process = world.process(this.machine);
    const transports = verifiers.map((verifier) => {
      const transport = new SimTransport(world, process, verifier, this.account.service);
      return { name: verifier.name, transport: mutation.transport?.(transport, process) ?? transport };
    });
    const client = new VerifierClient(transports, {
      time: process,
      random: () => world.random.next(),
      atTurnEnd: (work) => {
        world.scheduler.at(process.now, () => {
          process.receive(work);
        });
      },
      deadlineMs: DEADLINE_MS,
      cache: CACHE,
    });
    client.start();
    return { process, client };
  }
}

interface Asked {
  readonly process: SimProcess;
  readonly client: VerifierClient;
  readonly sent: Sent;
  readonly key: SimKey;
}

/** One verifier as a guard reaches it over the network. */
class SimTransport implements VerifierTransport {
  constructor(
    private readonly world: World,
    private readonly process: SimProcess,
    private readonly verifier: Verifier,
    private readonly service: SimKey,
  ) {}

  verifyTokens(...[requests, sessionId, timeoutMs]: Parameters<VerifierTransport['verifyTokens']>) {
    const life = this.verifier.reached();
    const answered = this.world.network.call<Awaited<ReturnType<VerifierTransport['verifyTokens']>>>(
      this.process,
      life.process,
      (answer) => {
        life.answerGuard(this.service.token, requests, sessionId).then(
          (value) => {
            answer({ value });
          },
          (error: unknown) => {
            answer({ error: failureOf(error) });
          },
        );
      },
    );
    return new Promise<Awaited<typeof answered>>((resolve, reject) => {
      const cancel = this.process.after(timeoutMs, () => {
        reject(new VerifierFailure('timeout', 'no answer'));
      });
      answered
        .then(resolve, (error: unknown) => {
          reject(failureOf(error));
        })
        .finally(cancel);
    });
  }

  async probe(timeoutMs: number): Promise<void> {
    await this.verifyTokens([], '', timeoutMs);
  }

  watch(handlers: Parameters<VerifierTransport['watch']>[0]) {
    const life = this.verifier.reached();
    const stream = new SimStream(this.world, this.process, life.process, handlers);
    stream.open((call) => {
      life.watch(this.service.token, call);
    });
    return stream;
  }

  reportUsage(): Promise<void> {
    return Promise.resolve();
  }
}
