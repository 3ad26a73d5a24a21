import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { Failure } from '../ending/failure.js';

const SILENCE = new Writable({ write: (_chunk, _encoding, done) => done() });

/** Asks on the terminal. What is typed as the answer to a `hidden` question is not shown. */
export async function ask(question: string, { hidden = false } = {}): Promise<string> {
  if (!process.stdin.isTTY) throw Failure.usage(`there is no terminal to ask on: ${question}`);
  // First the reader, which takes the echo off: what is typed at the sight of the question is typed unseen.
  const reader = createInterface({ input: process.stdin, output: hidden ? SILENCE : process.stderr, terminal: true });
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT')); // in this mode the terminal sends no signal of its own
  process.stderr.write(`${question}: `);
  const answer = await new Promise<string>((resolve, reject) => {
    reader.once('line', resolve);
    reader.once('close', () => reject(Failure.usage('no answer')));
  });
  reader.close();
  if (hidden) process.stderr.write('\n');
  return answer;
}

/** All of standard input, without the line's end; for secrets, which are no arguments: others see those. */
export async function readStandardInput(): Promise<string> {
  const input = await text(process.stdin);
  return input.replace(/\r?\n$/, '');
}
