import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { PublicAddress } from '../../access/public-address.js';
import { AdminExceptionFilter } from '../../http/exception.filter.js';

const PAGE = 'text/html';

/** Sends a person who could not sign in at the provider back to the page, which says so by the code; scripts get the error itself. */
@Catch()
export class ToSignInPage implements ExceptionFilter {
  constructor(
    private readonly errors: AdminExceptionFilter,
    private readonly address: PublicAddress,
  ) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (request.accepts(['application/json', PAGE]) !== PAGE) return this.errors.catch(error, host);
    const { code } = await this.errors.note(error, request, response);
    response.vary('Accept').redirect(`${this.address.url}/#sign-in=${code}`);
  }
}
