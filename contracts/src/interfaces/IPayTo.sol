// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Addresses that split what they are paid
/// @notice One address per (model version, node), known before there is anything at it, for clients that can only pay an address:
///         x402 `exact`, plain transfers, exchanges. OPEN that arrives there can leave in one way, through
///         `ISettlement.give`: developer, contributors, node and treasury are paid. Amounts are wei of OPEN.
interface IPayTo {
    /// @notice An ERC-3009 `TransferWithAuthorization` to `addressOf(...)`, as any x402 client signs it.
    struct Authorization {
        address from;
        uint256 value;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 nonce;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    error NothingToSplit(address payTo);
    error NotFactory(address caller);

    /// @notice The address to pay for answers of `node` with this model version.
    function addressOf(uint32 modelId, uint32 version, address node) external view returns (address);

    /// @notice Takes a signed payment and splits it in the same transaction. Anyone may send it.
    /// @dev The Settlement's `Invoked` then has the authorization's nonce as its call hash, and so names this payment only. When the
    ///      bare transfer was sent before, this reverts, and `split` pays the parties.
    function pay(uint32 modelId, uint32 version, address node, Authorization calldata authorization) external;

    /// @notice Splits all that lies at the address. Anyone may call. `Invoked` has the call hash 0.
    function split(uint32 modelId, uint32 version, address node) external returns (uint256 amount);
}
