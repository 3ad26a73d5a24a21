import { StartError } from '#libs/observability';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCES = 'libs/persistence/src/schema';

const CLASS_NAME = /^([A-Z][a-z0-9]*)+$/;

/** Makes an empty migration among the sources below the working directory. */
export async function createMigration(name: string | undefined): Promise<void> {
  if (name === undefined || !CLASS_NAME.test(name)) throw new StartError('A migration is named in words like AddSomething.');
  const timestamp = Date.now();
  const words = name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  const file = join(SOURCES, 'migrations', `${timestamp}-${words}.ts`);
  await writeFile(file, emptyMigration(`${name}${timestamp}`), { flag: 'wx' });
  process.stdout.write(`made ${file}; list it in ${join(SOURCES, 'migrations.ts')}\n`);
}

function emptyMigration(className: string): string {
  return `import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What it changes. */
export class ${className} implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(\`\`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(\`\`);
  }
}
`;
}
