// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Says when and by whom bytes were committed to, and where a data layer keeps them
/// @notice Keeps nothing but events: a posted commitment proves a time, not that the bytes can be had.
contract DataCommitments {
    /// @param kind What the bytes are, a short string.
    /// @param payloadHash keccak256 of the bytes.
    /// @param commitment What the data layer answers to, as its interface gave it.
    event Posted(address indexed sender, bytes32 indexed kind, bytes32 indexed payloadHash, bytes commitment);

    error HashMissing();

    function post(bytes32 kind, bytes32 payloadHash, bytes calldata commitment) external {
        if (payloadHash == 0) revert HashMissing();
        emit Posted(msg.sender, kind, payloadHash, commitment);
    }
}
