import { exampleConfig } from '#libs/config';
import { runApp } from '#libs/observability';
import { startExample } from './start-example.js';

await runApp(() => startExample(exampleConfig(process.env)));
