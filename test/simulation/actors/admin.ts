import {
  EitherRoad,
  InquiringEnforcement,
  LEASE_TERMS,
  LogEnforcement,
  type PublishedLog,
  RegisteredLog,
  SettledEnforcement,
} from '#libs/coherence';
import { type Enforced, type Enforcement, EnforcementUnconfirmedError, UnavailableError } from '#libs/key-domain';
import { JournalKeeper } from '../../../libs/coherence/src/relay/journal-keeper.js';
import { NotingLog } from '../../../libs/coherence/src/relay/noting-log.js';
import type { Machine } from '../engine/machine.js';
import type { SimProcess } from '../engine/process.js';
import type { Servers } from '../installation.js';
import type { Edit } from '../model/store.js';
import { troubleText } from '../trouble.js';
import type { World } from '../world.js';
import { Publications, TimedEnforcement } from './timed-enforcement.js';

/** How a call ended; an admin that was killed never says. */
export interface CallEnd {
  readonly isInForce: boolean;
  /** Null: nothing was waited for. */
  readonly by: Enforced['by'] | null;
}

/** An admin process and its successors on one machine, with the product's own enforcement. */
export class Admin {
  readonly #machine: Machine;
  #process: SimProcess;
  #enforcement: Enforcement;

  constructor(
    private readonly world: World,
    readonly name: string,
    private readonly servers: Servers,
  ) {
    this.#machine = world.machine(name);
    ({ process: this.#process, enforcement: this.#enforcement } = this.#begin());
  }

  get process(): SimProcess {
    return this.#process;
  }

  get machine(): Machine {
    return this.#machine;
  }

  kill(): void {
    this.world.trace(this.name, () => 'killed');
    this.#process.kill();
  }

  restart(): void {
    if (this.#process.isAlive) return;
    ({ process: this.#process, enforcement: this.#enforcement } = this.#begin());
  }

  /** One call that changes something, from the request to its answer. */
  async perform(edit: Edit): Promise<CallEnd> {
    const process = this.#process;
    const enforcement = this.#enforcement;
    try {
      const edited = await this.servers.postgres.edit(process, edit);
      const { change, isRepeated } = edited;
      this.world.trace(this.name, () => `${toldOf(edit)}: change ${change?.place ?? 'none'}${isRepeated ? ', repeated' : ''}`);
      const isAwaited = !isRepeated || this.servers.mutation.repeatedReturnsAtOnce !== true;
      // A creation takes no right away: its call does not wait.
      if (change === null || edit.of === 'creation') return { isInForce: true, by: null };
      const enforced = isAwaited ? await enforcement.enforce(change) : null;
      this.world.trace(this.name, () => `change ${change.place} is in force: ${JSON.stringify(enforced)}`);
      this.world.scheduler.at(process.now, () => {
        this.world.history.inForce(change.scope, change.place);
      });
      return { isInForce: true, by: enforced?.by ?? null };
    } catch (error) {
      if (error instanceof UnavailableError || error instanceof EnforcementUnconfirmedError)
        return { isInForce: false, by: null };
      this.world.fail(error);
      return { isInForce: false, by: null };
    }
  }

  #begin() {
    const { mutation, postgres, redis } = this.servers;
    const process = this.world.process(this.#machine);
    const place = { world: this.world, process, postgres, redis };
    const log = this.servers.log(process);
    const publications = new Publications(mutation.publishedLog?.(log, place) ?? log, process);
    const published = redis === null ? publications : this.#relayed(process, log, publications);
    const options = {
      time: process,
      terms: mutation.adminTerms?.(LEASE_TERMS) ?? LEASE_TERMS,
      onTrouble: (error: unknown) => {
        this.world.trace(this.name, () => troubleText(error));
      },
    };
    const enforcement = new LogEnforcement(published, options);
    const isSettled = log instanceof RegisteredLog && mutation.epochIsNotLookedAt !== true;
    const settled = isSettled ? new SettledEnforcement(enforcement, log, process) : enforcement;
    const asked = this.servers.registry.inquiriesFor(process);
    const inquiries = mutation.inquiries?.(asked, place) ?? asked;
    const either = redis === null ? settled : new EitherRoad(settled, new InquiringEnforcement(inquiries, options), process);
    const used = mutation.enforcement?.(either, place) ?? either;
    return { process, enforcement: new TimedEnforcement(used, publications, { world: this.world, process, isSettled }) };
  }

  /** Notes what it has published, and publishes what others have left. */
  #relayed(process: SimProcess, log: PublishedLog, publications: Publications): PublishedLog {
    const outbox = this.servers.outbox.outboxFor(process, () => this.world.now);
    const onTrouble = (error: unknown) => {
      this.world.trace(this.name, () => troubleText(error));
    };
    new JournalKeeper(outbox, { time: process, log, onTrouble }).start();
    return new NotingLog(publications, outbox, onTrouble);
  }
}

function toldOf(edit: Edit): string {
  switch (edit.of) {
    case 'key':
      return `${edit.keyId} ${JSON.stringify(edit.edit)}`;
    case 'creation':
      return `${edit.keyId} created`;
    case 'account':
      return `${edit.accountId} ${edit.suspended ? 'suspended' : 'resumed'}`;
    case 'all':
      return `all ${edit.enabled ? 'enabled' : 'disabled'}`;
  }
}
