import { setTimeout as sleep } from 'node:timers/promises';
import type { AppProcess } from '../cluster/app-process.js';
import type { Cluster } from '../cluster/cluster.js';
import type { Link } from '../cluster/link.js';
import type { Random } from './random.js';

/** Something that goes wrong for a while. When `work` has resolved, it is over. */
export interface Fault {
  readonly kind: string;
  /** Of what: nothing goes wrong twice at the same time with one thing. */
  readonly victim: string;
  work(): Promise<void>;
}

const LONGEST_PAUSE_MS = 6_000;
const LONGEST_CUT_MS = 5_000;
const LONGEST_ABSENCE_MS = 2_500;
const SLOWEST_MS = 400;

/** Faults of every kind, the next as a seed decides. */
export function nextFault(cluster: Cluster, random: Random): Fault {
  const makers = [ofProcess, ofProcess, ofProcess, ofLink, ofLink, ofNetwork, ofNetwork, ofPostgres];
  if (cluster.redis !== null) makers.push(ofRedis, ofRedis);
  return random.pick(makers)(cluster, random);
}

function ofProcess(cluster: Cluster, random: Random): Fault {
  const victim = random.pick(cluster.processes);
  return random.next() < 0.35
    ? killed(victim, random.between(0, LONGEST_ABSENCE_MS))
    : paused(victim.name, victim, pauseLength(random));
}

/** Often a little longer than a lease: that is when changes return and somebody has not heard of them. */
function pauseLength(random: Random): number {
  return random.next() < 0.5 ? random.between(1_800, 4_000) : random.between(100, LONGEST_PAUSE_MS);
}

function killed(victim: AppProcess, absenceMs: number): Fault {
  return {
    kind: 'killed',
    victim: victim.name,
    work: async () => {
      await victim.kill();
      await sleep(absenceMs);
      await victim.start();
    },
  };
}

function paused(victim: string, process: { signal(signal: 'SIGSTOP' | 'SIGCONT'): void }, ms: number): Fault {
  return {
    kind: 'paused',
    victim,
    work: async () => {
      process.signal('SIGSTOP');
      await sleep(ms);
      process.signal('SIGCONT');
    },
  };
}

function ofLink(cluster: Cluster, random: Random): Fault {
  const link = random.pick(random.next() < 0.5 ? cluster.linksToStores : cluster.linksToVerifiers);
  return onLinks(link.name, [link], random);
}

/** Everything that a process says to others, and what is said to it by other processes of ours. */
function ofNetwork(cluster: Cluster, random: Random): Fault {
  const { name } = random.pick(cluster.processes);
  const links = [...cluster.linksToStores, ...cluster.linksToVerifiers].filter(({ ends }) => ends.includes(name));
  return onLinks(`network of ${name}`, links, random);
}

function onLinks(victim: string, links: readonly Link[], random: Random): Fault {
  const direction = random.pick(['there', 'back', 'both'] as const);
  const delayMs = random.between(5, SLOWEST_MS);
  const [kind, ms, begin] = random.pick([
    ['cut', random.between(50, LONGEST_CUT_MS), (link: Link) => link.cut()],
    [`stalled (${direction})`, pauseLength(random), (link: Link) => link.stall(direction)],
    ['slowed', random.between(500, LONGEST_CUT_MS), (link: Link) => link.slow(delayMs)],
  ] as const);
  return {
    kind,
    victim,
    work: async () => {
      for (const link of links) begin(link);
      await sleep(ms);
      for (const link of links) link.restore();
    },
  };
}

function ofPostgres({ postgres }: Cluster, random: Random): Fault {
  const absenceMs = random.next() < 0.5 ? 0 : random.between(0, LONGEST_ABSENCE_MS);
  return {
    kind: 'crashed',
    victim: 'postgres',
    work: async () => {
      await postgres.crash();
      await sleep(absenceMs);
      await postgres.restart();
    },
  };
}

function ofRedis({ redis }: Cluster, random: Random): Fault {
  if (redis === null) throw new Error('there is no Redis');
  if (random.next() < 0.3) return paused('redis', redis, pauseLength(random));
  const absenceMs = random.next() < 0.5 ? 0 : random.between(0, LONGEST_ABSENCE_MS);
  return {
    kind: 'emptied',
    victim: 'redis',
    work: async () => {
      await redis.kill();
      await sleep(absenceMs);
      await redis.run();
    },
  };
}
