export { ReadThroughEnforcement } from './read-through-enforcement.js';
