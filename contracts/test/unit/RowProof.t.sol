// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Test} from "../support/Test.sol";

/// @notice Rows of a Datanet are proven by OpenZeppelin's library alone: the leaf is the sha256 of the canonical row, the
/// tree is that of src/lib/core/row-tree.ts.
contract RowProofTest is Test {
    /// @dev Row "row-123" of 200 rows in three shards; src/lib/dataset/versions.test.ts makes the same.
    string private constant ROW = '{"id":"row-123","text":"Row 123"}';
    bytes32 private constant ROOT = 0xc018c593426646c83697f72c23b9915555908d26b3f824394b424d23ee47751d;

    function siblingsOfRow() private pure returns (bytes32[] memory siblings) {
        siblings = new bytes32[](8);
        siblings[0] = 0x4e4c48b6241ad2193d920ae012f6fa547c86e568c27b6320a83103335f747314;
        siblings[1] = 0xfd88e8eb9239e797ef67f2f1570694534005d972095fd0f3e2c2e3f791a6db54;
        siblings[2] = 0x0273581bed9243fc1854a39ff7f13e7cfbba5044baa31323eadaa9c1e0a58aa8;
        siblings[3] = 0xb35a9b5fa6a3eaca1799e575f01059c698ae48b9eb65f261a57e92a82cf81e46;
        siblings[4] = 0x9a176526800d6c60dfddf5cead96c9c70923bcca3a1acd21ba369d0091633c32;
        siblings[5] = 0x7c7c57b9f4a03496bb938f5b5c30c1903af73b550921196f840d98be37c47de1;
        siblings[6] = 0x0ce9c248b86dd67fe74ed2a5622667da7526164e3adcb0c49d283142925662fd;
        siblings[7] = 0xac2117fa42a4d56b8def58d0a6b64eab1f5e0ba1b7f7c3b56771cb77880468ba;
    }

    function test_ARowOfAPackedVersionProves() public pure {
        assertTrue(MerkleProof.verify(siblingsOfRow(), ROOT, sha256(bytes(ROW))), "row");
        assertTrue(!MerkleProof.verify(siblingsOfRow(), ROOT, sha256('{"id":"row-123","text":"Row 124"}')), "other row");
        assertTrue(!MerkleProof.verify(siblingsOfRow(), keccak256(bytes(ROW)), sha256(bytes(ROW))), "other root");
    }

    function testFuzz_EveryRowProvesAndNothingElse(uint256 seed, uint256 count, uint256 index) public pure {
        count = bound(count, 1, 70);
        index = bound(index, 0, count - 1);
        bytes32[] memory level = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            level[i] = sha256(abi.encode(seed, i));
        }
        bytes32 leaf = level[index];
        bytes32[] memory siblings = new bytes32[](0);
        while (level.length > 1) {
            if (index ^ 1 < level.length) siblings = append(siblings, level[index ^ 1]);
            level = above(level);
            index >>= 1;
        }
        assertTrue(MerkleProof.verify(siblings, level[0], leaf), "leaf");
        assertTrue(!MerkleProof.verify(siblings, level[0], bytes32(uint256(leaf) ^ 1)), "other leaf");
    }

    /// @dev Joins neighbours; a node without one moves up.
    function above(bytes32[] memory level) private pure returns (bytes32[] memory next) {
        next = new bytes32[]((level.length + 1) / 2);
        for (uint256 i; i < next.length; ++i) {
            next[i] =
                2 * i + 1 < level.length ? Hashes.commutativeKeccak256(level[2 * i], level[2 * i + 1]) : level[2 * i];
        }
    }

    function append(bytes32[] memory list, bytes32 last) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = last;
    }
}
