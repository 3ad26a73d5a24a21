import type { Schemas } from '../../client/admin-api.js';
import type { Output } from '../../terminal/output.js';
import { enforcedField, keyFields } from './key-fields.js';

/**
 * Tells a key after a change, and how the change came into force.
 * @param told what the key itself does not show
 */
export async function showEnforced(
  output: Output,
  answer: Schemas['EnforcedKey'],
  told: readonly (readonly [string, string])[] = [],
): Promise<void> {
  if (output.json) await output.document(answer);
  else await output.fields([...keyFields(answer.metadata), ...told, enforcedField(answer.enforced)]);
}
