// Training through the engine's verbs, on the plain TypeScript kernels.

import { beforeAll, describe, expect, it } from 'vitest';
import {
  freshAdapterOf,
  refOf,
  stepSettings,
  TINY_MODEL,
  tinyEngine,
  tinyExamples,
  tinyTraining,
} from '#tests/support/tiny-training.ts';
import type { Engine } from '../engine.ts';
import type { ScoredExample } from './training-host.ts';

describe('a new adapter', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await tinyEngine();
  });
  const scored = (adapter: number | null): ScoredExample[] => tinyExamples(0, 3).map((one) => ({ ...one, adapter }));

  it.each(['lora', 'rslora', 'dora'] as const)('of kind %s scores as the base does', async (kind) => {
    await engine.openTraining(tinyTraining(freshAdapterOf(kind)));
    const [base, adapted] = [await engine.scoreExamples([scored(null)]), await engine.scoreExamples([scored(0)])];
    expect(adapted).toEqual(base);
  });

  it('scores each target by the logits of the model', async () => {
    await engine.openTraining(tinyTraining(freshAdapterOf('lora')));
    const wanted: { loss: number; targets: number; hits: number }[] = [];
    for (const { ids, labels } of scored(null)) {
      const { data, vocab } = await engine.logits([...ids]);
      const score = { loss: 0, targets: 0, hits: 0 };
      labels.forEach((label, i) => {
        if (i === 0 || label < 0) return;
        const row = data.subarray((i - 1) * vocab, i * vocab);
        const greatest = Math.max(...row);
        score.loss +=
          greatest + Math.log(row.reduce((sum, value) => sum + Math.exp(value - greatest), 0)) - row[label]!;
        score.targets++;
        score.hits += +(row.indexOf(greatest) === label);
      });
      wanted.push({ ...score, loss: expect.closeTo(score.loss, 4) as number });
    }
    expect(await engine.scoreExamples([scored(null)])).toEqual(wanted);
    // What the model says itself is a hit.
    const { data, vocab } = await engine.logits([9]);
    const said = data.indexOf(Math.max(...data.subarray(0, vocab)));
    const one = { ids: [9, said], labels: [-100, said], adapter: null };
    expect(await engine.scoreExamples([[one]])).toMatchObject([{ targets: 1, hits: 1 }]);
    const none = { ids: [9], labels: [9], adapter: null };
    expect(await engine.scoreExamples([[none], [one]])).toMatchObject([{ loss: 0, targets: 0, hits: 0 }, { hits: 1 }]);
  });

  it('is a PEFT folder of the layers and modules that were asked for', async () => {
    const asked = { targets: ['q_proj', 'mlp.down_proj'], layers: [1], rank: 4 };
    const info = await engine.openTraining(tinyTraining(freshAdapterOf('dora', asked)));
    expect(info.adapters).toEqual([{ name: 'new dora', parameters: 4 * (32 + 32) + 32 + 4 * (64 + 32) + 32 }]);
    const [files] = await engine.trainedAdapters();
    const { targets, rank, kind } = await engine.loadAdapter(refOf(files!));
    expect({ targets, rank, kind }).toEqual({ targets: ['q', 'down'], rank: 4, kind: 'dora' });
    const config = JSON.parse(new TextDecoder().decode(files!.files[0]!.bytes)) as object;
    expect(config).toMatchObject({
      peft_type: 'LORA',
      ...{ r: 4, lora_alpha: 6, use_dora: true, use_rslora: false },
      ...{ target_modules: ['self_attn.q_proj', 'mlp.down_proj'], layers_to_transform: [1] },
    });
  });

  it.each([
    [{ targets: ['q_prj'] }, 'no linear layer named "q_prj"'],
    [{ layers: [2] }, 'no layer 2'],
    [{ layers: [] }, 'no linear layer to train'],
    [{ rank: 0 }, 'its rank is 0'],
    [{ alpha: NaN }, 'its alpha is NaN'],
    [{ seed: -1 }, 'its seed is -1'],
  ])('with %o is refused', async (wrong, says) => {
    await expect(engine.openTraining(tinyTraining(freshAdapterOf('lora', wrong)))).rejects.toThrow(says);
    await expect(engine.trainedAdapters()).rejects.toMatchObject({ code: 'training/closed' });
  });
});

