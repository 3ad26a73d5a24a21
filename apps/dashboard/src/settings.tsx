import { useEffect } from 'react';
import { answerOf, api } from './api/admin-api.js';
import { KeysPage } from './keys/keys-page.js';
import { wordsFor } from './keys/words.js';
import { Problem } from './parts/problem.js';
import { useAction } from './parts/use-action.js';
import { useLoaded } from './parts/use-loaded.js';
import { useSession, useSignedIn } from './session/session.js';

const loadPolicy = () => answerOf(api.GET('/api/v1/policy'));

/** The settings of the account that somebody is signed in to. */
export function Settings() {
  const { left } = useSession();
  const { user, account, role } = useSignedIn();
  const { data: policy, refusal, again } = useLoaded(loadPolicy);
  const leaving = useAction();
  const words = policy === null ? null : wordsFor(policy.defaultFormat);
  useEffect(() => {
    if (words === null) return;
    document.title = `${words.title} · Mintmark`;
    history.replaceState(null, '', words.path);
  }, [words]);
  return (
    <>
      <header>
        <p className="brand">
          <span className="coin" aria-hidden="true">
            M
          </span>
          Mintmark
        </p>
        <p className="who">
          {user.email}, {role} of {account.name}
        </p>
        <button
          type="button"
          className="quiet"
          disabled={leaving.isUnderWay}
          onClick={() => {
            leaving.run(async () => {
              await answerOf(api.POST('/api/v1/auth/logout'));
              left();
            });
          }}
        >
          Sign out
        </button>
      </header>
      <Problem refusal={leaving.refusal} />
      {words !== null && (
        <nav aria-label="Settings">
          <ol>
            {words.trail.map((step) => (
              <li key={step}>{step}</li>
            ))}
            <li>
              <a href={words.path} aria-current="page">
                {words.title}
              </a>
            </li>
          </ol>
          <a href="/api/docs">API documentation</a>
        </nav>
      )}
      {words !== null && <KeysPage words={words} />}
      {refusal !== null && (
        <main>
          <Problem refusal={refusal} />
          <button type="button" onClick={again}>
            Try again
          </button>
        </main>
      )}
    </>
  );
}
