import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { Request, Response } from 'express';
import { MintmarkError } from '#libs/key-domain';
import { Log } from '#libs/observability';
import { RefusalRecord } from '../audit/refusal-record.js';
import { type ErrorAnswer, errorAnswer } from './error-answer.js';
import { REQUEST_ID_HEADER } from './request-id.js';

const PROBLEM = 'application/problem+json';

/** Answers every error of the app, the router's and the body parser's too, in one form. */
@Catch()
export class AdminExceptionFilter implements ExceptionFilter {
  constructor(
    @Inject(Log) private readonly log: Log,
    private readonly refusals: RefusalRecord,
  ) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const answer = await this.note(error, request, response);
    if (response.headersSent) {
      response.end();
      return;
    }
    for (const [name, value] of Object.entries(answer.headers)) {
      if (!response.hasHeader(name)) response.setHeader(name, value);
    }
    const problem = request.accepts(['application/json', PROBLEM]) === PROBLEM;
    response.status(answer.status).vary('Accept');
    if (problem) response.type(PROBLEM).send(JSON.stringify(problemDetails(answer)));
    else response.json({ error: envelope(answer) });
  }

  /** Tells the log and the record of it. @returns what the client may know */
  async note(error: unknown, request: Request, response: Response): Promise<ErrorAnswer> {
    const answer = errorAnswer(error);
    this.tell(error, answer, response);
    await this.refusals.putDown(request, error);
    return answer;
  }

  /** What the router and the parser refused is in the access log; their texts quote what was sent. */
  private tell(error: unknown, { status, code }: ErrorAnswer, response: Response): void {
    if (!(error instanceof MintmarkError) && status < 500) return;
    const level = error instanceof MintmarkError ? error.level : 'error';
    this.log[level]({ code, requestId: response.getHeader(REQUEST_ID_HEADER), err: error }, 'a request failed');
  }
}

function envelope({ code, message, details }: ErrorAnswer): object {
  return { code, message, ...(details === undefined ? {} : { details }) };
}

/** RFC 9457, with the envelope's members as extensions. */
function problemDetails(answer: ErrorAnswer): object {
  const { code, message, details } = answer;
  const about = { type: 'about:blank', title: STATUS_CODES[answer.status], status: answer.status, detail: message };
  return { ...about, code, ...(details === undefined ? {} : { details }) };
}
