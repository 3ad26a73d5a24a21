import type { Rule } from 'eslint';

export const roomImports: Rule.RuleModule;
