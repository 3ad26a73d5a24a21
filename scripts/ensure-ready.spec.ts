import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

test('what installs the dependencies is told no secret of the installation', async () => {
  const clone = await mkdtemp(join(tmpdir(), 'mintmark-clone-'));
  try {
    await cp(join(import.meta.dirname, 'ensure-ready.mjs'), join(clone, 'scripts/ensure-ready.mjs'));
    await writeFile(join(clone, 'package.json'), JSON.stringify({ type: 'module', engines: { node: '>=20.15' } }));
    const npm = join(clone, 'npm.js');
    await writeFile(
      npm,
      `import { writeFileSync } from 'node:fs';\nwriteFileSync('told', JSON.stringify(process.env));\nprocess.exit(3);`,
    );
    const env = { ...process.env, npm_execpath: npm, MINTMARK_PEPPERS: 'p1:a-pepper', MINTMARK_BOOTSTRAP_PASSWORD: 'a password' };
    const { status } = spawnSync(process.execPath, [join(clone, 'scripts/ensure-ready.mjs')], { env });
    const told = JSON.parse(await readFile(join(clone, 'told'), 'utf8')) as Record<string, string>;
    expect(status).toBe(1);
    expect(told['PATH']).toBe(process.env['PATH']);
    expect(Object.keys(told).filter((name) => name.startsWith('MINTMARK_'))).toEqual([]);
  } finally {
    await rm(clone, { recursive: true });
  }
});
