/** The shop of the story: a project on a node with a dev server, a page to edit and a step that is risky. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Answers with what the page says now, and counts its starts by the ports that it got. */
const serverText = `#!${process.execPath}
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { appendFileSync } from 'node:fs';
const server = createServer(async (_request, response) => {
  response.end(await readFile('page.txt', 'utf8'));
});
server.listen(0, '127.0.0.1', () => {
  appendFileSync('starts', server.address().port + '\\n');
  console.log('ready on http://127.0.0.1:' + server.address().port);
});
`;

/** Says that it began, and ends when it is let. */
const deployText = `#!/bin/bash
echo "$1" >> deployments
while [ ! -e may-end ]; do sleep 0.1; done
echo "deployed to $1"
`;

export class Shop {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async make(home: string): Promise<Shop> {
    const shop = new Shop(join(home, 'shop'));
    await mkdir(join(shop.directory, 'old-release'), { recursive: true });
    await writeFile(shop.path('old-release/index.txt'), 'old');
    await writeFile(shop.path('page.txt'), 'Hello, wrold!\nWelcome to the shop.\n');
    for (const [name, text] of [
      ['dev-server.mjs', serverText],
      ['deploy', deployText],
    ] as const) {
      await writeFile(shop.path(name), text);
      await chmod(shop.path(name), 0o700);
    }
    return shop;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** How often its dev server was started, and what the page says that the first one serves now. */
  async server(): Promise<{ starts: number; page: string }> {
    const ports = await this.lines('starts');
    const response = await fetch(`http://127.0.0.1:${ports[0]}`);
    return { starts: ports.length, page: await response.text() };
  }

  /** Undefined: not there. */
  read(name: string): Promise<string | undefined> {
    return readFile(this.path(name), 'utf8').catch(() => undefined);
  }

  async lines(name: string): Promise<string[]> {
    return ((await this.read(name)) ?? '').split('\n').filter((line) => line !== '');
  }

  async letDeploymentEnd(): Promise<void> {
    await writeFile(this.path('may-end'), '');
  }
}
