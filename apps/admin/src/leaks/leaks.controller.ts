import { Body, Controller, Post, Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { tokenSha256 } from '#libs/key-domain';
import { LeakReports } from '#libs/lifecycle';
import { Public } from '../access/access.decorators.js';
import { originOf } from '../http/request-origin.js';
import { Answers } from '../openapi/answers.decorator.js';
import { GithubReportGuard } from './github-report.guard.js';
import { leakLabelsAnswer, type LeakReportBody, leakReportBody } from './leak-schemas.js';

/** Tokens that were found where everybody can read them. */
@ApiTags('leaks')
@Controller('api/v1/leaks')
export class LeaksController {
  constructor(private readonly reports: LeakReports) {}

  @Post('github')
  @Public()
  @UseGuards(GithubReportGuard)
  @ApiHeader({ name: 'Github-Public-Key-Identifier', required: true })
  @ApiHeader({ name: 'Github-Public-Key-Signature', required: true, description: 'ECDSA on P-256 over the body, in base64.' })
  @ApiOperation({
    summary: "Revoke the keys whose tokens GitHub's secret scanning has found: when this returns, nobody accepts them",
  })
  @Answers({ description: 'Which of the tokens are real, in their order', schema: leakLabelsAnswer, errors: [401, 413] })
  async github(@Req() request: Request, @Body({ schema: leakReportBody }) body: LeakReportBody) {
    const found = await this.reports.take(body, originOf(request));
    return body.map(({ token, type }, index) => ({
      token_hash: tokenSha256(token).toString('hex'),
      token_type: type,
      label: found[index] === true ? 'true_positive' : 'false_positive',
    }));
  }
}
