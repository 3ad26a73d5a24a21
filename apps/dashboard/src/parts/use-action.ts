import { useState } from 'react';
import { Refusal } from '../api/refusal.js';
import { useSession } from '../session/session.js';

interface Action {
  readonly isUnderWay: boolean;
  readonly refusal: Refusal | null;
  /** Does it, unless it is being done already. What the admin refuses stands in `refusal`; the end of the session leads to sign-in. */
  readonly run: (work: () => Promise<void>) => void;
  /** Forgets the refusal. */
  readonly forget: () => void;
}

/**
 * Something that somebody has done by the admin.
 * @param isOpen whether it is for whoever is not signed in: a 401 is an answer then
 */
export function useAction(isOpen = false): Action {
  const { ended } = useSession();
  const [isUnderWay, setUnderWay] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [defect, setDefect] = useState<Error | null>(null);
  if (defect !== null) throw defect;

  const run = (work: () => Promise<void>) => {
    if (isUnderWay) return;
    setUnderWay(true);
    setRefusal(null);
    work()
      .catch((error: unknown) => {
        if (!(error instanceof Refusal)) setDefect(new Error('a defect of the page', { cause: error }));
        else if (error.status === 401 && !isOpen) ended();
        else setRefusal(error);
      })
      .finally(() => {
        setUnderWay(false);
      });
  };
  const forget = () => {
    setRefusal(null);
  };
  return { isUnderWay, refusal, run, forget };
}
