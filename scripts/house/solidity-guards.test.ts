import { describe, expect, it } from 'vitest';
import { readingFunctions, solidityGuards } from './solidity-guards.ts';

const SOURCE = `contract C {
    function act(uint256 a) external nonReentrant onlyOwner(a) {
        if (a == 0 || (a > 5 || a == 3)) revert Bad(a);
        if (a == 7) {
            revert Worse();
        }
        require(a != 9, "nine");
        _check(a);
        uint256 seen = _look(a);
        other.inner.verify(_look(a), a);
        change(a);
        if (a == 8) a = 1;
    }

    function _check(uint256 a) private pure {
        if (a == 2) revert Bad(a);
    }

    function _look(uint256 a) internal view returns (uint256) {}

    function change(uint256 a) public {}
}`;

describe('guards of a Solidity source', () => {
  const mutants = solidityGuards(SOURCE, new Set([...readingFunctions(SOURCE), 'verify']));

  it('finds functions that can only revert', () => {
    expect(readingFunctions(SOURCE)).toEqual(['_check', '_look']);
  });

  it('drops each guard, part, modifier and checking call once, and nothing else', () => {
    expect(mutants.map(({ line, dropped }) => `${line} ${dropped}`)).toEqual([
      '2 modifier nonReentrant',
      '2 modifier onlyOwner(a)',
      '3 if (a == 0 || (a > 5 || a == 3)) revert Bad(a);',
      '3 || a == 0',
      '3 || (a > 5 || a == 3)',
      '4 if (a == 7) { revert Worse(); }',
      '7 require(a != 9, "nine");',
      '8 _check(a);',
      '10 other.inner.verify(_look(a), a);',
      '16 if (a == 2) revert Bad(a);',
    ]);
  });

  it('leaves the rest unchanged', () => {
    for (const { source } of mutants) expect(SOURCE.length - source.length).toBeGreaterThan(5);
    expect(mutants[1]!.source).toContain('external nonReentrant  {');
    expect(mutants[3]!.source).toContain('if ( (a > 5 || a == 3)) revert Bad(a);');
    expect(mutants[7]!.source).not.toContain('_check(a);');
  });
});
