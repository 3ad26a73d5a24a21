import type { EpochLog } from '#libs/coherence';
import { UnavailableError } from '#libs/key-domain';
import type { SimProcess } from '../engine/process.js';
import { RedisModelLog, type RedisModelOptions } from '../redis-model-log.js';
import type { World } from '../world.js';
import { LOG_LIMIT_MS, withLimit } from './postgres-server.js';

/** How a Redis may lose what it holds. */
export const LOSSES = ['flushed', 'members evicted', 'changes evicted'] as const;
export type Loss = (typeof LOSSES)[number];

type Channel = 'published' | 'progress';

/** Redis as processes reach it over the network: every script is one step. */
export class RedisServer {
  readonly name = 'redis';
  readonly #machine;
  #process: SimProcess;
  #log: RedisModelLog;
  /** Another server, which comes in the place of the one in use, and goes again with everything that it holds. */
  #other: RedisModelLog;
  #listening: { readonly process: SimProcess; readonly channel: Channel; readonly listener: () => void }[] = [];

  constructor(
    private readonly world: World,
    options: RedisModelOptions,
  ) {
    this.#machine = world.machine(this.name);
    this.#process = world.process(this.#machine);
    this.#log = new RedisModelLog(world.newId('epoch'), options);
    this.#other = new RedisModelLog(world.newId('epoch'), options);
  }

  get process(): SimProcess {
    return this.#process;
  }

  get machine() {
    return this.#machine;
  }

  /** A restart loses writes, or all of them: in either case `master_replid` is another afterwards. */
  crash(downMs: number): void {
    this.#process.kill();
    this.#log.startOver(this.world.newId('epoch'));
    this.world.scheduler.after(downMs, () => {
      this.#process = this.world.process(this.#machine);
    });
  }

  lose(loss: Loss): void {
    this.world.trace(this.name, () => loss);
    if (loss === 'changes evicted') this.#log.forgetChanges(Infinity);
    else this.#log.startOver(this.world.newId('epoch'));
  }

  /** The other server takes the place of the one in use. */
  exchange(): void {
    this.world.trace(this.name, () => 'another server, or the one before');
    [this.#log, this.#other] = [this.#other, this.#log];
  }

  logFor(client: SimProcess): EpochLog {
    return {
      join: (id) => this.#script(client, (log) => log.join(id)),
      exchange: (member, progress, renew) =>
        this.#script(client, (log) => {
          this.#notify('progress');
          return log.exchange(member, progress, renew);
        }),
      leave: (member) =>
        this.#script(client, (log) => {
          log.leave(member);
        }),
      publish: (change) =>
        this.#script(client, (log) => {
          this.#notify('published');
          return log.publish(change);
        }),
      members: () => this.#script(client, (log) => log.members()),
      prune: (epoch, member) => this.#script(client, (log) => log.prune(epoch, member)),
      onPublished: (listener) => {
        this.#listening.push({ process: client, channel: 'published', listener });
      },
      onProgress: (listener) => {
        this.#listening.push({ process: client, channel: 'progress', listener });
      },
    };
  }

  /** Forgets a member whatever it holds, as only a mutation does. */
  forgetMember(client: SimProcess, id: string): Promise<void> {
    return this.#script(client, (log) => {
      log.leave({ id, epoch: log.members().epoch });
    });
  }

  /** What was asked of a server that has been exchanged since is asked of nobody. */
  #script<T>(client: SimProcess, work: (log: RedisModelLog) => T): Promise<T> {
    const asked = this.#log;
    const answered = this.world.network.call<T>(client, this.#process, (answer) => {
      if (asked !== this.#log) {
        answer({ error: new UnavailableError('The simulated connection was closed.') });
        return;
      }
      // A driver may send a script again whose answer it has not seen.
      if (this.world.byChance(0.001)) this.#run(asked, work);
      const value = this.#run(asked, work);
      answer(value instanceof Error ? { error: value } : { value });
    });
    return withLimit(client, LOG_LIMIT_MS, answered);
  }

  #run<T>(log: RedisModelLog, work: (log: RedisModelLog) => T): T | UnavailableError {
    try {
      return work(log);
    } catch (error) {
      return new UnavailableError('The simulated server refused.', { detail: String(error) });
    }
  }

  #notify(channel: Channel): void {
    this.#listening = this.#listening.filter(({ process }) => process.isAlive);
    for (const { process, listener, channel: heard } of this.#listening) {
      if (heard === channel) this.world.network.send(this.#process, process, listener);
    }
  }
}
