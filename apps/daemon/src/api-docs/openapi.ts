/** The API as OpenAPI 3.1, generated from the route table, the tools and the events (I7). */
import {
  clientMessageSchema,
  errorTable,
  eventDataSchemas,
  type Route,
  routes,
  socketPath,
  terminalToolSchema,
} from '@navisai/protocol';
import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

export interface OpenApi extends Record<string, unknown> {
  paths: Record<string, Record<string, unknown>>;
}

/** Types that JSON Schema has no word for describe themselves as `{}`: bytes, and what is not sent. */
export const jsonSchemaOf = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const described = Object.entries(z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema);
  return Object.fromEntries(described.filter(([key]) => key !== '$schema'));
};

export const isNothing = (schema: z.ZodType): boolean =>
  schema.safeParse(undefined).success && !schema.safeParse({}).success;

export const describeOpenApi = (version: string): OpenApi => ({
  openapi: '3.1.0',
  info: {
    title: 'Navis',
    version,
    description: `Control of terminals and agents. Streams travel over the WebSocket ${socketPath}; its messages and events are among the schemas.`,
  },
  paths: describePaths(),
  components: {
    securitySchemes: {
      device: {
        type: 'apiKey',
        in: 'header',
        name: 'Authorization',
        description: 'Navis deviceId="…",timestamp="…",nonce="…",signature="…": an Ed25519 signature of this request.',
      },
    },
    schemas: {
      Error: errorSchema,
      TerminalArguments: jsonSchemaOf(terminalToolSchema, 'input'),
      ClientMessage: jsonSchemaOf(clientMessageSchema, 'input'),
      ...Object.fromEntries(
        Object.entries(eventDataSchemas).map(([type, schema]) => [`event.${type}`, jsonSchemaOf(schema, 'output')]),
      ),
    },
  },
});

const errorSchema: JsonSchema = {
  type: 'object',
  properties: {
    code: { type: 'string', enum: Object.keys(errorTable) },
    message: { type: 'string' },
    field: { type: 'string' },
  },
  required: ['code', 'message'],
};

const describePaths = (): OpenApi['paths'] => {
  const paths: OpenApi['paths'] = {};
  for (const [name, route] of Object.entries<Route>(routes)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(name, route) };
  }
  return paths;
};

const describeRoute = (name: string, route: Route): JsonSchema => ({
  operationId: name,
  summary: route.summary,
  tags: [route.path.split('/')[1] ?? ''],
  'x-access': route.access,
  security: route.access === 'public' ? [] : [{ device: [] }],
  parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
  ...(isNothing(route.body) ? {} : { requestBody: requestBodyOf(name, route) }),
  responses: {
    ...(isNothing(route.response) ? { 204: { description: 'Done.' } } : { 200: answerOf(route) }),
    default: {
      description: 'What went wrong.',
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    },
  },
});

const requestBodyOf = (name: string, route: Route): JsonSchema => {
  const schema =
    name === 'callTool' ? { $ref: '#/components/schemas/TerminalArguments' } : jsonSchemaOf(route.body, 'input');
  return { content: { 'application/json': { schema } } };
};

const answerOf = (route: Route): JsonSchema => ({
  description: 'Done.',
  content: { [route.contentType ?? 'application/json']: { schema: jsonSchemaOf(route.response, 'output') } },
});

const parametersOf = (schema: z.ZodType, place: 'path' | 'query'): JsonSchema[] => {
  const { properties = {}, required = [] } = jsonSchemaOf(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, described]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: described,
  }));
};
