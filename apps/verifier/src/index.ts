export { startVerifier } from './start-verifier.js';
