// Fails where libs/contract is not what `npm run proto:generate` makes of proto/.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const GENERATED = 'libs/contract/src/generated';

const fresh = mkdtempSync(join(tmpdir(), 'mintmark-proto-'));
try {
  const { status } = spawnSync('node_modules/.bin/buf', ['generate', '-o', fresh], { cwd: ROOT, stdio: 'inherit' });
  const differing = status === 0 ? differences() : null;
  if (differing === null || differing.length > 0) {
    process.stderr.write(
      `${GENERATED} is not made from proto/ as it is; run "npm run proto:generate": ${differing?.join(', ') ?? 'buf failed'}\n`,
    );
    process.exitCode = 1;
  }
} finally {
  rmSync(fresh, { recursive: true });
}

function differences() {
  const made = filesOf(join(fresh, GENERATED));
  const kept = filesOf(join(ROOT, GENERATED));
  return [...new Set([...made.keys(), ...kept.keys()])].filter((file) => made.get(file) !== kept.get(file));
}

function filesOf(directory) {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return new Map(paths.map((path) => [path.slice(directory.length + 1), readFileSync(path, 'utf8')]));
}
