import { useState } from 'react';
import { SelectField, TextField } from '../parts/field.js';
import { type Status, STATUSES } from './key.js';

export interface Filter {
  /** Empty: any. */
  readonly search: string;
  /** Empty: any. */
  readonly status: Status | '';
}

export function FilterForm({ onFilter }: { readonly onFilter: (filter: Filter) => void }) {
  const [search, setSearch] = useState('');
  const [status, setStatus] = useState<Filter['status']>('');
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onFilter({ search: search.trim(), status });
      }}
    >
      <TextField
        label="Search"
        name="search"
        type="search"
        hint="Words of the name, an owner, or how the token ends."
        value={search}
        refusal={null}
        onChange={(event) => {
          setSearch(event.target.value);
        }}
      />
      <SelectField
        label="Status"
        name="status"
        value={status}
        refusal={null}
        onChange={(event) => {
          const chosen = STATUSES.find((each) => each === event.target.value) ?? '';
          setStatus(chosen);
          onFilter({ search: search.trim(), status: chosen });
        }}
      >
        <option value="">any</option>
        {STATUSES.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </SelectField>
      <button type="submit" className="quiet">
        Search
      </button>
    </form>
  );
}
