/** Names, titles and output that mean harm stay text (A8). */
import { createSession, readHistory, until } from '@navisai/testkit';
import { expect, test } from 'vitest';
import { useBrowserHub } from './browser-hub.fixture.ts';
import { openWebDevice, pairWebDevice } from './web-device.fixture.ts';
import type { WebDevice } from './web-device.fixture.ts';

const place = useBrowserHub();
const markup = '<img src=x onerror="window.wasHacked=1"><script>window.wasHacked=1</script>';
const reversed = 'safe\u202eexe.txt';

const wasHacked = (device: WebDevice): Promise<boolean> =>
  device.page.evaluate(() => (window as { wasHacked?: number }).wasHacked === 1);

test('A8: hostile titles, descriptions, commands and device names are shown as text everywhere', async () => {
  const { hub, browser } = place;
  const { api } = hub.host;
  await using device = await pairWebDevice(browser, hub, { name: `${markup.slice(0, 40)}` });
  const session = await api.createSession({ body: { title: `${markup} ${reversed}` } });
  const title = `\\033]0;${markup}\\007`;
  const opened = await api.callTool({
    params: { id: session.id, tool: 'terminal' },
    body: {
      action: 'open',
      terminal_name: 'hostile',
      command: `printf '${title}'; echo '${markup}'; sleep 1000`,
      description: `${markup} ${reversed} \u001b[31m`,
      background: true,
    },
  });
  expect(opened.success).toBe(true);
  const { terminals } = await api.session({ params: { id: session.id } });
  const id = terminals[0]?.id ?? '';
  await device.goTo('/');
  const main = device.page.getByRole('main');
  await main.getByText(markup.slice(0, 20)).first().waitFor();
  const text = (await main.textContent()) ?? '';
  expect(text).toContain('<script>');
  expect(text).not.toContain('\u202e');
  expect(text).not.toContain('\u001b');
  await device.page.keyboard.press('Control+k');
  await device.page.getByRole('combobox').fill('hostile');
  await device.page.keyboard.press('Enter');
  await device.stage.waitFor();
  await device.page.getByText('<img src=x').first().waitFor();
  await device.goTo('/settings/devices');
  await device.page.getByText('<img src=x').first().waitFor();
  await device.goTo(`/terminal/${id}`);
  await device.stage.waitFor();
  expect(await wasHacked(device)).toBe(false);
  expect(device.complaints).toEqual([]);
});

test('A8: a hostile name in a pairing request stays text on the approving device', async () => {
  const { hub, browser } = place;
  await using admin = await pairWebDevice(browser, hub);
  await using stranger = await openWebDevice(browser, hub);
  const { token } = await hub.host.api.openPairing({ body: { scope: 'viewer' } });
  await stranger.goTo(`/pair#${token}`);
  await stranger.page.getByLabel('Name of this device').fill('<b onclick=alert(1)>Bob</b>');
  await stranger.page.getByRole('button', { name: 'Continue' }).click();
  await admin.page.getByRole('heading', { name: '<b onclick=alert(1)>Bob</b> wants to be paired' }).waitFor();
  await admin.page.getByRole('button', { name: 'Reject' }).click();
  await stranger.page.getByRole('heading', { name: 'Pairing was rejected' }).waitFor();
});

test('A8: the page runs under a strict policy: no inline script, no foreign address, no frame', async () => {
  const { hub, browser } = place;
  await using device = await openWebDevice(browser, hub);
  const response = await device.page.goto(hub.origin);
  const policy = response?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/script-src[^;]*('unsafe-inline'|'unsafe-eval'|\*|https:)/);
  expect(policy).toContain("frame-ancestors 'none'");
  const outcome = await device.page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.wasHacked = 1';
    document.body.append(script);
    const fetched = await fetch('https://example.com/').catch(() => 'blocked');
    return { fetched, wasHacked: (window as { wasHacked?: number }).wasHacked };
  });
  expect(outcome).toEqual({ fetched: 'blocked', wasHacked: undefined });
});

test('A8: an address in plain sight opens in a window that knows nothing of this one; a hidden one asks first', async () => {
  const { hub, browser } = place;
  const { api } = hub.host;
  await using device = await pairWebDevice(browser, hub);
  const hidden = `\\033]8;;https://evil.example/\\033\\\\good.example\\033]8;;\\033\\\\`;
  const id = await createSession(api);
  const body = {
    action: 'open',
    terminal_name: 'links',
    description: 'links',
    command: `clear; printf '${hidden}\\n'; sleep 1000`,
    background: true,
  };
  await api.callTool({ params: { id, tool: 'terminal' }, body });
  const { terminals } = await api.session({ params: { id } });
  const terminal = { id: terminals[0]?.id ?? '', sessionId: id };
  await device.openTerminal(terminal);
  await until('the link is drawn', async () => {
    const bytes = await readHistory(api, terminal);
    return bytes.includes('good.example') && (await device.offset()) === bytes.length;
  });
  const screen = await device.stage.locator('.xterm-screen').first().boundingBox();
  await until('the link asks', async () => {
    await device.page.mouse.move((screen?.x ?? 0) + 30, (screen?.y ?? 0) + 8);
    await device.page.mouse.move((screen?.x ?? 0) + 34, (screen?.y ?? 0) + 9);
    await device.page.mouse.click((screen?.x ?? 0) + 34, (screen?.y ?? 0) + 9);
    return device.page.getByRole('dialog', { name: 'Open this link?' }).isVisible();
  });
  await device.page.getByText('https://evil.example/').waitFor();
});
