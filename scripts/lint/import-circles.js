import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { importedFile } from './rooms.js';

const SEARCHED = ['apps', 'libs', 'test', 'bench'];

/**
 * Every circle of imports among the sources below `root`, through `#libs/…` and `#apps/…` too, each as the files
 * that it leads through. Imports of types alone don't count: nothing is left of them at run time.
 */
export function importCircles(root) {
  const files = SEARCHED.flatMap((directory) => sourcesBelow(root, directory));
  const imports = new Map(files.map((file) => [file, importsOf(root, file)]));
  return knots(imports).map((knot) => circleIn(knot, imports));
}

function sourcesBelow(root, directory) {
  return readdirSync(root).includes(directory)
    ? readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
        .map((name) => `${directory}/${name}`)
    : [];
}

function importsOf(root, file) {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.ESNext);
  return source.statements
    .filter((statement) => leavesAnImport(statement))
    .map((statement) => importedFile(root, file, statement.moduleSpecifier.text))
    .filter((target) => target !== null);
}

function leavesAnImport(statement) {
  if (ts.isImportDeclaration(statement)) return statement.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword;
  return ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined && !statement.isTypeOnly;
}

/** The sets of files of which each reaches each other, by Tarjan's algorithm. */
function knots(imports) {
  const order = new Map();
  const low = new Map();
  const path = [];
  const found = [];
  const visit = (file) => {
    order.set(file, order.size);
    low.set(file, order.get(file));
    path.push(file);
    for (const target of imports.get(file)) {
      if (!imports.has(target)) continue;
      if (!order.has(target)) visit(target);
      if (path.includes(target)) low.set(file, Math.min(low.get(file), low.get(target)));
    }
    if (low.get(file) !== order.get(file)) return;
    const knot = path.splice(path.indexOf(file));
    if (knot.length > 1 || imports.get(file).includes(file)) found.push(knot);
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found;
}

/** One way round: the shortest from the knot's first file back to it. */
function circleIn([start, ...others], imports) {
  const inside = new Set([start, ...others]);
  const ways = [[start]];
  for (const way of ways) {
    const next = imports.get(way.at(-1)).filter((file) => inside.has(file));
    if (next.includes(start)) return [...way, start];
    for (const file of next) {
      inside.delete(file);
      ways.push([...way, file]);
    }
  }
  throw new Error(`no way round from ${start}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const circles = importCircles(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
  for (const circle of circles) process.stderr.write(`import circle:\n  ${circle.join('\n  → ')}\n`);
  process.exit(circles.length === 0 ? 0 : 1);
}
