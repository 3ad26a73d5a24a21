import { useCallback, useMemo, useState } from 'react';
import { Settings } from './settings.js';
import { SessionContext, type SignedIn } from './session/session.js';
import { SignIn, takeFailure } from './session/sign-in.js';
import { INVITATION_PATH, Join, takeInvitation } from './session/join.js';
import { Opening } from './session/opening.js';

type Phase = 'invited' | 'opening' | 'signed out' | 'ended' | 'signed in';

/** Everything there is to see: somebody's settings, once they are signed in. */
export function App() {
  const [invitation] = useState(() => (location.pathname === INVITATION_PATH ? takeInvitation() : null));
  const [failure, setFailure] = useState(takeFailure);
  const [phase, setPhase] = useState<Phase>(invitation === null ? 'opening' : 'invited');
  const [who, setWho] = useState<SignedIn | null>(null);
  const begun = useCallback((signedIn: SignedIn) => {
    setWho(signedIn);
    setFailure(null);
    setPhase('signed in');
  }, []);
  const ended = useCallback(() => {
    setWho(null);
    setPhase((former) => (former === 'signed in' ? 'ended' : 'signed out'));
  }, []);
  const left = useCallback(() => {
    setWho(null);
    setPhase('signed out');
  }, []);
  const session = useMemo(() => ({ who, begun, ended, left }), [who, begun, ended, left]);
  return (
    <SessionContext value={session}>
      {phase === 'invited' && <Join invitation={invitation ?? ''} />}
      {phase === 'opening' && <Opening />}
      {(phase === 'signed out' || phase === 'ended') && <SignIn wasEnded={phase === 'ended'} failure={failure} />}
      {phase === 'signed in' && <Settings />}
    </SessionContext>
  );
}
