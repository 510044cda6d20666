// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {EfficientHashLib} from "solady/utils/EfficientHashLib.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Channels} from "./Channels.sol";
import {Splitter} from "./Splitter.sol";

/// @title Vouchers and single payments
/// @notice A voucher counts from the channel's `redeemed`, so a payer could void a newer one by having an older one redeemed:
/// only the node, or whom it trusts, redeems. After redeeming, the node asks for vouchers on the new base.
contract Settlement is Channels {
    using SafeERC20 for IERC20;
    using TransientSlot for *;

    bytes32 private constant LINE_TYPEHASH = keccak256("Line(uint32 modelId,uint96 amount,uint32 calls)");
    bytes32 private constant VOUCHER_TYPEHASH = keccak256(
        "Voucher(address payer,address node,uint96 base,Line[] lines,bytes32 receipts)Line(uint32 modelId,uint96 amount,uint32 calls)"
    );
    /// @dev Transient: gross and calls of model `i` in this batch are at `GROSS + i`, as `calls << 128 | gross`.
    uint256 private constant GROSS = uint256(keccak256("payable.settlement.gross")) & ~uint256(type(uint32).max);
    /// @dev Transient: the models of this batch, listed from `NAMED` on. For one listed twice the second split is 0.
    uint256 private constant NAMED = uint256(keccak256("payable.settlement.named")) & ~uint256(type(uint32).max);

    /// @inheritdoc ISettlement
    mapping(address node => mapping(address relayer => bool)) public isRelayer;

    constructor(address authority, IERC20 token, IModelRegistry models, address ledger, address treasury)
        Splitter(authority, token, models, ledger, treasury)
        EIP712("Settlement", "1")
    {}

    /// @inheritdoc ISettlement
    function setRelayer(address relayer, bool allowed) external {
        isRelayer[msg.sender][relayer] = allowed;
        emit RelayerSet(msg.sender, relayer, allowed);
    }

    /// @inheritdoc ISettlement
    function redeem(address node, Voucher[] calldata vouchers) external nonReentrant {
        if (msg.sender != node && !isRelayer[node][msg.sender]) revert NotNodeOrRelayer(node, msg.sender);
        Batch memory batch = _newBatch();
        for (uint256 i; i < vouchers.length; ++i) {
            _redeemOne(node, vouchers[i], batch);
        }
        for (uint256 i; i < batch.models; ++i) {
            uint256 modelId = bytes32(NAMED + i).asUint256().tload();
            TransientSlot.Uint256Slot slot = bytes32(GROSS + modelId).asUint256();
            uint256 total = slot.tload();
            slot.tstore(0);
            _split(modelId, node, total >> 128, uint128(total), batch);
        }
        _bank(node, batch);
    }

    /// @inheritdoc ISettlement
    function invoke(uint256 modelId, address node, uint96 amount, bytes32 callHash) external nonReentrant {
        _invoke(msg.sender, modelId, node, amount, callHash);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc ISettlement
    function invokeWithAuthorization(
        address payer,
        uint256 modelId,
        address node,
        uint96 amount,
        bytes32 callHash,
        Authorization calldata authorization
    ) external nonReentrant {
        _invoke(payer, modelId, node, amount, callHash);
        bytes32 nonce = keccak256(abi.encode("invoke", modelId, node, callHash, authorization.salt));
        _receive(payer, amount, nonce, authorization);
    }

    /// @dev Checks one voucher, moves its channel on and adds it to the batch.
    function _redeemOne(address node, Voucher calldata voucher, Batch memory batch) private {
        (address payer, uint96 base, bytes32 receipts) = (voucher.payer, voucher.base, voucher.receipts);
        (bytes32 lines, uint256 amount) = _addLines(voucher.lines, batch);
        if (amount == 0) revert NothingToRedeem();
        bytes32 digest = _hashTypedDataV4(_hashVoucher(payer, node, base, lines, receipts));
        address signer = ECDSA.recover(digest, voucher.r, voucher.vs);
        _spend(payer, node, signer, base, amount);
        batch.acc = _bind(batch.acc, receipts, payer, amount);
        emit Redeemed(payer, node, signer, receipts, amount);
    }

    /// @dev Hashes the lines and adds them to the totals of their models.
    function _addLines(Line[] calldata lines, Batch memory batch) private returns (bytes32, uint256 amount) {
        bytes32[] memory hashes = EfficientHashLib.malloc(lines.length);
        for (uint256 i; i < lines.length; ++i) {
            Line calldata line = lines[i];
            (uint256 modelId, uint256 part, uint256 calls) = (line.modelId, line.amount, line.calls);
            EfficientHashLib.set(hashes, i, EfficientHashLib.hash(uint256(LINE_TYPEHASH), modelId, part, calls));
            amount += part;
            TransientSlot.Uint256Slot slot = bytes32(GROSS + modelId).asUint256();
            uint256 total = slot.tload();
            if (total == 0) bytes32(NAMED + batch.models++).asUint256().tstore(modelId);
            slot.tstore(total + (calls << 128 | part));
        }
        return (EfficientHashLib.hash(hashes), amount);
    }

    function _invoke(address payer, uint256 modelId, address node, uint256 amount, bytes32 callHash) private {
        if (node == address(0)) revert ZeroAddress();
        if (amount == 0) revert ZeroAmount();
        (uint128 perCall,) = models.priceOf(modelId);
        if (amount < perCall) revert Underpaid(amount, perCall);
        Batch memory batch = _newBatch();
        batch.acc = _bind(batch.acc, callHash, payer, amount);
        _split(modelId, node, 1, amount, batch);
        _bank(node, batch);
        emit Invoked(payer, node, modelId, callHash, amount);
    }

    function _hashVoucher(address payer, address node, uint96 base, bytes32 lines, bytes32 receipts)
        private
        pure
        returns (bytes32)
    {
        return EfficientHashLib.hash(
            uint256(VOUCHER_TYPEHASH),
            uint256(uint160(payer)),
            uint256(uint160(node)),
            base,
            uint256(lines),
            uint256(receipts)
        );
    }
}
