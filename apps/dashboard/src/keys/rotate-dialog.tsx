import { useState } from 'react';
import { answerOf, api } from '../api/admin-api.js';
import { Dialog } from '../parts/dialog.js';
import { SelectField } from '../parts/field.js';
import { Problem } from '../parts/problem.js';
import { useAction } from '../parts/use-action.js';
import { useAttempt } from '../parts/use-attempt.js';
import { type Key, timeOf } from './key.js';
import { ServiceKeyWarning } from './service-key-warning.js';
import { ShownToken } from './shown-token.js';
import type { Words } from './words.js';

const HOUR = 3_600;

/** For how long the former token is accepted beside the new one, in seconds. */
const GRACES: readonly (readonly [seconds: number, said: string])[] = [
  [24 * HOUR, 'For a day'],
  [7 * 24 * HOUR, 'For a week'],
  [30 * 24 * HOUR, 'For 30 days'],
  [HOUR, 'For an hour'],
  [0, 'Not at all'],
];

interface RotateDialogProps {
  readonly apiKey: Key;
  readonly words: Words;
  readonly onDone: (said: string) => void;
  readonly onClose: () => void;
}

interface Rotated {
  readonly token: string;
  readonly warning: string;
  readonly formerEndsAt: string;
}

export function RotateDialog({ apiKey, words, onDone, onClose }: RotateDialogProps) {
  const [graceSeconds, setGraceSeconds] = useState(24 * HOUR);
  const [rotated, setRotated] = useState<Rotated | null>(null);
  const attempt = useAttempt();
  const { run, isUnderWay, refusal } = useAction();
  const rotate = async () => {
    const params = { path: { id: apiKey.id } };
    const {
      key: token,
      warning,
      previous,
    } = await attempt.send((headers) =>
      answerOf(api.POST('/api/v1/keys/{id}/rotate', { params, body: { graceSeconds }, headers })),
    );
    setRotated({ token, warning, formerEndsAt: previous.endsAt });
  };
  return (
    <Dialog title={`Rotate ${apiKey.name}`} isClosable={!isUnderWay && rotated === null} onClose={onClose}>
      {rotated !== null && (
        <ShownToken
          token={rotated.token}
          warning={rotated.warning}
          onClose={() => {
            onDone(`${apiKey.name} is rotated. Its former token ends: ${timeOf(rotated.formerEndsAt)}.`);
            onClose();
          }}
        />
      )}
      {rotated === null && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            run(rotate);
          }}
        >
          <p>The {words.one} gets a new token, and keeps everything else.</p>
          <ServiceKeyWarning apiKey={apiKey} />
          <Problem refusal={refusal} fields={['graceSeconds']} />
          <SelectField
            label="The former token is still accepted"
            name="graceSeconds"
            value={graceSeconds}
            refusal={refusal}
            onChange={(event) => {
              setGraceSeconds(Number(event.target.value));
            }}
          >
            {GRACES.map(([seconds, said]) => (
              <option key={seconds} value={seconds}>
                {said}
              </option>
            ))}
          </SelectField>
          <div className="buttons">
            <button type="submit" disabled={isUnderWay}>
              Rotate
            </button>
            <button type="button" className="quiet" disabled={isUnderWay} onClick={onClose}>
              Cancel
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
