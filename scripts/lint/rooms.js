import { dirname, join, posix, relative, sep } from 'node:path';

const LIBS = [
  'libs/key-domain',
  'libs/contract',
  'libs/config',
  'libs/observability',
  'libs/lifecycle',
  'libs/verification',
  'libs/persistence',
  'libs/coherence',
  'libs/api-key-auth',
];
const DATABASES = ['typeorm', '@nestjs/typeorm', 'pg', 'ioredis'];

/** Which rooms a room may import from, and which packages it must not know of. A room that stands nowhere here fails the lint. */
export const ROOMS = {
  'libs/key-domain': { rooms: [], onlyNodeModules: true },
  'libs/contract': { rooms: [] },
  'libs/rest-contract': { rooms: [] },
  'libs/config': { rooms: ['libs/observability'] },
  'libs/observability': { rooms: [] },
  'libs/lifecycle': { rooms: ['libs/key-domain', 'libs/observability'], not: DATABASES },
  'libs/verification': { rooms: ['libs/key-domain', 'libs/observability'], not: DATABASES },
  'libs/persistence': { rooms: ['libs/key-domain', 'libs/observability'] },
  'libs/coherence': { rooms: ['libs/key-domain', 'libs/observability'] },
  'libs/api-key-auth': { rooms: ['libs/contract', 'libs/key-domain', 'libs/observability'], not: DATABASES },
  'apps/admin': { rooms: LIBS },
  'apps/verifier': { rooms: LIBS },
  'apps/example': { rooms: LIBS },
  'apps/cli': { rooms: ['libs/rest-contract'], not: DATABASES },
  'apps/dashboard': { rooms: ['libs/rest-contract'], not: DATABASES },
  'apps/standalone': { rooms: [...LIBS, 'apps/admin', 'apps/verifier', 'apps/example'] },
  test: { anything: true },
  bench: { anything: true },
  scripts: { anything: true },
};

/** The room that a file (relative to the root, with slashes) lies in; null at the top level. */
export function roomOf(file) {
  const [first, second, ...rest] = file.split('/');
  if (first === 'apps' || first === 'libs') return rest.length === 0 ? null : `${first}/${second}`;
  return second === undefined ? null : first;
}

/** What may be imported of a room from outside it. */
export function indexOf(room) {
  return `${room}/src/index.ts`;
}

/** The file (relative to the root, with slashes) that an import means; null where it means a package. */
export function importedFile(root, importer, specifier) {
  const alias = /^#(apps|libs)\/(.+)$/.exec(specifier);
  if (alias !== null) return indexOf(`${alias[1]}/${alias[2]}`);
  if (!specifier.startsWith('.')) return null;
  const path = relative(root, join(dirname(join(root, importer)), specifier))
    .split(sep)
    .join(posix.sep);
  return path.replace(/\.js$/, '.ts');
}
