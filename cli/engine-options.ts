// The options that all commands with an engine share, and the engine that they open: model, adapters, weight format, device.

import type { AdapterUse, Engine, LoadRequest, ModelInfo } from '#lib/engine/engine.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { OptionTypes, OptionValues } from './command.ts';
import { UsageError } from './errors.ts';
import { findModel, isDirectory, requireAdapter } from './input-files.ts';
import { findRegistered, isRegisteredName, isWholeName } from './model/registered-notes.ts';
import { isPulledName } from './pulled-models.ts';
import { createNodeHost } from '#node/host.ts';
import * as option from './option-values.ts';

export const ENGINE_OPTIONS = {
  model: { type: 'string' },
  adapter: { type: 'string', multiple: true },
  dtype: { type: 'string' },
  cache: { type: 'string' },
  device: { type: 'string' },
  limits: { type: 'string' },
  context: { type: 'string' },
} satisfies OptionTypes;

export const ENGINE_HELP = `  --model DIR            directory with config.json and weights (safetensors or pytorch_model.bin), a GGUF file, or "nano"
                         or hub:OWNER/NAME[@REVISION], ipfs:CID, https://… or model:ID[@VERSION], which payable pull fetched before;
                         a registered model is its base with its adapter
  --adapter DIR[:SCALE]  PEFT adapter directory, GGUF adapter file, or the name of one that was pulled; may be repeated; SCALE 1 applies
                         it as trained
  --dtype f32|f16|q8|q4  how weights are kept (default f32)
  --cache f32|f16|i8     how keys and values are kept (default f32 beside weights in f32, else f16)
  --device auto|reference
                         reference computes in plain TypeScript, without a GPU (default auto)
  --limits best|default  default keeps to what every WebGPU device must offer
  --context N            longest sequence in tokens; beyond the model's own, answers may get worse (default: its own, at most 4096)`;

/** The parsed options, checked against the disk but not yet opened. */
export interface EngineChoice {
  request: LoadRequest;
  device: 'auto' | 'reference';
  adapters: { path: string; weight: number }[];
}

export interface OpenEngine {
  engine: Engine;
  model: ModelInfo;
  /** The adapters of the command line. */
  uses: AdapterUse[];
  /** For lines beside the command's output. */
  log(line: string): void;
}

export function chooseEngine(values: OptionValues): EngineChoice {
  const contextLength = option.whole(values, 'context', 1, 2 ** 24);
  const limits = option.oneOf(values, 'limits', ['best', 'default'], 'best');
  const model = option.required(values, 'model', 'a model directory');
  return {
    request: {
      model: { kind: 'directory', path: findModel(model) },
      dtype: option.oneOf(values, 'dtype', ['f32', 'f16', 'q8', 'q4'], 'f32'),
      limits,
      ...(values['cache'] !== undefined && { cache: option.oneOf(values, 'cache', ['f32', 'f16', 'i8'], 'f32') }),
      ...(contextLength !== undefined && { contextLength }),
    },
    device: option.oneOf(values, 'device', ['auto', 'reference'], 'auto'),
    adapters: [...ownAdapter(model), ...option.list(values, 'adapter').map(adapterOption)],
  };
}

/** A registered model is applied as it was trained. */
const ownAdapter = (model: string): EngineChoice['adapters'] =>
  isRegisteredName(model) && findRegistered(model).adapter !== null
    ? [{ path: requireAdapter(model, 'a registered adapter'), weight: 1 }]
    : [];

/** DIR or DIR:SCALE. A directory whose name ends like a scale is that directory. */
function adapterOption(value: string): { path: string; weight: number } {
  // A name of what was pulled holds colons of its own.
  const split = isRegisteredName(value)
    ? /^(model:(?:\d{1,16}:)?\d{1,16}(?:@\d{1,9})?):(-?\d{0,20}[.]?\d{1,20})$/.exec(value)
    : isPulledName(value)
      ? /^(.+):(-?\d[\d.]{0,20})$/.exec(value)
      : /^(.+):([^:/\\]*)$/.exec(value);
  if (!split || isDirectory(value) || (isRegisteredName(value) && isWholeName(value)))
    return { path: requireAdapter(value, 'a PEFT adapter directory after --adapter'), weight: 1 };
  const weight = split[2] === '' ? NaN : Number(split[2]);
  if (!Number.isFinite(weight))
    throw new UsageError(
      `Option --adapter has the scale "${split[2]}".`,
      'Write DIR or DIR:SCALE, like adapters/legal:0.5.',
    );
  return { path: requireAdapter(split[1]!, 'a PEFT adapter directory after --adapter'), weight };
}

/** Opens device, model and adapters. The caller disposes the engine. */
export async function openEngine(choice: EngineChoice, signal: AbortSignal): Promise<OpenEngine> {
  const host = await createNodeHost(choice.device);
  const engine = createEngine(host);
  let model: ModelInfo | null = null;
  for await (const event of engine.load(choice.request, signal)) if (event.type === 'ready') model = event.model;
  if (!model) throw new Error('the engine ended loading without a model');
  const uses: AdapterUse[] = [];
  for (const { path, weight } of choice.adapters) {
    const { id } = await engine.loadAdapter({ kind: 'directory', path });
    uses.push({ id, weight });
  }
  if (model.device.kind === 'reference' && choice.device === 'auto') {
    host.log('No GPU was found; computing with the reference kernels in plain TypeScript, which is slow.');
  }
  return { engine, model, uses, log: host.log };
}

export const deviceName = ({ device }: ModelInfo): string =>
  device.kind === 'reference'
    ? 'reference'
    : [device.vendor, device.architecture, device.description].filter(Boolean).join(' ') || 'webgpu';
