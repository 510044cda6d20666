// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Merkle} from "./Merkle.sol";
import {SketchDot} from "./SketchDot.sol";
import {Tag} from "./Tag.sol";

/// @title Leaves of rows, of holders and of receipts
/// @dev The bytes (`|` joins, integers are big endian):
///
///      influence leaf   keccak256(0x05 | row leaf: 32 | cluster: 4 | contributor: 20 | datanet: 8 | version: 4 | scale: 2 |
///                       keccak256(vector): 32), a leaf of a `Merkle` tree
///      row leaf         sha256 of the canonical row; in the tree of its contributor keccak256(0x04 | row leaf)
///      holder           keccak256(0x07 | account: 20 | root of its rows: 32), in a Merkle-sum tree with its number of rows
///      receipt          keccak256(0x06 | receipt hash: 32 | vector hash: 32), in a Merkle-sum tree with what the call cost
///      vector of a call scale: 2 | 256 signed bytes; its hash is the keccak256 of these 258 bytes. A hash of 0 says that the
///                       call has no influence.
library RowCodec {
    /// @notice Bytes of the vector of a call.
    uint256 internal constant CALL_VECTOR = SketchDot.SIZE + 2;

    /// @param rowLeaf sha256 of the canonical row.
    /// @param cluster Rows with the same content share a cluster.
    /// @param datanet Token id of the Datanet that the row is from, and `version` its version.
    /// @param vector 256 signed bytes.
    struct Row {
        bytes32 rowLeaf;
        uint32 cluster;
        address contributor;
        uint64 datanet;
        uint32 version;
        uint16 scale;
        bytes vector;
    }

    error WrongVector(uint256 length);

    function influenceLeaf(Row calldata row) internal pure returns (bytes32) {
        if (row.vector.length != SketchDot.SIZE) revert WrongVector(row.vector.length);
        return keccak256(
            abi.encodePacked(
                Tag.INFLUENCE,
                row.rowLeaf,
                row.cluster,
                row.contributor,
                row.datanet,
                row.version,
                row.scale,
                keccak256(row.vector)
            )
        );
    }

    function rowNode(bytes32 rowLeaf) internal pure returns (bytes32) {
        return Merkle.leaf(Tag.ROW, rowLeaf);
    }

    function holderContent(address account, bytes32 rowsRoot) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(Tag.HOLDER, account, rowsRoot));
    }

    function receiptContent(bytes32 receipt, bytes32 vectorHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(Tag.RECEIPT, receipt, vectorHash));
    }

    /// @notice dot product of a call's vector and a row's.
    function dot(bytes calldata callVector, Row calldata row) internal pure returns (int256) {
        if (callVector.length != CALL_VECTOR) revert WrongVector(callVector.length);
        if (row.vector.length != SketchDot.SIZE) revert WrongVector(row.vector.length);
        return SketchDot.dot(callVector[2:], row.vector);
    }
}
