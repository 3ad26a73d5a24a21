import { verifierConfig } from '#libs/config';
import { runApp } from '#libs/observability';
import { startVerifier } from './start-verifier.js';

await runApp(async () => startVerifier(verifierConfig(process.env)));
