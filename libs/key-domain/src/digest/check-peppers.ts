import type { InstallationStore } from '../ports/installation-store.js';
import type { PepperRing } from './pepper-ring.js';

/** The configured peppers are not those that the database was written with. */
export class PepperMismatchError extends Error {
  override readonly name = 'PepperMismatchError';
}

/**
 * Refuses to work with the wrong peppers: under them good keys would be unknown, and new digests would be lost
 * with the mistake.
 * @throws PepperMismatchError naming the ids that are missing here or stand here with another value
 */
export async function checkPeppers(installation: InstallationStore, peppers: PepperRing): Promise<void> {
  const { missing, changed } = await installation.reconcilePeppers(peppers.fingerprints());
  const faults = [
    ...missing.map((id) => `the pepper ${id} is missing, and stored keys need it`),
    ...changed.map((id) => `the pepper ${id} has another value than the one that keys were stored under`),
  ];
  if (faults.length > 0) throw new PepperMismatchError(`MINTMARK_PEPPERS: ${faults.join('; ')}`);
}
