import { type ComponentProps, type ReactNode, useId } from 'react';
import type { Refusal } from '../api/refusal.js';

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  /** As the API names it; what it says of the field is shown beside it. */
  readonly name: string;
  readonly refusal: Refusal | null;
}

/** What an element within a field needs to be known by its label, its hint and its fault. */
interface Described {
  readonly id: string;
  readonly name: string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': true | undefined;
}

export function TextField({ label, hint, name, refusal, ...input }: FieldProps & ComponentProps<'input'>) {
  return (
    <Labelled label={label} hint={hint} name={name} refusal={refusal}>
      {(described) => <input {...input} {...described} />}
    </Labelled>
  );
}

export function SelectField({ label, hint, name, refusal, children, ...select }: FieldProps & ComponentProps<'select'>) {
  return (
    <Labelled label={label} hint={hint} name={name} refusal={refusal}>
      {(described) => (
        <select {...select} {...described}>
          {children}
        </select>
      )}
    </Labelled>
  );
}

interface LabelledProps extends Omit<FieldProps, 'hint'> {
  readonly hint: string | undefined;
  readonly children: (described: Described) => ReactNode;
}

function Labelled({ label, hint, name, refusal, children }: LabelledProps) {
  const id = useId();
  const fault = refusal?.faultOf(name) ?? null;
  const described = {
    id,
    name,
    'aria-describedby': `${id}-hint ${id}-fault`,
    'aria-invalid': fault === null ? undefined : true,
  } as const;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(described)}
      <p className="hint" id={`${id}-hint`}>
        {hint}
      </p>
      <p className="fault" id={`${id}-fault`}>
        {fault}
      </p>
    </div>
  );
}
