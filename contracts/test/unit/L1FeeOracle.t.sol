// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LibZip} from "solady/utils/LibZip.sol";
import {L1FeeOracle} from "../../src/devnet/L1FeeOracle.sol";
import {Test} from "../support/Test.sol";

contract L1FeeOracleTest is Test {
    L1FeeOracle private oracle = new L1FeeOracle();
    /// @dev 16 * 5227 * 1 gwei + 1,014,213 * 0.01 gwei.
    uint256 private constant SCALED = 83_632e9 + 10_142_130_000_000;

    function test_ASmallTransactionPaysForAHundredBytes() public view {
        assertEq(oracle.getL1Fee(hex"02"), 100 * SCALED / 1e6, "fee");
        assertEq(oracle.getL1GasUsed(hex"02"), 1600, "gas");
    }

    function test_ALargeOneByTheFormula() public view {
        bytes memory random = noise(1000);
        uint256 packed = LibZip.flzCompress(random).length + 68;
        uint256 sizeE6 = 836_500 * packed - 42_585_600;
        assertTrue(sizeE6 > 100e6, "beyond the least");
        assertEq(oracle.getL1Fee(random), sizeE6 * SCALED / 1e12, "fee");
        assertEq(oracle.getL1GasUsed(random), sizeE6 * 16 / 1e6, "gas");
    }

    function test_RepetitionIsCheap() public view {
        assertLe(oracle.getL1Fee(new bytes(5000)), 120 * SCALED / 1e6, "zeros");
    }

    function testFuzz_TheBoundHolds(bytes calldata any) public view {
        assertLe(oracle.getL1Fee(any), oracle.getL1FeeUpperBound(any.length), "bound");
    }

    function test_WhatTheChainsOwnOracleSays() public view {
        assertEq(oracle.decimals(), 6, "decimals");
        assertEq(oracle.l1BaseFee(), 1e9, "l1");
        assertEq(oracle.blobBaseFee(), 1e7, "blob");
        assertEq(oracle.baseFeeScalar(), 5227, "scalar");
        assertEq(oracle.blobBaseFeeScalar(), 1_014_213, "blob scalar");
        assertEq(oracle.getOperatorFee(1e6), 0, "operator");
        assertTrue(oracle.isEcotone() && oracle.isFjord() && oracle.isIsthmus(), "upgrades");
        assertEq(oracle.gasPrice(), block.basefee, "gas price");
        assertEq(oracle.baseFee(), block.basefee, "base fee");
    }

    function noise(uint256 words) private pure returns (bytes memory random) {
        for (uint256 i; i < words / 32; ++i) {
            random = abi.encodePacked(random, keccak256(abi.encode(i)));
        }
    }
}
