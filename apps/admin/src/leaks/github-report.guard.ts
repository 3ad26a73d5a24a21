import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { InvalidRequestError, UnauthorizedError } from '#libs/key-domain';
import { GithubKeys } from './github-keys.js';
import { isSigned } from './signature.js';

/** Lets in what GitHub has signed. Nothing of a body is read before that: anybody may send one. */
@Injectable()
export class GithubReportGuard implements CanActivate {
  constructor(private readonly keys: GithubKeys) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const identifier = request.get('github-public-key-identifier');
    const signature = request.get('github-public-key-signature');
    const body: unknown = request.body;
    if (identifier === undefined || signature === undefined || !Buffer.isBuffer(body)) throw new UnauthorizedError(UNSIGNED);
    const key = await this.keys.find(identifier);
    if (key === null || !isSigned(body, signature, key)) throw new UnauthorizedError(UNSIGNED);
    request.body = jsonOf(body);
    return true;
  }
}

const UNSIGNED = 'Not signed by GitHub.';

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new InvalidRequestError([{ path: '', message: 'Not JSON.' }], { cause });
  }
}
