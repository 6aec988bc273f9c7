/** What a route is, and how one is written down. */
import { z } from 'zod';
import { pageSize } from '../limits.ts';

/** `public` needs no credential; the others name the least scope of the device (U1). */
export type Access = 'public' | 'viewer' | 'operator' | 'admin';

export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:name` for parameters. */
  path: string;
  access: Access;
  summary: string;
  params: Params;
  query: Query;
  body: Body;
  /** `raw` answers are bytes of `contentType`, not JSON. */
  response: Response;
  contentType?: string;
  /** Answered also in degraded mode (I17). */
  whenDegraded?: boolean;
}

const nothing = z.undefined();
type Nothing = typeof nothing;
const noQuery = z.strictObject({});
const noParams = z.strictObject({});

/** Fills in what a route leaves out. */
export const route = <
  P extends z.ZodType = typeof noParams,
  Q extends z.ZodType = typeof noQuery,
  B extends z.ZodType = Nothing,
  R extends z.ZodType = Nothing,
>(
  given: Pick<Route, 'method' | 'path' | 'access' | 'summary' | 'contentType' | 'whenDegraded'> & {
    params?: P;
    query?: Q;
    body?: B;
    response?: R;
  },
): Route<P, Q, B, R> =>
  ({ params: noParams, query: noQuery, body: nothing, response: nothing, ...given }) as unknown as Route<P, Q, B, R>;

/** A number in a query string. */
export const queryNumber = <T extends z.ZodNumber>(schema: T) =>
  z
    .string()
    .regex(/^\d{1,16}$/, 'must be a whole number')
    .transform(Number)
    .pipe(schema);

/** Of one page. */
export const limit = queryNumber(z.number().int().min(1).max(pageSize.max)).optional();
