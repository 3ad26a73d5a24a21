import type { Mutation } from '../mutation.js';
import {
  confirmationsAcrossEpochs,
  epochNotLookedAt,
  forgottenTooEarly,
  lostWithTheEpoch,
  prunedThoughRenewed,
  swappedThereAndBack,
  waitedUnpublished,
  wallClockExpiry,
} from './admins.js';
import { alreadyRevoked, deadlineFromCommit } from './calls.js';
import { acknowledgedFirst, brokenGuardForgotten, filledUnderAnother, guardsNotAwaited, keptUngranted } from './guards.js';
import { inquiryGuardsNotAwaited, inquiryUnheeded, inquiryWaitedOut } from './inquiries.js';
import { filledUnstamped, joinedRead, laggingReplica, unnamedNegatives } from './fills.js';
import { keptAfterLoss, leaseFromReply, noMargin, oldName, renewedBeforeApplied, silentPastTrim, staleClock } from './leases.js';

/** A shortcut by its name, made anew for each run. */
export const MUTATIONS: Readonly<Record<string, () => Mutation>> = {
  'lease-from-reply': leaseFromReply,
  'no-margin': noMargin,
  'renewed-before-applied': renewedBeforeApplied,
  'silent-past-trim': silentPastTrim,
  'kept-after-loss': keptAfterLoss,
  'old-name': oldName,
  'stale-clock': staleClock,
  'waited-unpublished': waitedUnpublished,
  'forgotten-too-early': forgottenTooEarly,
  'pruned-though-renewed': prunedThoughRenewed,
  'wall-clock-expiry': wallClockExpiry,
  'lost-with-the-epoch': lostWithTheEpoch,
  'confirmations-across-epochs': confirmationsAcrossEpochs,
  'swapped-there-and-back': swappedThereAndBack,
  'epoch-not-looked-at': epochNotLookedAt,
  'already-revoked': alreadyRevoked,
  'deadline-from-commit': deadlineFromCommit,
  'filled-unstamped': filledUnstamped,
  'joined-read': joinedRead,
  'lagging-replica': laggingReplica,
  'unnamed-negatives': unnamedNegatives,
  'broken-guard-forgotten': brokenGuardForgotten,
  'guards-not-awaited': guardsNotAwaited,
  'acknowledged-first': acknowledgedFirst,
  'kept-ungranted': keptUngranted,
  'filled-under-another': filledUnderAnother,
  'inquiry-unheeded': inquiryUnheeded,
  'inquiry-waited-out': inquiryWaitedOut,
  'inquiry-guards-not-awaited': inquiryGuardsNotAwaited,
};
