import { FILE_DESCRIPTORS } from './generated/descriptors.js';

/** The contract's own description, for server reflection: an encoded google.protobuf.FileDescriptorProto a file, imports first. */
export function fileDescriptors(): Buffer[] {
  return FILE_DESCRIPTORS.map((file) => Buffer.from(file, 'base64'));
}
