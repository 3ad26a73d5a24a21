#!/usr/bin/env node
// The command of a clone: builds what is not built yet, then runs it.
import { ensureReady } from './ensure-ready.mjs';

ensureReady();
await import('../dist/apps/cli/src/main.js');
