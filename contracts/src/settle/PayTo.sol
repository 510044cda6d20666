// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IPayTo} from "../interfaces/IPayTo.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Purse} from "./Purse.sol";

/// @title PayTo
/// @dev Each address is a minimal proxy (ERC-1167) of one Purse, made by CREATE2 with the first split.
contract PayTo is IPayTo {
    IERC20 public immutable token;
    Purse private immutable _purse;

    constructor(IERC20 token_, ISettlement settlement_) {
        token = token_;
        _purse = new Purse(token_, settlement_);
    }

    /// @inheritdoc IPayTo
    function pay(uint32 modelId, uint32 version, address node, Authorization calldata a) external {
        address payTo = addressOf(modelId, version, node);
        IERC3009(address(token))
            .transferWithAuthorization(a.from, payTo, a.value, a.validAfter, a.validBefore, a.nonce, a.v, a.r, a.s);
        _give(modelId, version, node, a.value, a.nonce);
    }

    /// @inheritdoc IPayTo
    function split(uint32 modelId, uint32 version, address node) external returns (uint256 amount) {
        amount = token.balanceOf(addressOf(modelId, version, node));
        _give(modelId, version, node, amount, 0);
    }

    /// @inheritdoc IPayTo
    function addressOf(uint32 modelId, uint32 version, address node) public view returns (address) {
        return Clones.predictDeterministicAddress(address(_purse), _salt(modelId, version, node));
    }

    function _give(uint32 modelId, uint32 version, address node, uint256 amount, bytes32 callHash) private {
        address payTo = addressOf(modelId, version, node);
        if (amount == 0) revert NothingToSplit(payTo);
        if (payTo.code.length == 0) Clones.cloneDeterministic(address(_purse), _salt(modelId, version, node));
        Purse(payTo).give(modelId, version, node, uint96(amount), callHash);
    }

    function _salt(uint32 modelId, uint32 version, address node) private pure returns (bytes32) {
        return bytes32(uint256(modelId) << 192 | uint256(version) << 160 | uint160(node));
    }
}
