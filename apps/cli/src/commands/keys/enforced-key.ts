import type { Schemas } from '../../client/admin-api.js';
import type { Output } from '../../terminal/output.js';
import { enforcedField, keyFields } from './key-fields.js';

/** Tells a key after a change, and how the change came into force. */
export async function showEnforced(output: Output, answer: Schemas['EnforcedKey']): Promise<void> {
  if (output.json) await output.document(answer);
  else await output.fields([...keyFields(answer.metadata), enforcedField(answer.enforced)]);
}
