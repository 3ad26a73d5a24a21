import { type Time, UnavailableError } from '#libs/key-domain';

/**
 * What `work` resolves to, if it does so in time; what it does later is ignored.
 * @throws UnavailableError after `ms` milliseconds
 */
export function withinLimit<T>(time: Time, ms: number, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = time.after(ms, () => {
      reject(new UnavailableError('The change log can not be reached at the moment.', { detail: `no answer in ${ms} ms` }));
    });
    work.then(resolve, reject).finally(cancel);
  });
}
