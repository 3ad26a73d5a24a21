/*
 * The floor that VerifyToken is compared with: a unary method of the same name on stock @grpc/grpc-js and
 * proto-loader that decodes the same request and encodes the same answer, and judges nothing. With
 * BENCH_DATABASE_URL set it also reads one row by a prepared SELECT for every call.
 * BENCH_RESPONSE: the encoded VerifyTokenResponse to answer with, in base64.
 */
import { once } from 'node:events';
import { Server, ServerCredentials, type sendUnaryData, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import pg from 'pg';
import { POOL_SIZE, probe } from './select-probe.js';

const SERVICE = 'mintmark.v1.TokenVerifierService';
const definition = loadSync('mintmark/v1/token_verifier.proto', {
  includeDirs: ['proto'],
  longs: Number,
  oneofs: true,
});
const service = definition[SERVICE] as ServiceDefinition;
const method = service['VerifyToken'];
if (method === undefined) throw new Error(`no VerifyToken in ${SERVICE}`);
const answer: unknown = method.responseDeserialize(Buffer.from(process.env['BENCH_RESPONSE'] ?? '', 'base64'));

const databaseUrl = process.env['BENCH_DATABASE_URL'];
const pool = databaseUrl === undefined ? null : new pg.Pool({ connectionString: databaseUrl, max: POOL_SIZE });

const server = new Server();
server.addService(service, {
  VerifyToken(call: { readonly request: { readonly tokenSha256: Buffer } }, callback: sendUnaryData<unknown>) {
    const answered = () => {
      callback(null, answer);
    };
    if (pool === null) answered();
    else void probe(pool, call.request.tokenSha256).then(answered, callback);
  },
});
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`verifier-grpc http://127.0.0.1:${port}\n`);
});

await once(process, 'SIGTERM');
server.forceShutdown();
await pool?.end();
