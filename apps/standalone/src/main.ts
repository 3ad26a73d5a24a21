import { standaloneConfig, unknownVariables } from '#libs/config';
import { runApp } from '#libs/observability';
import { startStandalone } from './start-standalone.js';

await runApp('standalone', async () => startStandalone(standaloneConfig(process.env)), unknownVariables(process.env));
