import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';

/** Methods that the gRPC server calls itself, past Nest's pipeline: what is asked so often that the pipeline would cost more than the answer. */
export interface PlainService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}
