import { useState } from 'react';
import { answerOf, api } from '../api/admin-api.js';
import { Dialog } from '../parts/dialog.js';
import { SelectField, TextField } from '../parts/field.js';
import { Problem } from '../parts/problem.js';
import { useAction } from '../parts/use-action.js';
import { useAttempt } from '../parts/use-attempt.js';
import { useFirstFault } from '../parts/use-first-fault.js';
import { useLoaded } from '../parts/use-loaded.js';
import { loadOffer, type Offer } from './offer.js';
import { ProductChoice, type Products } from './product-choice.js';
import { ScopeChoice } from './scope-choice.js';
import { ShownToken } from './shown-token.js';
import type { Words } from './words.js';

interface CreateDialogProps {
  readonly words: Words;
  readonly onDone: (said: string) => void;
  readonly onClose: () => void;
}

interface Shown {
  readonly name: string;
  readonly token: string;
  readonly warning: string;
}

export function CreateDialog({ words, onDone, onClose }: CreateDialogProps) {
  const { data: offer, refusal, again } = useLoaded(loadOffer);
  const [shown, setShown] = useState<Shown | null>(null);
  const [isUnderWay, setUnderWay] = useState(false);
  return (
    <Dialog title={words.create} isClosable={!isUnderWay && shown === null} onClose={onClose}>
      {shown !== null && (
        <ShownToken
          token={shown.token}
          warning={shown.warning}
          onClose={() => {
            onDone(`${shown.name} is created.`);
            onClose();
          }}
        />
      )}
      {shown === null && offer !== null && (
        <CreateForm offer={offer} onBusy={setUnderWay} onCancel={onClose} onCreated={setShown} />
      )}
      {refusal !== null && (
        <>
          <Problem refusal={refusal} />
          <button type="button" onClick={again}>
            Try again
          </button>
        </>
      )}
    </Dialog>
  );
}

interface CreateFormProps {
  readonly offer: Offer;
  readonly onBusy: (isUnderWay: boolean) => void;
  readonly onCancel: () => void;
  readonly onCreated: (shown: Shown) => void;
}

/** Fields beside which the API's faults are shown. */
const FIELDS = ['name', 'environment', 'scopes', 'products', 'expiresInDays'];

function CreateForm({ offer, onBusy, onCancel, onCreated }: CreateFormProps) {
  const [name, setName] = useState('');
  const [environment, setEnvironment] = useState(offer.environments[0]);
  const [scopes, setScopes] = useState<readonly string[]>([]);
  const [products, setProducts] = useState<Products>([]);
  const [days, setDays] = useState('');
  const attempt = useAttempt();
  const { run, isUnderWay, refusal } = useAction();
  const form = useFirstFault(refusal);
  const create = async () => {
    const body = {
      name,
      scopes: [...scopes],
      products: products === 'all' ? products : [...products],
      ...(environment !== undefined && { environment }),
      ...(days.trim() !== '' && { expiresInDays: Number(days) }),
    };
    onBusy(true);
    try {
      const { key: token, warning } = await attempt.send((headers) => answerOf(api.POST('/api/v1/keys', { body, headers })));
      onCreated({ name, token, warning });
    } finally {
      onBusy(false);
    }
  };
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        run(create);
      }}
    >
      <Problem refusal={refusal} fields={FIELDS} />
      <TextField
        label="Name"
        hint="What you will know it by, such as Production."
        name="name"
        maxLength={100}
        autoFocus
        value={name}
        refusal={refusal}
        onChange={(event) => {
          setName(event.target.value);
        }}
      />
      {environment !== undefined && (
        <SelectField
          label="Environment"
          name="environment"
          value={environment}
          refusal={refusal}
          onChange={(event) => {
            setEnvironment(event.target.value);
          }}
        >
          {offer.environments.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </SelectField>
      )}
      <ScopeChoice offered={offer.scopes} chosen={scopes} fault={refusal?.faultOf('scopes') ?? null} onChoose={setScopes} />
      <ProductChoice
        offered={offer.products}
        chosen={products}
        fault={refusal?.faultOf('products') ?? null}
        onChoose={setProducts}
      />
      <TextField
        label="Expires after days"
        hint="Left empty, it does not expire."
        name="expiresInDays"
        inputMode="numeric"
        value={days}
        refusal={refusal}
        onChange={(event) => {
          setDays(event.target.value);
        }}
      />
      <div className="buttons">
        <button type="submit" disabled={isUnderWay}>
          Create
        </button>
        <button type="button" className="quiet" disabled={isUnderWay} onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
