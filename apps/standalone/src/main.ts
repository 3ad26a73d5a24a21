import { standaloneConfig } from '#libs/config';
import { runApp } from '#libs/observability';
import { startStandalone } from './start-standalone.js';

await runApp(async () => startStandalone(standaloneConfig(process.env)));
