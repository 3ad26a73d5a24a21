import { createContext, useContext } from 'react';
import type { Schemas } from '../api/admin-api.js';

export type SignedIn = Schemas['SignedIn'];

interface Session {
  /** Null: nobody is signed in. */
  readonly who: SignedIn | null;
  readonly begun: (who: SignedIn) => void;
  /** The admin knows of no session any more. */
  readonly ended: () => void;
  /** The person has signed out. */
  readonly left: () => void;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('not within the app');
  return session;
}

/** Who is signed in, where somebody must be. */
export function useSignedIn(): SignedIn {
  const { who } = useSession();
  if (who === null) throw new Error('nobody is signed in');
  return who;
}

/** Whether somebody may make and end keys; the admin decides, this only spares them the attempt. */
export function mayWriteKeys({ role }: SignedIn): boolean {
  return role !== 'viewer';
}
