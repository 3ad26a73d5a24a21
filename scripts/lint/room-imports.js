import { relative, sep } from 'node:path';
import { importedFile, indexOf, roomOf, ROOMS } from './rooms.js';

/** Keeps every import within what the table of rooms allows: static, dynamic, of types and by re-export. */
export const roomImports = {
  meta: {
    type: 'problem',
    docs: { description: "imports only what the room may import, through the other room's index" },
    schema: [{ type: 'object', properties: { root: { type: 'string' } }, required: ['root'], additionalProperties: false }],
    messages: { fault: '{{fault}}' },
  },
  create(context) {
    const { root } = context.options[0];
    const file = relative(root, context.filename).split(sep).join('/');
    const check = (source) => {
      if (typeof source?.value !== 'string') return;
      const fault = faultOf(root, file, source.value);
      if (fault !== null) context.report({ node: source, messageId: 'fault', data: { fault } });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source),
    };
  },
};

function faultOf(root, file, specifier) {
  const room = roomOf(file);
  if (room === null) return null;
  const rules = ROOMS[room];
  if (rules === undefined) return `${room} is in no table: say in scripts/lint/rooms.js what it may import`;
  const target = importedFile(root, file, specifier);
  return target === null ? faultOfPackage(room, rules, file, specifier) : faultOfFile(room, rules, target, specifier);
}

function faultOfPackage(room, rules, file, specifier) {
  const isTest = file.endsWith('.spec.ts');
  if (rules.onlyNodeModules && !isTest && !specifier.startsWith('node:')) return `${room} imports node: modules only`;
  if (rules.not?.some((name) => specifier === name || specifier.startsWith(`${name}/`)))
    return `${room} must not know of ${specifier}`;
  return null;
}

function faultOfFile(room, rules, target, specifier) {
  const other = roomOf(target);
  if (other === room)
    return target === indexOf(room) ? `no file imports the index of its own room: import the file itself` : null;
  if (other === null || rules.anything) return other === 'bench' || other === 'test' ? `nobody imports ${other}` : null;
  if (!rules.rooms.includes(other)) return `${room} must not import ${other}`;
  if (!specifier.startsWith('#') || target !== indexOf(other))
    return `${other} is imported as #${other}, through its index alone`;
  return null;
}
