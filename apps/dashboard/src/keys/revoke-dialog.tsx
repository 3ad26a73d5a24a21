import { useState } from 'react';
import { answerOf, api, type Schemas } from '../api/admin-api.js';
import { Dialog } from '../parts/dialog.js';
import { SelectField } from '../parts/field.js';
import { Problem } from '../parts/problem.js';
import { useAction } from '../parts/use-action.js';
import { inForce, type Key } from './key.js';
import { ServiceKeyWarning } from './service-key-warning.js';
import type { Words } from './words.js';

type Reason = Schemas['RevokeKey']['reason'];

const REASONS: Readonly<Record<Reason, string>> = {
  key_compromise: 'It leaked, or may have',
  superseded: 'Another one takes its place',
  affiliation_changed: 'Whoever had it belongs to us no more',
  privilege_withdrawn: 'Whoever has it shall not have it any more',
  unspecified: 'I say nothing about it',
};

interface RevokeDialogProps {
  readonly apiKey: Key;
  readonly words: Words;
  readonly onDone: (said: string) => void;
  readonly onClose: () => void;
}

export function RevokeDialog({ apiKey, words, onDone, onClose }: RevokeDialogProps) {
  const [reason, setReason] = useState<Reason>('unspecified');
  const { run, isUnderWay, refusal } = useAction();
  const revoke = async () => {
    const call = api.POST('/api/v1/keys/{id}/revoke', { params: { path: { id: apiKey.id } }, body: { reason } });
    const { enforced } = await answerOf(call);
    onDone(`${apiKey.name} is revoked. ${inForce(enforced)}`);
    onClose();
  };
  return (
    <Dialog title={`Revoke ${apiKey.name}?`} isClosable={!isUnderWay} onClose={onClose}>
      <p>Every service stops accepting this {words.one} before the answer comes. It can not be taken back.</p>
      <ServiceKeyWarning apiKey={apiKey} />
      <Problem refusal={refusal} fields={['reason']} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(revoke);
        }}
      >
        <SelectField
          label="Reason"
          name="reason"
          value={reason}
          refusal={refusal}
          onChange={(event) => {
            setReason(event.target.value as Reason);
          }}
        >
          {Object.entries(REASONS).map(([name, said]) => (
            <option key={name} value={name}>
              {said}
            </option>
          ))}
        </SelectField>
        <div className="buttons">
          <button type="submit" className="danger" disabled={isUnderWay}>
            Revoke
          </button>
          <button type="button" className="quiet" disabled={isUnderWay} onClick={onClose}>
            Keep it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
