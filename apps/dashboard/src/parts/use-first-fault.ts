import { type RefObject, useEffect, useRef } from 'react';
import type { Refusal } from '../api/refusal.js';

/** Leads whoever sent a form to the first field at fault: it may be out of sight. */
export function useFirstFault(refusal: Refusal | null): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [refusal]);
  return form;
}
