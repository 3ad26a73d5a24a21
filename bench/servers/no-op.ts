/*
 * The floor that VerifyToken is compared with: a unary method of the same name on stock @grpc/grpc-js that decodes the
 * same request and answers the same bytes, and judges nothing.
 * BENCH_RESPONSE: the encoded VerifyTokenResponse to answer with, in base64. BENCH_CODEC: `proto-loader` or `hand-written`.
 */
import { once } from 'node:events';
import { Server, ServerCredentials, type sendUnaryData, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { readQuickly } from '../../apps/verifier/src/questions/quick-reader.js';

const SERVICE = 'mintmark.v1.TokenVerifierService';
const response = Buffer.from(process.env['BENCH_RESPONSE'] ?? '', 'base64');
const definition = loadSync('mintmark/v1/token_verifier.proto', {
  includeDirs: ['proto'],
  longs: Number,
  oneofs: true,
});
const service = definition[SERVICE] as ServiceDefinition;
const method = service['VerifyToken'];
if (method === undefined) throw new Error(`no VerifyToken in ${SERVICE}`);

const isHandWritten = process.env['BENCH_CODEC'] === 'hand-written';
const answer: unknown = isHandWritten ? response : method.responseDeserialize(response);
const handWritten = { ...method, requestDeserialize: readQuickly, responseSerialize: (message: Buffer) => message };

const server = new Server();
server.addService(isHandWritten ? { VerifyToken: handWritten } : service, {
  VerifyToken(_call: unknown, callback: sendUnaryData<unknown>) {
    callback(null, answer);
  },
});
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`verifier-grpc http://127.0.0.1:${port}\n`);
});

await once(process, 'SIGTERM');
server.forceShutdown();
