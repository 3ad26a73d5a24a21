export { CoherenceModule, type CoherenceOptions } from './coherence.module.js';
export { LogEnforcement, type EnforcementOptions } from './enforcement/log-enforcement.js';
export { NO_AUDIENCE, type Audience } from './follower/audience.js';
export type { GuardChannel, GuardMessage } from './guards/guard-channel.js';
export { GuardSessions, type GuardedFollower, type GuardSessionsOptions } from './guards/guard-sessions.js';
export type { GuardingService, GuardSession } from './guards/guard-session.js';
export { NoSessionError } from './guards/no-session-error.js';
export { GUARD_BOUNDS, GUARD_TERMS, type GuardBounds } from './guards/guard-terms.js';
export { EitherRoad } from './inquiries/either-road.js';
export { InquiringEnforcement, type InquiringEnforcementOptions } from './inquiries/inquiring-enforcement.js';
export { InquiryFollower, type InquiryFollowerOptions } from './inquiries/inquiry-follower.js';
export type { HeardInquiries, Inquired, MadeInquiries } from './inquiries/inquiry-log.js';
export { PostgresInquiryLog } from './inquiries/postgres-inquiry-log.js';
export { LogFollower, type FollowerOptions } from './follower/log-follower.js';
export {
  hasConfirmed,
  type Exchanged,
  type FollowedLog,
  type Joined,
  type Members,
  type MemberState,
  type Progress,
  type Published,
  type PublishedLog,
} from './log/change-log.js';
export { LogConnection, type LogConnectionOptions } from './postgres/log-connection.js';
export { PostgresChangeLog } from './postgres/postgres-change-log.js';
export { RedisChangeLog, REDIS_LOG_LIMITS, type RedisChangeLogOptions, type RedisLogLimits } from './redis/redis-change-log.js';
export { RedisConnection, type RedisConnectionOptions } from './redis/redis-connection.js';
export type { MemberRegistry } from './registry/member-registry.js';
export { PostgresMemberRegistry } from './registry/postgres-member-registry.js';
export { SettledEnforcement } from './registry/settled-enforcement.js';
export { RegisteredLog, type EpochLog, type Registration } from './registry/registered-log.js';
export { LEASE_TERMS, type LeaseTerms } from './terms.js';
