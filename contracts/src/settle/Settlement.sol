// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {EfficientHashLib} from "solady/utils/EfficientHashLib.sol";
import {PotCodec} from "../attribution/lib/PotCodec.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Channels} from "./Channels.sol";
import {Splitter} from "./Splitter.sol";

/// @title Vouchers and single payments
/// @notice A voucher counts from the channel's `redeemed`, so a payer could void a newer one by having an older one redeemed:
/// only the node, or whom it trusts, redeems. After redeeming, the node asks for vouchers on the new base.
contract Settlement is Channels {
    using SafeERC20 for IERC20;
    using TransientSlot for *;

    bytes32 private constant LINE_TYPEHASH =
        keccak256("Line(uint32 modelId,uint32 version,uint96 amount,uint32 calls,bytes32 receipts)");
    bytes32 private constant VOUCHER_TYPEHASH = keccak256(
        "Voucher(address payer,address node,uint96 base,Line[] lines)Line(uint32 modelId,uint32 version,uint96 amount,uint32 calls,bytes32 receipts)"
    );
    /// @dev Transient: `lines << 192 | calls << 128 | gross` of version `v` in this batch is at `TOTALS + v`.
    uint256 private constant TOTALS = uint256(keccak256("payable.settlement.totals")) & ~uint256(type(uint64).max);
    /// @dev Transient: the chain over its lines is at `LINES + v`.
    uint256 private constant LINES = uint256(keccak256("payable.settlement.lines")) & ~uint256(type(uint64).max);
    /// @dev Transient: the versions of this batch, listed from `NAMED` on.
    uint256 private constant NAMED = uint256(keccak256("payable.settlement.named")) & ~uint256(type(uint64).max);

    constructor(address authority, Parts memory parts) Splitter(authority, parts) EIP712("Settlement", "1") {}

    /// @inheritdoc ISettlement
    function redeem(address node, Voucher[] calldata vouchers) external nonReentrant {
        if (!_actsFor(node)) revert NotNodeOrRelayer(node, msg.sender);
        Batch memory batch;
        bytes32 domain = _domainSeparatorV4();
        for (uint256 i; i < vouchers.length; ++i) {
            _redeemOne(node, vouchers[i], domain, batch, vouchers.length == 1);
        }
        for (uint256 i; i < batch.versions; ++i) {
            _split(node, _takeIncome(bytes32(NAMED + i).asUint256().tload()), batch);
        }
        _bank(node, batch);
    }

    /// @inheritdoc ISettlement
    function invoke(uint32 modelId, uint32 version, address node, uint96 amount, bytes32 callHash)
        external
        nonReentrant
    {
        _checkPrice(modelId, amount);
        _invoke(msg.sender, uint64(modelId) << 32 | version, node, amount, callHash);
        token.safeTransferFrom(msg.sender, address(vault), amount);
    }

    /// @inheritdoc ISettlement
    function give(uint32 modelId, uint32 version, address node, uint96 amount, bytes32 callHash) external nonReentrant {
        _invoke(msg.sender, uint64(modelId) << 32 | version, node, amount, callHash);
        token.safeTransferFrom(msg.sender, address(vault), amount);
    }

    /// @inheritdoc ISettlement
    function invokeWithAuthorization(
        address payer,
        uint32 modelId,
        uint32 version,
        address node,
        uint96 amount,
        bytes32 callHash,
        Authorization calldata authorization
    ) external nonReentrant {
        _checkPrice(modelId, amount);
        _invoke(payer, uint64(modelId) << 32 | version, node, amount, callHash);
        bytes32 nonce = keccak256(abi.encode("invoke", modelId, version, node, callHash, authorization.salt));
        _receive(payer, amount, nonce, authorization);
    }

    /// @dev Checks one voucher, moves its channel on and adds it to the batch.
    function _redeemOne(address node, Voucher calldata voucher, bytes32 domain, Batch memory batch, bool isOnly)
        private
    {
        (address payer, uint96 base) = (voucher.payer, voucher.base);
        (bytes32 lines, uint256 amount, bytes32[] memory packed) = _hashLines(voucher.lines);
        if (amount == 0) revert NothingToRedeem();
        bytes32 digest = MessageHashUtils.toTypedDataHash(
            domain,
            EfficientHashLib.hash(
                uint256(VOUCHER_TYPEHASH), uint256(uint160(payer)), uint256(uint160(node)), base, uint256(lines)
            )
        );
        address signer = ECDSA.recover(digest, voucher.r, voucher.vs);
        bytes memory reason = _spend(payer, node, signer, base, amount);
        if (reason.length == 0) {
            _addLines(packed, batch);
            emit Redeemed(payer, node, signer, packed);
        } else if (isOnly) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        } else {
            emit PassedOver(payer, node, signer, reason);
        }
    }

    /// @dev The EIP-712 hash of the lines, their sum, and the words that the event has.
    function _hashLines(Line[] calldata lines) private pure returns (bytes32, uint256 amount, bytes32[] memory packed) {
        uint256 count = lines.length;
        bytes32[] memory hashes = EfficientHashLib.malloc(count);
        packed = EfficientHashLib.malloc(2 * count);
        for (uint256 i; i < count; ++i) {
            Line calldata line = lines[i];
            (uint256 modelId, uint256 version, uint256 part) = (line.modelId, line.version, line.amount);
            (uint256 calls, bytes32 receipts) = (line.calls, line.receipts);
            amount += part;
            bytes32 hash =
                EfficientHashLib.hash(uint256(LINE_TYPEHASH), modelId, version, part, calls, uint256(receipts));
            EfficientHashLib.set(hashes, i, hash);
            EfficientHashLib.set(packed, 2 * i, bytes32(modelId << 160 | version << 128 | part << 32 | calls));
            EfficientHashLib.set(packed, 2 * i + 1, receipts);
        }
        return (EfficientHashLib.hash(hashes), amount, packed);
    }

    /// @dev Adds packed lines to the totals and chains of their versions.
    function _addLines(bytes32[] memory packed, Batch memory batch) private {
        for (uint256 i; i < packed.length; i += 2) {
            uint256 line = uint256(packed[i]);
            (uint256 version, uint256 terms) = (line >> 128, uint128(line));
            (uint256 amount, uint256 calls) = (terms >> 32, uint32(terms));
            if (calls > PotCodec.MOST_CALLS) revert TooManyCalls(calls);
            TransientSlot.Uint256Slot totals = bytes32(TOTALS + version).asUint256();
            TransientSlot.Bytes32Slot chain = bytes32(LINES + version).asBytes32();
            uint256 total = totals.tload();
            if (total == 0) bytes32(NAMED + batch.versions++).asUint256().tstore(version);
            if (total >> 192 == PotCodec.MOST_LINES) revert TooManyLines(uint64(version));
            totals.tstore(total + (1 << 192 | calls << 128 | amount));
            chain.tstore(PotCodec.addLine(chain.tload(), packed[i + 1], terms));
        }
    }

    /// @dev Reads what a version was paid in this batch, and clears it for a next one in the same transaction.
    function _takeIncome(uint256 version) private returns (Income memory) {
        TransientSlot.Uint256Slot totals = bytes32(TOTALS + version).asUint256();
        TransientSlot.Bytes32Slot chain = bytes32(LINES + version).asBytes32();
        (uint256 total, bytes32 lines) = (totals.tload(), chain.tload());
        totals.tstore(0);
        chain.tstore(0);
        return Income(uint64(version), uint128(total), uint64(total >> 128), total >> 192, lines);
    }

    function _checkPrice(uint256 modelId, uint256 amount) private view {
        (uint128 perCall,) = models.priceOf(modelId);
        if (amount < perCall) revert Underpaid(amount, perCall);
    }

    function _invoke(address payer, uint64 version, address node, uint256 amount, bytes32 callHash) private {
        if (node == address(0)) revert ZeroAddress();
        if (amount == 0) revert ZeroAmount();
        Batch memory batch;
        _split(node, Income(version, amount, 1, 0, 0), batch);
        _bank(node, batch);
        emit Invoked(payer, node, version, callHash, amount);
    }
}
