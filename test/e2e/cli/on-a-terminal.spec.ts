import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { recordSecret } from '../../support/evidence.js';
import { type Stack, startStack } from '../../support/stack.js';
import { MAIN, User } from './command.js';

// util-linux's script(1), which makes a terminal; that of macOS takes other options.
const { error, stdout: program } = spawnSync('script', ['--version'], { encoding: 'utf8' });
const onTerminal = error === undefined && program.includes('util-linux') ? describe : describe.skip;

let stack: Stack;
let user: User;

beforeAll(async () => {
  stack = await startStack();
  user = await User.arrive();
});
afterAll(async () => {
  await user.leave();
  await stack.stop();
});

/** The command on a terminal of its own, and what that shows. */
class Terminal {
  shown = '';
  private readonly child: ChildProcess;
  readonly exitCode: Promise<number | null>;

  constructor(args: readonly string[]) {
    const command = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
    this.child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...user.environment, TERM: 'xterm' } });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.shown += text));
    this.exitCode = once(this.child, 'close').then(([code]) => code as number | null);
  }

  /** Types once a question is shown. */
  async type(question: string, keys: string): Promise<void> {
    while (!this.shown.includes(question)) {
      if (this.child.exitCode !== null) throw new Error(`ended: ${this.shown}`);
      await Promise.race([once(this.child.stdout ?? this.child, 'data'), this.exitCode]);
    }
    this.child.stdin?.write(keys);
  }
}

onTerminal('on a terminal', () => {
  test('Ctrl-C at the question for the password ends at once: 130', async () => {
    const terminal = new Terminal(['login', '--url', stack.adminUrl, '--email', stack.email]);
    await terminal.type('Password: ', '\u0003');
    expect(await terminal.exitCode).toBe(130);
  });

  test('a password is asked for, and what is typed is not shown', async () => {
    const terminal = new Terminal(['login', '--url', stack.adminUrl]);
    await terminal.type('E-mail: ', `${stack.email}\r`);
    await terminal.type('Password: ', `${stack.password}\r`);
    expect(await terminal.exitCode).toBe(0);
    const { secret } = JSON.parse(await readFile(user.credentialsFile, 'utf8')) as { readonly secret: string };
    recordSecret('session', secret);
    expect(terminal.shown).toMatch(/│ role\s+│ owner/);
    expect(terminal.shown).not.toContain(stack.password);
  });

  test('an import shows how far it has come, and is summed up', async () => {
    const lines = Array.from({ length: 50 }, (_, index) => JSON.stringify({ token: `former-token-${index}-${stack.pid}` }));
    await writeFile(join(user.home, 'keys.jsonl'), lines.join('\n'));
    const terminal = new Terminal(['keys', 'import', join(user.home, 'keys.jsonl'), '--answers', join(user.home, 'answers')]);
    expect(await terminal.exitCode).toBe(0);
    expect(terminal.shown).toMatch(/0 % \| 0 lines, 0 failed[^]*50 lines: 50 imported, 0 there already, 0 failed\./);
  });

  test('keys are a table, and one is deleted once its id is typed', async () => {
    const { metadata } = (await user.json(['keys', 'create', 'Web shop'])) as { readonly metadata: { readonly id: string } };
    const list = new Terminal(['keys', 'list', '--limit', '1']);
    expect(await list.exitCode).toBe(0);
    expect(list.shown).toMatch(/│ id\s+│ name[^]*│ Web shop │/);
    const kept = new Terminal(['keys', 'delete', metadata.id]);
    await kept.type('to confirm: ', 'yes\r');
    expect(await kept.exitCode).toBe(2);
    const deleted = new Terminal(['keys', 'delete', metadata.id]);
    await deleted.type('to confirm: ', `${metadata.id}\r`);
    expect(await deleted.exitCode).toBe(0);
    expect((await user.run(['keys', 'show', metadata.id])).exitCode).toBe(1);
  });
});
