export * from './generated/mintmark/v1/token_verifier.js';
export { Duration } from './generated/google/protobuf/duration.js';
export { Timestamp } from './generated/google/protobuf/timestamp.js';
export { fileDescriptors } from './file-descriptors.js';
