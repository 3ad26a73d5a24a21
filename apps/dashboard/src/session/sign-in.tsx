import { useState } from 'react';
import { answerOf, api } from '../api/admin-api.js';
import { TextField } from '../parts/field.js';
import { Problem } from '../parts/problem.js';
import { useAction } from '../parts/use-action.js';
import { useFirstFault } from '../parts/use-first-fault.js';
import { useLoaded } from '../parts/use-loaded.js';
import { useSession } from './session.js';

/** Why somebody could not sign in at the identity provider, by the code of the API's error. */
const FAILURES: Readonly<Record<string, string>> = {
  unauthorized: 'The identity provider did not sign you in. Begin again.',
  forbidden: 'No account here has a member by the e-mail address that the identity provider vouches for.',
  unavailable: 'The identity provider, or Mintmark itself, can not be reached at the moment. Try again.',
};
const FAILED = 'Signing in at the identity provider failed. Try again.';

/**
 * Takes out of the address bar, and its history, by which error somebody comes back from the identity provider.
 * @returns null: by none
 */
export function takeFailure(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get('sign-in');
  if (code === null) return null;
  history.replaceState(null, '', location.pathname);
  return Object.hasOwn(FAILURES, code) ? (FAILURES[code] ?? FAILED) : FAILED;
}

interface SignInProps {
  readonly wasEnded: boolean;
  /** Why it failed elsewhere; null: it did not. */
  readonly failure: string | null;
}

export function SignIn({ wasEnded, failure }: SignInProps) {
  const { begun } = useSession();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { isUnderWay, refusal, run } = useAction(true);
  const form = useFirstFault(refusal);
  const { data: methods } = useLoaded(loadMethods); // while they are not known, passwords go on
  return (
    <main className="narrow">
      <h1>Sign in</h1>
      {wasEnded && <p role="status">Your session has ended. Sign in again to go on.</p>}
      {methods?.isSetUp === false && (
        <p role="status">Nobody has set Mintmark up yet. Open the set-up link that it printed when it started.</p>
      )}
      {failure !== null && (
        <p role="alert" className="problem">
          {failure}
        </p>
      )}
      <Problem refusal={refusal} fields={['email', 'password']} />
      <form
        ref={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          run(async () => {
            begun(await answerOf(api.POST('/api/v1/auth/login', { body: { email, password } })));
          });
        }}
      >
        <TextField
          label="E-mail address"
          name="email"
          type="email"
          autoComplete="username"
          autoFocus
          value={email}
          refusal={refusal}
          onChange={(event) => {
            setEmail(event.target.value);
          }}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          value={password}
          refusal={refusal}
          onChange={(event) => {
            setPassword(event.target.value);
          }}
        />
        <button type="submit" disabled={isUnderWay}>
          Sign in
        </button>
      </form>
      {methods?.identityProvider === true && (
        <p>
          <a href="/api/v1/auth/oidc/login">Sign in at your identity provider</a>
        </p>
      )}
    </main>
  );
}

const loadMethods = () => answerOf(api.GET('/api/v1/auth/methods'));
