import type { Schemas } from '../../client/admin-api.js';
import type { Output } from '../../terminal/output.js';
import { keyFields } from './key-fields.js';

/** Tells a token that is shown this once. With `quiet` it is all that standard output gets. */
export async function showToken(
  output: Output,
  answer: Schemas['IssuedKey'],
  { quiet, more = [] }: { readonly quiet: boolean; readonly more?: readonly (readonly [string, string])[] },
): Promise<void> {
  if (output.json) await output.document(answer);
  else if (quiet) await output.write(`${answer.key}\n`);
  else await output.fields([['key', answer.key], ...keyFields(answer.metadata), ...more]);
  output.note(answer.warning);
}
