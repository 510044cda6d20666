import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { familyOf } from '#lib/model/families/families.ts';
import { parseCatalogue } from './catalogue.ts';

describe('static/catalogue.json', () => {
  const { models, adapters } = parseCatalogue(readFileSync('static/catalogue.json', 'utf8'), 'catalogue.json');

  it('offers about forty models, small ones and known families first', () => {
    expect(models.length).toBeGreaterThanOrEqual(35);
    expect(models.map(({ tier }) => tier)).toEqual(models.map(({ tier }) => tier).sort());
    expect(new Set(models.map(({ family }) => family)).size).toBeGreaterThanOrEqual(10);
    expect(adapters.length).toBeGreaterThan(0);
  });

  it('names only types of models that the engine computes', () => {
    const unknown = models.filter(({ modelType }) => modelType !== undefined && !familyOf(modelType));
    expect(unknown).toEqual([]);
  });

  it('has no size of weights that could not hold the parameters', () => {
    const odd = models.filter(({ parameters, weightBytes }) => parameters && weightBytes && weightBytes < parameters);
    expect(odd).toEqual([]);
  });
});

describe('an entry', () => {
  const model = { repo: 'owner/name', family: 'LLaMA', tier: 1 };
  const parse = (models: unknown, adapters: unknown = []) =>
    parseCatalogue(JSON.stringify({ models, adapters }), 'c.json');

  it('may leave out what is not certain', () => {
    expect(parse([model]).models).toEqual([model]);
    expect(parse([model], [{ repo: 'a/b', base: 'owner/name' }]).adapters).toHaveLength(1);
  });

  test.each<[string, unknown, unknown, RegExp]>([
    ['no list', {}, [], /"models" is no list/],
    ['a text', ['x'], [], /models\[0\] is no object/],
    ['no repo', [{ ...model, repo: undefined }], [], /models\[0\] has no "repo"/],
    ['a repo that is none', [{ ...model, repo: '../x' }], [], /models\[0\]\.repo cannot be/],
    ['a repo with a revision', [{ ...model, repo: 'owner/name@v1' }], [], /models\[0\]\.repo cannot be/],
    ['another tier', [{ ...model, tier: 4 }], [], /models\[0\]\.tier cannot be 4/],
    ['a size below one', [{ ...model, weightBytes: 0 }], [], /models\[0\]\.weightBytes cannot be 0/],
    ['a size as text', [{ ...model, parameters: '7' }], [], /models\[0\]\.parameters cannot be "7"/],
    ['a field that is not known', [{ ...model, size: 1 }], [], /a field "size", which is not known/],
    [
      'a field of the prototype',
      [JSON.parse('{"repo":"o/n","family":"x","tier":1,"constructor":1}')],
      [],
      /"constructor"/,
    ],
    ['one model twice', [model, model], [], /models\[1\] names owner\/name again/],
    ['an adapter of no model here', [model], [{ repo: 'a/b', base: 'c/d' }], /adapters\[0\]\.base names c\/d/],
  ])('with %s is refused with its place', (_, models, adapters, message) => {
    expect(() => parse(models, adapters)).toThrow(message);
  });
});
