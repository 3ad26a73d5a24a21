export { runApp, type RunningApp, type Surface } from './run-app.js';
export { StartError } from './start-error.js';
