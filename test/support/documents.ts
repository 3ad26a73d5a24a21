import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A block of commands in a document, and what the document says of running it. */
export interface CommandBlock {
  readonly file: string;
  readonly line: number;
  readonly script: string;
  /** From `<!-- run: path 200 -->`: the words after the colon; null where there is none. */
  readonly run: readonly string[] | null;
  /** From `<!-- run by: FILE -->`: the test that runs it. */
  readonly runBy: string | null;
  /** Whether the paragraph before says `*not run here*: why`. */
  readonly notRunHere: boolean;
}

/** A link within the repository: no scheme, its fragment left out. */
const LINK = /\]\((?![a-z]+:|#)([^)#]+)/g;
const FENCE = /^```sh\n([^]*?)^```$/gm;

/** Every block of commands in the README, CONTRIBUTING, docs/ and the libraries' own READMEs. */
export async function commandBlocks(root: string): Promise<readonly CommandBlock[]> {
  const files = await markdownFiles(root);
  const blocks = await Promise.all(files.map(async (file) => blocksOf(file, await readFile(join(root, file), 'utf8'))));
  return blocks.flat();
}

/** The files of this repository that documents link to, each with the document. */
export async function fileLinks(root: string): Promise<readonly { readonly file: string; readonly target: string }[]> {
  const files = await markdownFiles(root);
  const links = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(root, file), 'utf8');
      return [...text.matchAll(LINK)].map((match) => ({ file, target: join(dirname(file), match[1] ?? '') }));
    }),
  );
  return links.flat();
}

async function markdownFiles(root: string): Promise<readonly string[]> {
  const inDocs = await readdir(join(root, 'docs'), { recursive: true });
  const inLibs = await readdir(join(root, 'libs'));
  const libReadmes = await Promise.all(
    inLibs.map(async (lib) =>
      (await readdir(join(root, 'libs', lib))).includes('README.md') ? [join('libs', lib, 'README.md')] : [],
    ),
  );
  return [
    'README.md',
    'CONTRIBUTING.md',
    'bench/README.md',
    ...inDocs.filter((file) => file.endsWith('.md')).map((file) => join('docs', file)),
    ...libReadmes.flat(),
  ];
}

function blocksOf(file: string, text: string): CommandBlock[] {
  return [...text.matchAll(FENCE)].map((match) => {
    const before = text.slice(0, match.index).trimEnd();
    const paragraph = before.slice(before.lastIndexOf('\n\n') + 1);
    const comment = /<!-- (run|run by): (.*) -->$/.exec(paragraph);
    return {
      file,
      line: before.split('\n').length + 1,
      script: match[1] ?? '',
      run: comment?.[1] === 'run' ? (comment[2] ?? '').split(' ') : null,
      runBy: comment?.[1] === 'run by' ? (comment[2] ?? '') : null,
      notRunHere: paragraph.includes('*not run here*: '),
    };
  });
}
