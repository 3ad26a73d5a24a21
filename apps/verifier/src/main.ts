import { verifierConfig, unknownVariables } from '#libs/config';
import { runApp } from '#libs/observability';
import { startVerifier } from './start-verifier.js';

await runApp('verifier', async () => startVerifier(verifierConfig(process.env)), unknownVariables(process.env));
