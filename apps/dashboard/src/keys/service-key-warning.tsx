import type { Key } from './key.js';

const MAY_VERIFY = 'mintmark:tokens:verify';

/** What hangs on a key by which services ask about all others. */
export function ServiceKeyWarning({ apiKey }: { readonly apiKey: Key }) {
  if (!apiKey.scopes.includes(MAY_VERIFY)) return null;
  return (
    <p className="warning">
      This is a service key: services ask by it whether other keys are good, and answer every request with 503 once it is not
      accepted any more. Put another token where they read theirs before that (after npm start: the file service-key in
      .mintmark).
    </p>
  );
}
