// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One cited Datanet version: `datanet << 48 | version << 16 | weight`.
/// @dev Lists of references are strictly ascending by (datanet, version); weights are relative and positive.
type DatanetRef is uint112;

/// @title The parts of a cited Datanet version
library DatanetRefs {
    /// @notice The lineage of a version without parent and references.
    bytes32 internal constant EMPTY_LINEAGE = keccak256(abi.encode(uint256(0), uint256(64), uint256(0)));

    function pack(uint64 datanet, uint32 version, uint16 weight) internal pure returns (DatanetRef) {
        return DatanetRef.wrap((uint112(datanet) << 48) | (uint112(version) << 16) | weight);
    }

    function datanetOf(DatanetRef ref) internal pure returns (uint64) {
        return uint64(DatanetRef.unwrap(ref) >> 48);
    }

    function versionOf(DatanetRef ref) internal pure returns (uint32) {
        return uint32(DatanetRef.unwrap(ref) >> 16);
    }

    function weightOf(DatanetRef ref) internal pure returns (uint16) {
        return uint16(DatanetRef.unwrap(ref));
    }

    /// @notice (datanet, version) as one number, what lists are sorted by.
    function keyOf(DatanetRef ref) internal pure returns (uint96) {
        return uint96(DatanetRef.unwrap(ref) >> 16);
    }

    /// @notice What a model version commits to: `keccak256(abi.encode(uint256 parent, uint112[] refs))`,
    /// with `parent = model << 32 | version`, 0 for none.
    function lineage(uint256 parent, DatanetRef[] memory refs) internal pure returns (bytes32) {
        return keccak256(abi.encode(parent, refs));
    }
}
