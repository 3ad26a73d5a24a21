export { CoherenceModule, type CoherenceOptions } from './coherence.module.js';
export { LogEnforcement, type EnforcementOptions } from './enforcement/log-enforcement.js';
export { NO_AUDIENCE, type Audience } from './follower/audience.js';
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
export { LEASE_TERMS, type LeaseTerms } from './terms.js';
