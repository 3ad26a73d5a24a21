import type { VerifierTransport } from '#libs/api-key-auth';
import type {
  Audience,
  FollowedLog,
  GuardSessions,
  LeaseTerms,
  LogFollower,
  MadeInquiries,
  MemberRegistry,
  PublishedLog,
} from '#libs/coherence';
import type { ChangeFollower, Clock, Enforcement, LoggedChange, SecretLookup, Time } from '#libs/key-domain';
import type { SimCall } from './actors/stream.js';
import type { SimProcess } from './engine/process.js';
import type { Fault } from './faults.js';
import type { LogKind } from './plan.js';
import type { PostgresServer } from './model/postgres-server.js';
import type { RedisServer } from './model/redis-server.js';
import type { World } from './world.js';

/** Where a process of an installation stands. */
export interface Place {
  readonly world: World;
  readonly process: SimProcess;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer | null;
}

/**
 * A shortcut put in on purpose, around the product's own parts: each function takes what the product would use and
 * returns what is used instead. What a run shares among its processes is made anew for each run.
 */
export interface Mutation {
  /** Logs that it can be put into; both where it does not say. */
  readonly log?: LogKind;
  /** Kinds of fault that are part of its case: each run has them, calm or not. */
  readonly faults?: readonly Fault[];
  /** Whether nobody is asked about a change for a while: whoever is asked without a lease reads, and is up to date by that. */
  readonly isAskedLate?: boolean;
  followedLog?(log: FollowedLog, place: Place): FollowedLog;
  publishedLog?(log: PublishedLog, place: Place): PublishedLog;
  registry?(registry: MemberRegistry): MemberRegistry;
  registryClock?(clock: Clock): Clock;
  memberId?(verifier: string): string;
  verifierTime?(time: Time, place: Place): Time;
  verifierTerms?(terms: LeaseTerms): LeaseTerms;
  adminTerms?(terms: LeaseTerms): LeaseTerms;
  follower?(follower: ChangeFollower, place: Place): ChangeFollower;
  lookup?(lookup: SecretLookup, place: Place): SecretLookup;
  transport?(transport: VerifierTransport, guard: SimProcess): VerifierTransport;
  sessions?(sessions: GuardSessions, place: Place): Audience;
  /** The verifier's side of a guard's stream. */
  call?(call: SimCall): SimCall;
  enforcement?(enforcement: Enforcement, place: Place): Enforcement;
  inquiries?(inquiries: MadeInquiries, place: Place): MadeInquiries;
  /** What a verifier does about an inquiry. */
  heed?(inquiry: LoggedChange, follower: LogFollower): void;
  /** Who is waited for before an inquiry is answered. */
  inquiredAudience?(): Audience;
  /** Whether a wait for leases counts although the log's server was exchanged meanwhile. */
  readonly epochIsNotLookedAt?: boolean;
  /** Whether a call that found nothing left to change is answered without any wait. */
  readonly repeatedReturnsAtOnce?: boolean;
}

export const NO_MUTATION: Mutation = {};
