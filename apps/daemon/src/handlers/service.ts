/** Routes about the hub itself: status, CA, documentation, logs, shutdown. */
import type { Handlers } from '../http/handler.types.ts';
import type { Hub } from '../hub.ts';

export type ServiceHandlers = Pick<Handlers, 'status' | 'caCertificate' | 'docs' | 'openapi' | 'logs' | 'shutdown'>;

export interface ServiceParts {
  hub: Hub;
  caCertificate: string;
  /** Made on first use. */
  apiDocs: () => Promise<{ page: string; openapi: Record<string, unknown> }>;
  readLogs(tail: number): string[];
  /** Begins the shutdown after the answer was sent. */
  stop(how: { keep: boolean }): void;
}

const defaultTail = 200;

export const serviceHandlers = ({ hub, caCertificate, apiDocs, readLogs, stop }: ServiceParts): ServiceHandlers => ({
  status: () => hub.status(),
  caCertificate: () => caCertificate,
  docs: async (call) => {
    call.header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    return (await apiDocs()).page;
  },
  openapi: async () => (await apiDocs()).openapi,
  logs: ({ query }) => ({ lines: readLogs(query.tail ?? defaultTail) }),
  shutdown: ({ body }) => {
    const running = hub.machine.main.terminals().filter(({ status }) => status === 'busy');
    stop({ keep: body.keep ?? false });
    return { stopping: true, terminals: running.map(({ name }) => name) };
  },
});
