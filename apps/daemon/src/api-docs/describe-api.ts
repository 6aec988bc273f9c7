/** The API's description, made once when somebody asks for it (I7). */
import { describeOpenApi, type OpenApi } from './openapi.ts';
import { describePage } from './page.ts';

export interface ApiDescription {
  page: string;
  openapi: OpenApi;
}

export const describeApi = (version: string): ApiDescription => ({
  page: describePage(version),
  openapi: describeOpenApi(version),
});
