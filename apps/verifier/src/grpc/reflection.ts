import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { service as healthService } from 'grpc-health-check';
import { fileDescriptors } from '#libs/contract';

/** Adds server reflection, v1 and v1alpha: what grpcurl and its like learn the contract from. */
export function addReflection(server: Server): void {
  const health = Object.values(healthService).flatMap(({ requestType }) => requestType.fileDescriptorProtos);
  new ReflectionService({ contract: files(fileDescriptors()), health: files(health) }).addToServer(server);
}

/** Reflection reads the files of a definition and nothing else, whatever it defines. */
function files(fileDescriptorProtos: Buffer[]) {
  return { format: 'Protocol Buffer 3 EnumDescriptorProto', type: {}, fileDescriptorProtos } as const;
}
