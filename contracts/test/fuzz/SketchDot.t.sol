// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SketchDot} from "../../src/attribution/lib/SketchDot.sol";
import {Test} from "../support/Test.sol";

contract SketchDotTest is Test {
    function vectorOf(uint256 seed) private pure returns (bytes memory vector) {
        for (uint256 i; i < 8; ++i) {
            vector = bytes.concat(vector, keccak256(abi.encode(seed, i)));
        }
    }

    function dot(bytes calldata a, bytes calldata b) external pure returns (int256) {
        return SketchDot.dot(a, b);
    }

    function testFuzz_TheProductIsThatOfSignedBytes(uint256 seed) public view {
        seed = bound(seed, 0, 1e18);
        (bytes memory a, bytes memory b) = (vectorOf(seed), vectorOf(seed + 1));
        int256 expected;
        for (uint256 i; i < 256; ++i) {
            expected += int256(int8(uint8(a[i]))) * int256(int8(uint8(b[i])));
        }
        assertTrue(this.dot(a, b) == expected, "dot");
    }

    function test_TheLargestProducts() public view {
        bytes memory low = new bytes(256);
        bytes memory high = new bytes(256);
        for (uint256 i; i < 256; ++i) {
            (low[i], high[i]) = (0x80, 0x7f);
        }
        assertTrue(this.dot(low, low) == 256 * 128 * 128, "-128 squared");
        assertTrue(this.dot(low, high) == -256 * 128 * 127, "-128 by 127");
    }
}
