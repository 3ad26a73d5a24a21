import { useEffect } from 'react';
import { answerOf, api } from '../api/admin-api.js';
import { Problem } from '../parts/problem.js';
import { useLoaded } from '../parts/use-loaded.js';
import { useSession } from './session.js';

const loadSession = () => answerOf(api.GET('/api/v1/auth/session'));

/** Until it is known whether somebody is signed in. */
export function Opening() {
  const { begun } = useSession();
  const { data: who, refusal, again } = useLoaded(loadSession);
  useEffect(() => {
    if (who !== null) begun(who);
  }, [who, begun]);
  if (refusal === null) return null;
  return (
    <main className="narrow">
      <h1>Mintmark</h1>
      <Problem refusal={refusal} />
      <button type="button" onClick={again}>
        Try again
      </button>
    </main>
  );
}
