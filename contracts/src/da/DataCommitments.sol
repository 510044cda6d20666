// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Records when and by whom bytes were committed to, and where a data layer keeps them
/// @notice Stores only events: a posted commitment proves a time, not that the bytes are available.
contract DataCommitments {
    /// @param kind What the bytes are, a short string.
    /// @param payloadHash keccak256 of the bytes.
    /// @param commitment The data layer's identifier of the bytes, as its interface returned it.
    event Posted(address indexed sender, bytes32 indexed kind, bytes32 indexed payloadHash, bytes commitment);

    error HashMissing();

    function post(bytes32 kind, bytes32 payloadHash, bytes calldata commitment) external {
        if (payloadHash == 0) revert HashMissing();
        emit Posted(msg.sender, kind, payloadHash, commitment);
    }
}
