import type { Problem } from '@logbert/contracts';
import { Catch } from '@nestjs/common';
import type { Request, Response } from 'express';
import protobuf from 'protobufjs';
import { ProblemFilter } from '../problems/problem.filter';
import { contentTypeOf, PROTOBUF_TYPE } from './otlp-types';

/** google.rpc.Status, without details. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Status { int32 code = 1; string message = 2; }
`);
const statusType = root.lookupType('Status');

const UNKNOWN = 2;
/** google.rpc.Code of each HTTP status that there is. */
const CODE_OF: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  413: 8,
  415: 3,
  422: 3,
  429: 8,
  500: 13,
  503: 14,
};

/**
 * Says why an export was refused in the form that an exporter of protobuf can read and show: google.rpc.Status (OpenTelemetry protocol
 * 1.x, "OTLP/HTTP Response", Failures). Whoever sends JSON is given a problem document as everywhere.
 */
@Catch()
export class OtlpStatusFilter extends ProblemFilter {
  protected override write(problem: Problem, request: Request, response: Response): void {
    if (contentTypeOf(request) !== PROTOBUF_TYPE) return super.write(problem, request, response);
    const status = { code: CODE_OF[problem.status] ?? UNKNOWN, message: problem.detail };
    const body = statusType.encode(statusType.create(status)).finish();
    response.type(PROTOBUF_TYPE).send(Buffer.from(body));
  }
}
