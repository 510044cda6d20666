// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Pays for calls
/// @notice Holds OPEN in channels, one per (payer, node, session key). The session key signs vouchers off-chain, the node
/// redeems many at once, and each model's gross is split: fee = floor(gross * feeBps / 10,000) to the treasury; of the rest
/// r, the developer gets floor(r * devBps / 10,000), contributors floor(r * dataBps / 10,000), the node
/// floor(r * nodeBps / 10,000); what rounding leaves, under 3 wei per split, goes to the treasury, so each of the three
/// loses less than a wei per split. Amounts are wei of OPEN, times are seconds. No role can stop redeem, close, withdraw.
interface ISettlement {
    /// @notice One slot under `keccak256(abi.encode(payer, node, signer))`; never reused once closed.
    /// @param deposit All that was ever put in, less what close gave back.
    /// @param redeemed All that was ever redeemed; never more than `deposit`.
    /// @param closeAt 0 open; a time from which `close` works; the largest uint64 once closed.
    struct Channel {
        uint96 deposit;
        uint96 redeemed;
        uint64 closeAt;
    }

    /// @notice What a voucher pays to one model for `calls` calls.
    struct Line {
        uint32 modelId;
        uint96 amount;
        uint32 calls;
    }

    /// @notice A payment signed by the session key: EIP-712 `Voucher(address payer,address node,uint96 base,Line[] lines,
    /// bytes32 receipts)Line(uint32 modelId,uint96 amount,uint32 calls)` in the domain of this contract.
    /// @param base The channel's `redeemed` when it was signed: it pays on top of that, once.
    /// @param receipts Merkle root of the receipts of the calls it pays.
    /// @param r First half of the compact signature (EIP-2098).
    /// @param vs Second half.
    struct Voucher {
        address payer;
        uint96 base;
        Line[] lines;
        bytes32 receipts;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice A token authorization (ERC-3009 `receiveWithAuthorization`). Its nonce is not free: it is the hash of what the
    /// money is for and `salt`, so that no sender can direct it elsewhere.
    struct Authorization {
        uint256 validAfter;
        uint256 validBefore;
        bytes32 salt;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    event ChannelOpened(address indexed payer, address indexed node, address signer, uint256 amount);
    event ChannelToppedUp(address indexed payer, address indexed node, address signer, uint256 amount);
    event CloseRequested(address indexed payer, address indexed node, address signer, uint64 closeAt);
    event ChannelClosed(address indexed payer, address indexed node, address signer, uint256 returned);
    /// @notice One voucher; with `receipts` and `amount` in order, `receiptsAcc` can be computed again.
    event Redeemed(address indexed payer, address indexed node, address signer, bytes32 receipts, uint256 amount);
    event Invoked(
        address indexed payer, address indexed node, uint256 indexed modelId, bytes32 callHash, uint256 amount
    );
    /// @notice One model's gross of one transaction and where it went; `fee` includes the dust.
    event Split(
        uint256 indexed modelId,
        address indexed node,
        uint256 calls,
        uint256 gross,
        uint256 fee,
        uint256 dev,
        uint256 data,
        uint256 nodePart
    );
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    event DataSwept(uint256 amount);
    event RelayerSet(address indexed node, address indexed relayer, bool allowed);
    event FeeSet(uint16 feeBps);

    error ZeroAmount();
    error ZeroAddress();
    error ChannelExists(address payer, address node, address signer);
    error UnknownChannel(address payer, address node, address signer);
    error ChannelIsClosed(address payer, address node, address signer);
    error ChannelClosing(uint64 closeAt);
    error NotClosable(uint64 closeAt);
    error NotNodeOrRelayer(address node, address caller);
    error WrongBase(address payer, uint96 base, uint96 redeemed);
    error DepositExceeded(address payer, uint256 amount, uint256 left);
    error NothingToRedeem();
    error Underpaid(uint256 amount, uint256 perCall);
    error SignatureExpired(uint256 deadline);
    error BadPayerSignature(address payer);
    error NothingToWithdraw(address account);
    error FeeTooLarge(uint16 feeBps);

