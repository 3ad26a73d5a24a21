import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, HttpStatus, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Request } from 'express';
import { ApiKeyException } from '#libs/api-key-auth';

/** Answers what the guard does not: in Garmint's manner under `/api`, in Keymint's everywhere else. */
@Catch()
export class SeedErrorsFilter implements ExceptionFilter {
  readonly #log = new Logger(SeedErrorsFilter.name);

  constructor(private readonly adapter: HttpAdapterHost) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const status = statusOf(error);
    if (status >= 500 && !(error instanceof ApiKeyException)) this.#log.error(error);
    const body = error instanceof ApiKeyException ? error.getResponse() : bodyOf(status, http.getRequest<Request>().path);
    this.adapter.httpAdapter.reply(http.getResponse(), body, status);
  }
}

/** A fault in what was sent may come from Express, as an error with a status of its own. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const { status } = error as { readonly status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? status : HttpStatus.INTERNAL_SERVER_ERROR;
}

function bodyOf(status: number, path: string): object {
  const { code, message } = wordsFor(status);
  return path.startsWith('/api/') ? { error: { code, message } } : { message, code: 1 };
}

function wordsFor(status: number): { code: string; message: string } {
  if (status === 404) return { code: 'not_found', message: 'Resource not found' };
  if (status < 500) return { code: 'invalid_request', message: 'Invalid request' };
  return { code: 'internal_error', message: 'Server error' };
}
