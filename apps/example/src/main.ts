import { exampleConfig, unknownVariables } from '#libs/config';
import { runApp } from '#libs/observability';
import { startExample } from './start-example.js';

await runApp('example', () => startExample(exampleConfig(process.env)), unknownVariables(process.env));
