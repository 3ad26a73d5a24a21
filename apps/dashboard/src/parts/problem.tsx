import type { Refusal } from '../api/refusal.js';

interface ProblemProps {
  readonly refusal: Refusal | null;
  /** The fields beside which their own faults are shown. */
  readonly fields?: readonly string[];
}

/** What the admin refused, as far as it is shown beside no field. */
export function Problem({ refusal, fields = [] }: ProblemProps) {
  if (refusal === null) return null;
  const elsewhere = refusal.faults.filter(({ path }) => !fields.some((field) => path === field || path.startsWith(`${field}.`)));
  if (refusal.faults.length > 0 && elsewhere.length === 0) return null;
  const said = elsewhere.length === 0 ? refusal.message : elsewhere.map(({ path, message }) => `${path}: ${message}`).join(' ');
  return (
    <p className="problem" role="alert">
      {said}
    </p>
  );
}
