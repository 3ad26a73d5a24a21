import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository's own directory, from the sources and from what is built of them. */
export const REPOSITORY = above(import.meta.dirname);

function above(directory: string): string {
  return existsSync(join(directory, 'package.json')) ? directory : above(dirname(directory));
}
