import { expect, it } from 'vitest';
import { solidityOperators } from './solidity-operators.ts';

const SOURCE = `contract C {
    /// @notice a + b is no code.
    function part(uint256 a, uint256 b) internal pure returns (uint256 sum) {
        if (a == 0 || a * 2 >= b) return add(a, b); // a < b
        string memory text = "a - b";
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, a) { i := add(i, 1) } {
                sum := shr(1, b)
            }
        }
        sum += a - b - 1;
    }
}
`;

it('swaps each operator once, and none in comments, strings or calls', () => {
  const mutants = solidityOperators(SOURCE);
  expect(mutants.map(({ line, dropped }) => `${line} ${dropped.split(' in ')[0]}`)).toEqual([
    '4 == for !=',
    '4 || for &&',
    '4 * for /',
    '4 >= for >',
    '7 lt for gt',
    '7 add for sub',
    '8 shr for shl',
    '11 += for -=',
    '11 - for +',
    '11 - for +',
  ]);
  expect(new Set(mutants.map(({ source }) => source)).size).toBe(mutants.length);
  expect(mutants.at(-1)!.source).toContain('sum += a - b + 1;');
  expect(mutants[1]!.source).toContain('if (a == 0 && a * 2 >= b) return add(a, b); // a < b');
  expect(mutants[5]!.source).toContain('i := sub(i, 1)');
});
