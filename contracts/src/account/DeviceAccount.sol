// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC7821} from "@openzeppelin/contracts/account/extensions/draft-ERC7821.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ERC721Holder} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Holder.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Delegation target (EIP-7702) of an account with one key, to send several calls as one
/// @notice Executes ERC-7821 batches, all calls or none, for the account itself only. It has no storage. Contracts verify
/// signatures of an account with code by ERC-1271, so this accepts those of the account's own key.
contract DeviceAccount is ERC7821, IERC1271, ERC721Holder {
    receive() external payable {}

    /// @inheritdoc IERC1271
    /// @dev `hash` is not bound to the account again: the caller binds it, as for an account without code.
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address recovered,,) = ECDSA.tryRecoverCalldata(hash, signature);
        return recovered == address(this) ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
