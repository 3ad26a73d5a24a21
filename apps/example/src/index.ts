export { startExample, type ExampleOptions, type ExampleSettings } from './start-example.js';
