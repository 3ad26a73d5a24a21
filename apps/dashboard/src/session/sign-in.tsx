import { useState } from 'react';
import { answerOf, api } from '../api/admin-api.js';
import { TextField } from '../parts/field.js';
import { Problem } from '../parts/problem.js';
import { useAction } from '../parts/use-action.js';
import { useFirstFault } from '../parts/use-first-fault.js';
import { useLoaded } from '../parts/use-loaded.js';
import { useSession } from './session.js';

export function SignIn({ wasEnded }: { readonly wasEnded: boolean }) {
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
