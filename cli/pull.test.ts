// `payable pull` as a user runs it, against a hub on this machine: fetched, used without the hub, resumed after a kill.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { modelPath } from '#tests/support/fixtures.ts';
import { memoryNode } from '#tests/support/ipfs-node.ts';
import { serveBlocks } from '#tests/support/block-gateway.ts';
import { addFolder } from '#lib/ipfs/add-files.ts';
import { COMMIT, serveHub, type HubServer } from '#tests/support/hub-server.ts';
import { payable } from '#tests/support/payable-command.ts';

const CID = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';
const TOKEN = 'hf_secretsecretsecret';
const golden = modelPath('llama3');
const model = Object.fromEntries(
  readdirSync(golden, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^(expected|logits)/.test(entry.name))
    .map(({ name }) => [name, new Uint8Array(readFileSync(join(golden, name)))]),
);
const bytesOf = (name: string) => new Uint8Array(readFileSync(join(modelPath('../formats'), name)));
const partOf = (number: number) => `llama-parts-0000${number}-of-00003.gguf`;
const ggufs = {
  'Tiny-Q4_K_M.gguf': bytesOf('qwen3-q.gguf'),
  ...Object.fromEntries([1, 2, 3].map((number) => [`q8/${partOf(number)}`, bytesOf(partOf(number))])),
};
/** Four chunks. */
const long = new Uint8Array(26 << 20);
new Uint32Array(long.buffer).forEach((_, at, words) => (words[at] = Math.imul(at, 0x9e37_79b1)));
let server: HubServer;
let home: string;
beforeAll(async () => {
  server = await serveHub({
    'owner/tiny': { files: model },
    'owner/ggufs': { files: ggufs },
    'owner/gated': { files: model, gate: TOKEN },
    'owner/long': { files: { 'model.safetensors': long } },
  });
});
afterAll(() => server.close());
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'payable-pull-'));
  vi.stubEnv('PAYABLE_MODELS', home);
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  vi.stubEnv('HF_TOKEN', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

it('fetches a model that generate then uses without the hub', async () => {
  const { code, out, lines } = await payable('pull', 'owner/tiny');
  expect([lines, code]).toEqual([[], 0]);
  expect(out).toContain(`owner/tiny at ${COMMIT}`);
  expect(out).toContain('model.safetensors: checked');

  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1');
  const options = ['--ids', '1,2,3', '--max-tokens', '4', '--device', 'reference', '--json'];
  const pulled = await payable('generate', '--model', 'hub:owner/tiny', ...options);
  const direct = await payable('generate', '--model', golden, ...options);
  expect(pulled.code).toBe(0);
  const idsOf = ({ out: json }: { out: string }) => (JSON.parse(json) as { ids: number[] }).ids;
  expect(idsOf(pulled)).toEqual(idsOf(direct));
  expect((await payable('generate', '--model', `hub:owner/tiny@${COMMIT}`, ...options)).code).toBe(0);
});

it('fetches one GGUF file of several, in parts or not, that generate then uses', async () => {
  const checked = await payable('pull', 'owner/ggufs:llama-parts', '--check', '--context', '64');
  expect([checked.lines, checked.code]).toEqual([[], 0]);
  const options = ['--ids', '1,2,3', '--max-tokens', '2', '--device', 'reference', '--json'];
  for (const [name, file] of [
    ['owner/ggufs', 'Tiny-Q4_K_M.gguf'],
    ['owner/ggufs:llama-parts', `q8/${partOf(1)}`],
  ] as const) {
    const { lines, code, out } = await payable('pull', name, '--json');
    expect([lines, code]).toEqual([[], 0]);
    const { directory, model } = JSON.parse(out) as { directory: string; model: string };
    expect(model).toBe(join(directory, file));
    expect(await payable('generate', '--model', `hub:${name}`, ...options)).toMatchObject({ code: 0, lines: [] });
  }
  expect((await payable('pull', 'owner/ggufs:Q2_K')).lines.join(' ')).toContain('It has Q4_K_M, llama-parts.');
});

it('fetches nothing the second time', async () => {
  await payable('pull', 'owner/tiny');
  server.requests.length = 0;
  const { out } = await payable('pull', 'owner/tiny', '--json');
  expect(JSON.parse(out)).toMatchObject({
    repo: 'owner/tiny',
    commit: COMMIT,
    directory: join(home, 'owner--tiny', COMMIT),
  });
  expect(server.requests.filter(({ url }) => url.includes('/resolve/'))).toEqual([]);
});

it('fetches a model from IPFS through a gateway, which generate then uses without it', async () => {
  const node = await memoryNode();
  const add = (folder: string, names: string[]) =>
    addFolder(
      node,
      names.map((path) => ({ path, content: new Uint8Array(readFileSync(join(folder, path))) })),
    ).then(String);
  const root = await add(golden, ['config.json', 'model.safetensors']);
  const adapter = await add(join(golden, 'lora'), ['adapter_config.json', 'adapter_model.safetensors']);
  const gateway = await serveBlocks(node);
  const pulled = await payable('pull', `ipfs:${root}`, '--gateway', gateway.url, '--json');
  expect((await payable('pull', `ipfs:${adapter}`, '--gateway', gateway.url)).code).toBe(0);
  await gateway.close();
  expect([pulled.lines, pulled.code]).toEqual([[], 0]);
  expect(JSON.parse(pulled.out)).toMatchObject({ repo: `ipfs:${root}`, commit: root, files: 2 });
  const options = ['--ids', '1,2,3', '--max-tokens', '2', '--device', 'reference', '--json'];
  expect((await payable('generate', '--model', `ipfs:${root}`, ...options)).code).toBe(0);
  const applied = ['--adapter', `ipfs:${adapter}:0.5`];
  expect(await payable('generate', '--model', `ipfs://${root}`, ...applied, ...options)).toMatchObject({
    code: 0,
    lines: [],
  });
});

it('fetches a file at an address, which generate then uses without its server', async () => {
  const address = `${server.endpoint}/owner/ggufs/resolve/${COMMIT}/Tiny-Q4_K_M.gguf`;
  expect((await payable('pull', address)).lines).toEqual([]);
  const options = ['--ids', '1,2,3', '--max-tokens', '2', '--device', 'reference', '--json'];
  server.requests.length = 0;
  expect(await payable('generate', '--model', address, ...options)).toMatchObject({ code: 0, lines: [] });
  expect(server.requests).toEqual([]);
});

it('says what a model would take, and fetches no weights', async () => {
  const { code, out } = await payable('pull', 'owner/tiny', '--check', '--context', '64');
  expect(code).toBe(0);
  expect(out).toMatch(/^owner\/tiny at c0ffee0+: [\d.]+ kB to download\n/);
  expect(out.match(/^(?:f32|f16|q8|q4) .*contexts of 64 tokens: weights/gm)).toHaveLength(4);
  const { formats } = JSON.parse((await payable('pull', 'owner/tiny', '--check', '--json')).out) as {
    formats: object[];
  };
  expect(formats).toHaveLength(4);
  expect(readdirSync(home)).toEqual([]);
});

it('goes on after its process was killed', async () => {
  const to = join(home, 'long');
  // The command itself needs Vite for its kernels; a plain process runs what it calls.
  const program = `
    import { createHub } from '#lib/files/hub/hub.ts';
    import { parseRepo } from '#lib/files/parse-repo.ts';
    import { pullModel } from '#lib/flows/pull-model.ts';
    import { createDiskChunkStore } from '#node/disk-chunk-store.ts';
    import { createTransferHost } from '#node/transfer-host.ts';
    const host = createTransferHost();
    const hub = createHub({ host, endpoint: process.env.HF_ENDPOINT });
    const context = { source: hub, now: () => host.now(), openStore: () => createDiskChunkStore(process.argv[1]) };
    const input = { repo: parseRepo('owner/long') };
    for await (const _ of pullModel(context, input, { signal: new AbortController().signal }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, to], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const journal = join(to, '.payable-pull', 'journal');
  await vi.waitUntil(() => noted(journal) >= 2, { interval: 2, timeout: 15_000 });
  child.kill('SIGKILL');
  await ended;
  const before = noted(journal);
  server.requests.length = 0;
  const { code, out } = await payable('pull', 'owner/long', '--to', to);
  expect(code).toBe(0);
  expect(readFileSync(join(to, 'model.safetensors')).equals(long)).toBe(true);
  // Of four chunks, those that were noted are not fetched again.
  expect(server.requests.filter(({ server: at }) => at === 'cdn')).toHaveLength(4 - before);
  expect(out).toContain('are here already');
});

const noted = (journal: string): number => {
  try {
    return readFileSync(journal, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('part ')).length;
  } catch {
    return 0;
  }
};

it('says where to accept a licence, and uses HF_TOKEN without printing it', async () => {
  const closed = await payable('pull', 'owner/gated');
  expect(closed.code).toBe(1);
  expect(closed.lines).toEqual([expect.stringContaining(`Accept the licence at ${server.endpoint}/owner/gated`)]);
  vi.stubEnv('HF_TOKEN', TOKEN);
  const opened = await payable('pull', 'owner/gated');
  expect(opened.code).toBe(0);
  expect(opened.out).not.toContain(TOKEN);
});

it('leaves a file alone that it did not put there', async () => {
  const to = join(home, 'mine');
  mkdirSync(to);
  writeFileSync(join(to, 'config.json'), '{"mine":true}');
  const { code, lines } = await payable('pull', 'owner/tiny', '--to', to);
  expect(code).toBe(1);
  expect(lines[0]).toContain('Another file named "config.json" is already there.');
  expect(readFileSync(join(to, 'config.json'), 'utf8')).toBe('{"mine":true}');
});

it.each([
  [['pull'], /no model to fetch/],
  [['pull', 'gpt2'], /does not name an owner and a model/],
  [['pull', 'owner/none'], /no repository owner\/none/],
  [['pull', 'owner/tiny', '--file', '../x'], /there is no file "\.\.\/x"/],
  [['generate', '--model', 'hub:owner/other', '--prompt', 'x'], /Fetch it first: payable pull owner\/other/],
  [['generate', '--model', `ipfs:${CID}`, '--prompt', 'x'], /Fetch it first: payable pull ipfs:/],
  [['pull', 'http://example.org/x.gguf'], /begins with https/],
  [['generate', '--model', 'hub:../..', '--prompt', 'x'], /no name of a model/],
])('%j is refused in one line', async (args, message) => {
  const { code, lines } = await payable(...args);
  expect(code).toBe(1);
  expect(lines).toEqual([expect.stringMatching(message)]);
});
