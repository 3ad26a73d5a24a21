import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** As the package says. This file lies deeper below it when it is built. */
export const VERSION = versionIn(['../../..', '../../../..'].map((path) => join(import.meta.dirname, path, 'package.json')));

function versionIn(manifests: readonly string[]): string {
  const manifest = manifests.find((path) => existsSync(path));
  if (manifest === undefined) throw new Error('the package of this command is not whole: its package.json is missing');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
}
