import { Body, Controller, Get, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AuditTrail, type Principal } from '#libs/lifecycle';
import { Requires } from '../access/access.decorators.js';
import { admitAgain, CurrentPrincipal } from '../access/authenticated.js';
import { listOf, pageRequest } from '../http/paging.js';
import { TakesQuery } from '../http/query.interceptor.js';
import { Answers } from '../openapi/answers.decorator.js';
import { csv, jsonLines } from './audit-export.js';
import {
  type AuditQuery,
  auditQuery,
  chainAnswer,
  entryListAnswer,
  type ExportQuery,
  exportQuery,
  type VerifyBody,
  verifyBody,
} from './audit-schemas.js';
import { auditView, hex } from './audit-view.js';
import { RefusalRecord } from './refusal-record.js';

const JSON_LINES = 'application/x-ndjson';
const CSV = 'text/csv; charset=utf-8; header=present';

/** What was done in the principal's account, and by whom. */
@ApiTags('audit')
@Controller('api/v1/audit')
export class AuditController {
  constructor(
    private readonly trail: AuditTrail,
    private readonly refusals: RefusalRecord,
  ) {}

  @Get()
  @Requires('audit:read')
  @TakesQuery(auditQuery)
  @ApiOperation({ summary: 'List what was done, newest first' })
  @Answers({ description: 'A page of entries', schema: entryListAnswer, errors: [401, 403] })
  async list(@CurrentPrincipal() { accountId }: Principal, @Query({ schema: auditQuery }) query: AuditQuery) {
    const { limit, cursor, ...filter } = query;
    return listOf(await this.trail.list(accountId, filter, pageRequest({ limit, cursor })), auditView);
  }

  @Get('export')
  @Requires('audit:read')
  @TakesQuery(exportQuery)
  @ApiProduces(JSON_LINES, 'text/csv')
  @ApiOperation({ summary: 'Everything that was done, oldest first, as JSON lines or CSV' })
  @Answers({ description: 'The entries, one a line', errors: [401, 403] })
  async export(
    @CurrentPrincipal() { accountId }: Principal,
    @Req() request: Request,
    @Query({ schema: exportQuery }) { format, ...filter }: ExportQuery,
  ) {
    const entries = await this.trail.entries(accountId, filter, async () => {
      await admitAgain(request);
    });
    const [stream, type] = format === 'csv' ? [csv(entries), CSV] : [jsonLines(entries), JSON_LINES];
    const file = new StreamableFile(stream, { type, disposition: `attachment; filename="audit.${format}"` });
    return file.setErrorHandler((error, response) => {
      file.errorLogger(error);
      void this.refusals.putDown(request, error);
      response.destroy?.(); // a part must not look like the whole
    });
  }

  @Post('verify')
  @Requires('audit:read')
  @ApiOperation({ summary: 'Check the chain of the record from its start to its end' })
  @Answers({ description: 'Whether it is whole, and where it ends', schema: chainAnswer, errors: [401, 403, 413] })
  async verify(
    @CurrentPrincipal() { accountId }: Principal,
    @Req() request: Request,
    @Body({ schema: verifyBody }) { noted }: VerifyBody,
    @Res({ passthrough: true }) response: Response,
  ) {
    const known = noted === undefined ? null : { number: noted.number, hash: Buffer.from(noted.hash, 'hex') };
    const left = new AbortController();
    response.once('close', () => {
      left.abort();
    });
    const { head, firstBroken } = await this.trail.verify(accountId, known, async () => {
      left.signal.throwIfAborted();
      await admitAgain(request);
    });
    return { valid: firstBroken === null, head: { number: head.number, hash: hex(head.hash) }, firstBroken };
  }
}
