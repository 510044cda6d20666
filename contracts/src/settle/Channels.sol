// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {EntryPause} from "../gov/EntryPause.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Splitter} from "./Splitter.sol";

/// @title Deposits that a session key spends
abstract contract Channels is Splitter, EntryPause, EIP712 {
    using SafeERC20 for IERC20;

    bytes32 private constant OPEN_TYPEHASH =
        keccak256("Open(address payer,address node,address signer,uint96 amount,uint256 deadline)");
    uint64 private constant CLOSED = type(uint64).max;
    uint64 private constant CLOSE_DELAY = 24 hours;

    mapping(bytes32 id => Channel) private _channels;

    /// @inheritdoc ISettlement
    function open(address node, address signer, uint96 amount) external nonReentrant {
        _openAndPull(msg.sender, node, signer, amount);
    }

    /// @inheritdoc ISettlement
    function openWithPermit(
        address node,
        address signer,
        uint96 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        // Another account may have used the permit already; the allowance decides.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _openAndPull(msg.sender, node, signer, amount);
    }

    /// @inheritdoc ISettlement
    function openWithAuthorization(
        address payer,
        address node,
        address signer,
        uint96 amount,
        Authorization calldata authorization
    ) external nonReentrant {
        _open(payer, node, signer, amount);
        _receive(payer, amount, keccak256(abi.encode("open", node, signer, authorization.salt)), authorization);
    }

    /// @inheritdoc ISettlement
    function openFor(
        address payer,
        address node,
        address signer,
        uint96 amount,
        uint256 deadline,
        bytes calldata signature
    ) external nonReentrant {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(OPEN_TYPEHASH, payer, node, signer, amount, deadline)));
        if (!SignatureChecker.isValidSignatureNowCalldata(payer, digest, signature)) revert BadPayerSignature(payer);
        _openAndPull(payer, node, signer, amount);
    }

    /// @inheritdoc ISettlement
    function topUp(address node, address signer, uint96 amount) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        Channel storage channel = _liveChannel(msg.sender, node, signer);
        if (channel.closeAt != 0) revert ChannelClosing(channel.closeAt);
        channel.deposit += amount;
        emit ChannelToppedUp(msg.sender, node, signer, amount);
        token.safeTransferFrom(msg.sender, address(vault), amount);
    }

    /// @inheritdoc ISettlement
    function requestClose(address node, address signer) external {
        Channel storage channel = _liveChannel(msg.sender, node, signer);
        if (channel.closeAt != 0) revert ChannelClosing(channel.closeAt);
        channel.closeAt = uint64(block.timestamp) + CLOSE_DELAY;
        emit CloseRequested(msg.sender, node, signer, channel.closeAt);
    }

    /// @inheritdoc ISettlement
    function cancelClose(address node, address signer) external {
        Channel storage channel = _liveChannel(msg.sender, node, signer);
        if (channel.closeAt == 0) revert NotClosing(msg.sender, node, signer);
        channel.closeAt = 0;
        emit CloseCancelled(msg.sender, node, signer);
    }

    /// @inheritdoc ISettlement
    function close(address node, address signer) external nonReentrant {
        Channel storage channel = _liveChannel(msg.sender, node, signer);
        uint64 closeAt = channel.closeAt;
        if (closeAt == 0 || block.timestamp < closeAt) revert NotClosable(closeAt);
        uint256 rest = channel.deposit - channel.redeemed;
        // The record stays, so that an old voucher never finds a new channel.
        channel.deposit = channel.redeemed;
        channel.closeAt = CLOSED;
        emit ChannelClosed(msg.sender, node, signer, rest);
        vault.pay(msg.sender, rest);
    }

    /// @inheritdoc ISettlement
    function channelOf(address payer, address node, address signer) external view returns (Channel memory) {
        return _channels[_channelId(payer, node, signer)];
    }

    /// @dev Takes the payer's money by the ERC-3009 authorization that the payer signed for `nonce`.
    function _receive(address payer, uint256 amount, bytes32 nonce, Authorization calldata a) internal {
        IERC3009(address(token))
            .receiveWithAuthorization(payer, address(this), amount, a.validAfter, a.validBefore, nonce, a.v, a.r, a.s);
        token.safeTransfer(address(vault), amount);
    }

    /// @dev Advances a channel from `base` by `amount`, or says by which error it cannot.
    function _spend(address payer, address node, address signer, uint96 base, uint256 amount)
        internal
        returns (bytes memory reason)
    {
        Channel storage channel = _channels[_channelId(payer, node, signer)];
        (uint96 deposit, uint96 redeemed, uint64 closeAt) = (channel.deposit, channel.redeemed, channel.closeAt);
        if (closeAt == CLOSED) return abi.encodeWithSelector(ChannelIsClosed.selector, payer, node, signer);
        if (deposit == 0) return abi.encodeWithSelector(UnknownChannel.selector, payer, node, signer);
        if (base != redeemed) return abi.encodeWithSelector(WrongBase.selector, payer, base, redeemed);
        uint256 left = deposit - redeemed;
        if (amount > left) return abi.encodeWithSelector(DepositExceeded.selector, payer, amount, left);
        channel.redeemed = redeemed + uint96(amount);
    }

    /// @dev A channel that was opened and not closed; else reverts.
    function _liveChannel(address payer, address node, address signer) private view returns (Channel storage channel) {
        channel = _channels[_channelId(payer, node, signer)];
        if (channel.closeAt == CLOSED) revert ChannelIsClosed(payer, node, signer);
        if (channel.deposit == 0) revert UnknownChannel(payer, node, signer);
    }

    function _openAndPull(address payer, address node, address signer, uint96 amount) private {
        _open(payer, node, signer, amount);
        token.safeTransferFrom(payer, address(vault), amount);
    }

    function _open(address payer, address node, address signer, uint96 amount) private whenNotPaused {
        if (node == address(0) || signer == address(0)) revert ZeroAddress();
        if (amount == 0) revert ZeroAmount();
        Channel storage channel = _channels[_channelId(payer, node, signer)];
        if (channel.deposit != 0 || channel.closeAt != 0) revert ChannelExists(payer, node, signer);
        channel.deposit = amount;
        emit ChannelOpened(payer, node, signer, amount);
    }

    function _channelId(address payer, address node, address signer) private pure returns (bytes32) {
        return keccak256(abi.encode(payer, node, signer));
    }
}