    /// @notice Opens a channel of the caller with money that this contract is allowed to take. Can be paused, as `open*`.
    /// @param signer Session key, used for one channel only.
    function open(address node, address signer, uint96 amount) external;

    /// @notice `open` with an ERC-2612 permit in the same transaction.
    function openWithPermit(
        address node,
        address signer,
        uint96 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Opens a channel for the signer of the ERC-3009 authorization; anyone may send it.
    /// @dev The authorization's nonce is `keccak256(abi.encode("open", node, signer, salt))`.
    function openWithAuthorization(
        address payer,
        address node,
        address signer,
        uint96 amount,
        Authorization calldata authorization
    ) external;

    /// @notice Opens a channel for `payer`, who signed `Open(address payer,address node,address signer,uint96 amount,
    /// uint256 deadline)` and allowed this contract to take the money; anyone may send it. A channel opens only once, so
    /// the signature needs no nonce.
    function openFor(
        address payer,
        address node,
        address signer,
        uint96 amount,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Adds to a channel of the caller that is not closing.
    function topUp(address node, address signer, uint96 amount) external;

    /// @notice Announces that the caller closes the channel in 24 hours; until then, and until `close`, the node may redeem.
    function requestClose(address node, address signer) external;

    /// @notice Closes a channel of the caller for ever and pays back what was not redeemed.
    function close(address node, address signer) external;

    /// @notice Redeems vouchers signed for `node`, by the node or a relayer it approved; all of them or none.
    function redeem(address node, Voucher[] calldata vouchers) external;

    /// @notice Lets `relayer` redeem for the caller, or no longer.
    function setRelayer(address relayer, bool allowed) external;

    /// @notice Pays one call at once, at least the model's price per call, and splits it.
    function invoke(uint256 modelId, address node, uint96 amount, bytes32 callHash) external;

    /// @notice `invoke` for the signer of the ERC-3009 authorization; anyone may send it.
    /// @dev The authorization's nonce is `keccak256(abi.encode("invoke", modelId, node, callHash, salt))`.
    function invokeWithAuthorization(
        address payer,
        uint256 modelId,
        address node,
        uint96 amount,
        bytes32 callHash,
        Authorization calldata authorization
    ) external;

    /// @notice Pays the caller's credit out to `to`.
    function withdraw(address to) external returns (uint256 amount);

    /// @notice Pays an account's credit out to that account; anyone may.
    function withdrawFor(address account) external returns (uint256 amount);

    /// @notice Moves what contributors are owed to the AttributionLedger; anyone may.
    function sweepData() external returns (uint256 amount);

    /// @notice Sets the protocol fee, at most 1,000 bps. `Roles.PARAM`.
    function setFee(uint16 feeBps) external;

    /// @notice What `calls` calls and `tokens` tokens of a model cost, rounded up to the wei against the payer.
    function quote(uint256 modelId, uint256 calls, uint256 tokens) external view returns (uint256);

    function channelOf(address payer, address node, address signer) external view returns (Channel memory);

    /// @notice What an account may withdraw.
    function credit(address account) external view returns (uint256);

    /// @notice Contributors' part that has not been swept yet.
    function dataOwed() external view returns (uint256);

    function isRelayer(address node, address relayer) external view returns (bool);

    function feeBps() external view returns (uint16);

    /// @notice `block.timestamp / EPOCH_SECONDS`.
    function currentEpoch() external view returns (uint256);

    /// @notice Binds an epoch to exactly the calls paid in it: from 0, per voucher or invocation,
    /// `acc = keccak256(abi.encode(acc, receipts, payer, amount))`, where an invocation's `receipts` is its call hash.
    function receiptsAcc(uint256 epoch) external view returns (bytes32);

    /// @notice Contributors' part that accrued in an epoch.
    function epochData(uint256 epoch) external view returns (uint256);
}
