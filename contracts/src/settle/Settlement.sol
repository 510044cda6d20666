// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
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
    /// @dev Transient: gross and calls of model `i` in this batch lie at `GROSS + i`, `calls << 128 | gross`.
    uint256 private constant GROSS = uint256(keccak256("payable.settlement.gross")) & ~uint256(type(uint32).max);

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
        bytes32 acc = receiptsAcc[currentEpoch()];
        for (uint256 i; i < vouchers.length; ++i) {
            uint256 amount = _redeemOne(node, vouchers[i]);
            acc = _bind(acc, vouchers[i].receipts, vouchers[i].payer, amount);
        }
        Parts memory parts;
        for (uint256 i; i < vouchers.length; ++i) {
            _splitLines(node, vouchers[i].lines, parts);
        }
        _bank(node, parts, acc);
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

    /// @dev Checks one voucher, moves its channel on and adds its lines to the batch's totals.
    function _redeemOne(address node, Voucher calldata voucher) private returns (uint256 amount) {
        bytes32 digest = _hashTypedDataV4(_hashVoucher(node, voucher));
        address signer = ECDSA.recover(digest, voucher.r, voucher.vs);
        Channel storage channel = _liveChannel(voucher.payer, node, signer);
        (uint96 deposit, uint96 redeemed) = (channel.deposit, channel.redeemed);
        if (voucher.base != redeemed) revert WrongBase(voucher.payer, voucher.base, redeemed);
        amount = _addLines(voucher.lines);
        if (amount == 0) revert NothingToRedeem();
        if (amount > deposit - redeemed) revert DepositExceeded(voucher.payer, amount, deposit - redeemed);
        channel.redeemed = redeemed + uint96(amount);
        emit Redeemed(voucher.payer, node, signer, voucher.receipts, amount);
    }

    function _addLines(Line[] calldata lines) private returns (uint256 amount) {
        for (uint256 i; i < lines.length; ++i) {
            Line calldata line = lines[i];
            amount += line.amount;
            TransientSlot.Uint256Slot total = bytes32(GROSS + line.modelId).asUint256();
            total.tstore(total.tload() + (uint256(line.calls) << 128 | line.amount));
        }
    }

    /// @dev Splits the totals of the models named in `lines`, each once per batch: a split total is cleared.
    function _splitLines(address node, Line[] calldata lines, Parts memory parts) private {
        for (uint256 i; i < lines.length; ++i) {
            uint256 modelId = lines[i].modelId;
            TransientSlot.Uint256Slot slot = bytes32(GROSS + modelId).asUint256();
            uint256 total = slot.tload();
            if (total == 0) continue;
            slot.tstore(0);
            _split(modelId, node, total >> 128, uint128(total), parts);
        }
    }

    function _invoke(address payer, uint256 modelId, address node, uint256 amount, bytes32 callHash) private {
        if (node == address(0)) revert ZeroAddress();
        if (amount == 0) revert ZeroAmount();
        (uint128 perCall,) = models.priceOf(modelId);
        if (amount < perCall) revert Underpaid(amount, perCall);
        Parts memory parts;
        _split(modelId, node, 1, amount, parts);
        _bank(node, parts, _bind(receiptsAcc[currentEpoch()], callHash, payer, amount));
        emit Invoked(payer, node, modelId, callHash, amount);
    }

    function _hashVoucher(address node, Voucher calldata voucher) private pure returns (bytes32) {
        bytes32[] memory lines = new bytes32[](voucher.lines.length);
        for (uint256 i; i < lines.length; ++i) {
            lines[i] = keccak256(abi.encode(LINE_TYPEHASH, voucher.lines[i]));
        }
        return keccak256(
            abi.encode(
                VOUCHER_TYPEHASH,
                voucher.payer,
                node,
                voucher.base,
                keccak256(abi.encodePacked(lines)),
                voucher.receipts
            )
        );
    }
}