describe('a training', () => {
  const adapters = [
    freshAdapterOf('lora'),
    freshAdapterOf('dora', { seed: 8, rank: 2 }),
    freshAdapterOf('rslora', { seed: 9, rank: 5, targets: ['o_proj', 'up_proj'] }),
  ];
  let engine: Engine;
  let otherEngine: Engine;
  beforeAll(async () => {
    [engine, otherEngine] = await Promise.all([tinyEngine(), tinyEngine()]);
  });
  /** The second adapter has no example in every other step. */
  const step = (engine: Engine, at: number) => {
    const own = adapters.flatMap((_, i) => (i === 1 && at % 2 === 0 ? [] : [tinyExamples(i, at + i)]));
    return engine.trainStep(
      own,
      adapters.map((_, i) => stepSettings(0.01 * (i + 1))),
    );
  };

  it('that was saved goes on elsewhere with the bits of one that was not interrupted', async () => {
    await engine.openTraining(tinyTraining(...adapters));
    const whole: unknown[] = [];
    for (let at = 0; at < 5; at++) whole.push(await step(engine, at));
    const wanted = await engine.trainedAdapters();

    await engine.openTraining(tinyTraining(...adapters));
    for (let at = 0; at < 3; at++) {
      expect(await step(engine, at)).toEqual(whole[at]);
      await engine.trainedAdapters();
      await engine.scoreExamples([tinyExamples(1, at)]);
    }
    const state = await engine.saveTraining();
    await otherEngine.openTraining(tinyTraining(...adapters));
    await step(otherEngine, 7);
    await otherEngine.restoreTraining(state);
    expect(await otherEngine.saveTraining()).toEqual(state);
    for (let at = 3; at < 5; at++) expect(await step(otherEngine, at)).toEqual(whole[at]);
    expect(await otherEngine.trainedAdapters()).toEqual(wanted);
  });

  it('has an adapter that answers as it was scored', async () => {
    await engine.openTraining(tinyTraining(freshAdapterOf('dora')));
    for (let at = 0; at < 4; at++) await engine.trainStep([tinyExamples(0, 1)], [stepSettings(0.05)]);
    const [{ loss, targets }] = (await engine.scoreExamples([tinyExamples(0, 1)])) as [
      { loss: number; targets: number },
    ];
    const [files] = await engine.trainedAdapters();
    const { id } = await engine.loadAdapter(refOf(files!));
    const { ids, labels } = tinyExamples(0, 1)[0]!;
    const { data, vocab } = await engine.logits(ids, [{ id, weight: 1 }]);
    const losses = labels.map((label, i) => {
      if (i === 0 || label < 0) return 0;
      const row = data.subarray((i - 1) * vocab, i * vocab);
      return Math.log(row.reduce((sum, value) => sum + Math.exp(value - row[label]!), 0));
    });
    expect(losses.reduce((sum, value) => sum + value, 0) / targets).toBeCloseTo(loss / targets, 4);

    await engine.openTraining({ ...tinyTraining(), adapters: [{ folder: refOf(files!) }] });
    const [again] = await engine.scoreExamples([tinyExamples(0, 1)]);
    expect(again!.loss).toBeCloseTo(loss, 4);
  });

  it('tells of each adapter what a step did', async () => {
    await engine.openTraining(tinyTraining(...adapters));
    expect(await step(engine, 0)).toEqual([
      { loss: expect.any(Number) as number, norm: expect.any(Number) as number, action: 'stepped' },
      { loss: NaN, norm: 0, action: 'waited' },
      { loss: expect.any(Number) as number, norm: expect.any(Number) as number, action: 'stepped' },
    ]);
  });

  it('refuses states of other trainings and damaged ones, and goes on', async () => {
    await engine.openTraining(tinyTraining(freshAdapterOf('lora')));
    const other = await engine.saveTraining();
    await engine.openTraining(tinyTraining(freshAdapterOf('lora', { rank: 4 })));
    const state = await engine.saveTraining();
    const [changed, version] = [state.slice(), state.slice()];
    changed[changed.length - 99]! ^= 1;
    version[16] = 2;
    const cases: [Uint8Array<ArrayBuffer>, string][] = [
      [other, 'another one: its adapter 1 is "new lora, lora, rank 3"'],
      [changed, 'its checksum differs'],
      [version, 'has format 2'],
      [state.slice(0, -4), 'its checksum differs'],
      [new Uint8Array(8), 'no saved training'],
      [new Uint8Array(800), 'no saved training'],
    ];
    for (const [bytes, says] of cases) await expect(engine.restoreTraining(bytes)).rejects.toThrow(says);
    expect(await engine.saveTraining()).toEqual(state);
  });

  it.each([
    [
      'too many tokens',
      [tinyExamples(0, 1), [...tinyExamples(0, 1), ...tinyExamples(0, 2), ...tinyExamples(0, 3)]],
      'Batch 2 has 6 ex',
    ],
    ['a long example', [[{ ids: [1, 2, 3, 4, 5, 6, 7], labels: [1, 2, 3, 4, 5, 6, 7], adapter: 0 }]], '7 tokens'],
    ['no example', [], 'There is no example'],
    ['an example of no adapter', [[{ ids: [1, 2], labels: [1, 2], adapter: 4 }]], 'of adapter 4'],
  ])('refuses %s', async (_, batches, says) => {
    await engine.openTraining(tinyTraining(freshAdapterOf('lora')));
    await expect(engine.trainStep(batches, [stepSettings()])).rejects.toThrow(says);
  });

  it('refuses settings that are no numbers or too few', async () => {
    await engine.openTraining(tinyTraining(freshAdapterOf('lora')));
    const one = tinyExamples(0, 1);
    await expect(engine.trainStep([one], [])).rejects.toThrow('settings for 0 adapters');
    await expect(engine.trainStep([one], [stepSettings(NaN)])).rejects.toThrow('its rate is NaN');
    await expect(engine.trainStep([one], [{ ...stepSettings(), betas: [0.9, 1] }])).rejects.toThrow('its betas');
  });

  it('ends when it is closed, when another is opened and when a model is loaded, and frees its memory', async () => {
    const ownEngine = await tinyEngine();
    const memory = async () => (await ownEngine.stats()).gpuBytes.other;
    const before = await memory();
    const closed = { code: 'training/closed' };
    const info = await ownEngine.openTraining(tinyTraining(freshAdapterOf('dora')));
    const { adapters: ofAdapters, optimizer, activations } = info.gpuBytes;
    expect((await memory()) - before).toBe(ofAdapters + optimizer + activations);
    const step = ownEngine.trainStep([tinyExamples(0, 1)], [stepSettings()]);
    // The step has begun.
    await Promise.resolve();
    await Promise.all([expect(step).rejects.toMatchObject({ code: 'core/aborted' }), ownEngine.closeTraining()]);
    expect(await memory()).toBe(before);
    await expect(ownEngine.saveTraining()).rejects.toMatchObject(closed);

    const both = [ownEngine.openTraining(tinyTraining(freshAdapterOf('dora'))), ownEngine.closeTraining()];
    await Promise.allSettled(both);
    expect(await memory()).toBe(before);

    await ownEngine.openTraining(tinyTraining(freshAdapterOf('lora')));
    await ownEngine.openTraining(tinyTraining(freshAdapterOf('lora', { rank: 1 })));
    expect((await ownEngine.trainedAdapters()).length).toBe(1);
    for await (const event of ownEngine.load({ model: TINY_MODEL, dtype: 'f32' })) void event;
    await expect(ownEngine.trainedAdapters()).rejects.toMatchObject(closed);
    expect(await memory()).toBe(before);
    await expect(
      ownEngine.openTraining(tinyTraining(freshAdapterOf('lora')), AbortSignal.abort()),
    ).rejects.toMatchObject({
      code: 'core/aborted',
    });
    await ownEngine.dispose();
    await expect(ownEngine.openTraining(tinyTraining(freshAdapterOf('lora')))).rejects.toMatchObject({
      code: 'engine/no-model',
    });
  });
});
