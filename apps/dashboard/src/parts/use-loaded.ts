import { useCallback, useEffect, useState } from 'react';
import { Refusal } from '../api/refusal.js';
import { useSession } from '../session/session.js';

interface Loaded<Data> {
  /** Null: not yet. */
  readonly data: Data | null;
  readonly refusal: Refusal | null;
  readonly again: () => void;
}

/**
 * Something that the admin is asked for as soon as it is shown.
 * @param load is to be the same as long as it asks for the same; the answer to a former one is not shown
 */
export function useLoaded<Data>(load: () => Promise<Data>): Loaded<Data> {
  const { ended } = useSession();
  const [attempt, setAttempt] = useState(0);
  const [data, setData] = useState<Data | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [defect, setDefect] = useState<Error | null>(null);
  if (defect !== null) throw defect;

  useEffect(() => {
    let isAwaited = true;
    const settle = (outcome: () => void) => {
      if (isAwaited) outcome();
    };
    load().then(
      (loaded) => {
        settle(() => {
          setData(loaded);
          setRefusal(null);
        });
      },
      (error: unknown) => {
        settle(() => {
          if (!(error instanceof Refusal)) setDefect(new Error('a defect of the page', { cause: error }));
          else if (error.status === 401) ended();
          else setRefusal(error);
        });
      },
    );
    return () => {
      isAwaited = false;
    };
  }, [load, ended, attempt]);

  const again = useCallback(() => {
    setAttempt((made) => made + 1);
  }, []);
  return { data, refusal, again };
}
