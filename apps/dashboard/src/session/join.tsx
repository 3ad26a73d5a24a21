import { useState } from 'react';
import { answerOf, api } from '../api/admin-api.js';
import { TextField } from '../parts/field.js';
import { Problem } from '../parts/problem.js';
import { useAction } from '../parts/use-action.js';
import { useFirstFault } from '../parts/use-first-fault.js';
import { useSession } from './session.js';

export const INVITATION_PATH = '/invitation';

/**
 * Takes the token out of the link that was opened, and out of the address bar and its history. It stands in the fragment, which
 * browsers send to nobody.
 */
export function takeInvitation(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
  history.replaceState(null, '', INVITATION_PATH);
  return token;
}

/** Where the link of an invitation leads: whoever has it joins the account. */
export function Join({ invitation }: { readonly invitation: string }) {
  const { begun } = useSession();
  const [password, setPassword] = useState('');
  const { isUnderWay, refusal, run } = useAction(true);
  const form = useFirstFault(refusal);
  if (invitation === '') {
    return (
      <main className="narrow">
        <h1>Join an account</h1>
        <p role="alert" className="problem">
          This page was opened without its invitation. Open the whole link that you were given.
        </p>
      </main>
    );
  }
  return (
    <main className="narrow">
      <h1>Join an account</h1>
      <Problem refusal={refusal} fields={['password']} />
      <form
        ref={form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          run(async () => {
            begun(await answerOf(api.POST('/api/v1/auth/invitations/accept', { body: { token: invitation, password } })));
          });
        }}
      >
        <TextField
          label="Password"
          hint="If you have been here before, the one that you have; otherwise choose one. A few words make a good one."
          name="password"
          type="password"
          autoComplete="new-password"
          autoFocus
          value={password}
          refusal={refusal}
          onChange={(event) => {
            setPassword(event.target.value);
          }}
        />
        <button type="submit" disabled={isUnderWay}>
          Join
        </button>
      </form>
    </main>
  );
}
