// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PotCodec} from "../attribution/lib/PotCodec.sol";

/// @title Pays for calls
/// @notice Keeps OPEN in channels, one per (payer, node, session key). The session key signs vouchers off-chain, the node
/// redeems many at once, and the gross of each model version is split:
///
///      fee   floor(gross * feeBps / 10,000); rest = gross - fee
///      dev   floor(rest * devBps / 10,000), to the model's payout
///      data  floor(rest * dataBps / 10,000), for contributors
///      node  floor(rest * nodeBps / 10,000)
///      dust  what rounding leaves, under 3 wei, is added to the fee, which goes to the treasury
///
/// The contributors' part is cut in two by rho, what the version's influence commitment says (0 while none is in force):
///
///      pool  floor(data * rho / 10,000), into the pot of (node, version), shared by influence
///      flat  data - pool, to the version's lineage
///      keep  min(fee, floor(pool / 50)), out of the fee, with the pool: what proposing its shares is paid from
///
/// A version without references and parent has no contributors: data goes to the model's payout. Amounts are wei of OPEN,
/// times are seconds, a version is `model << 32 | version`. No role can stop redeem, seal, close, withdraw.
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

    /// @notice What a voucher pays to one model version for `calls` calls, at most 65,536.
    /// @param receipts Merkle-sum root over the calls: receipt and vector hash (`RowCodec.receiptContent`) with what each cost;
    ///        its sum is `amount`, its leaves are `calls`. Payer and node sign it, so both say what each call cost.
    struct Line {
        uint32 modelId;
        uint32 version;
        uint96 amount;
        uint32 calls;
        bytes32 receipts;
    }

    /// @notice A payment signed by the session key: EIP-712 `Voucher(address payer,address node,uint96 base,Line[] lines)
    /// Line(uint32 modelId,uint32 version,uint96 amount,uint32 calls,bytes32 receipts)` in the domain of this contract.
    /// @param base The channel's `redeemed` when it was signed: it pays on top of that, once.
    /// @param r First half of the compact signature (EIP-2098).
    /// @param vs Second half.
    struct Voucher {
        address payer;
        uint96 base;
        Line[] lines;
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
    event CloseCancelled(address indexed payer, address indexed node, address signer);
    /// @notice One voucher. The lines of a version in one redemption, in the order of these events, make up its record.
    /// @param lines Two words a line: `version << 128 | amount << 32 | calls`, and its receipts.
    event Redeemed(address indexed payer, address indexed node, address signer, bytes32[] lines);
    /// @notice A voucher that does not fit its channel (any more), and the error that it would have reverted with.
    event PassedOver(address indexed payer, address indexed node, address signer, bytes reason);
    event Invoked(
        address indexed payer, address indexed node, uint64 indexed version, bytes32 callHash, uint256 amount
    );
    /// @notice One version's gross of one transaction and where it went; `fee` includes the dust, less what is kept for
    ///         proposing; `data` includes the pool.
    event Split(
        uint64 indexed version,
        address indexed node,
        uint256 calls,
        uint256 gross,
        uint256 fee,
        uint256 dev,
        uint256 data,
        uint256 nodePart
    );
    /// @notice A record was added to the pot of (node, version).
    event Booked(address indexed node, uint64 indexed version, PotCodec.Record record);
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice OPEN that was sent to this contract by a plain transfer was credited to the treasury.
    event StraysRecovered(uint256 amount);
    /// @notice Contributors' money moved to the AttributionLedger.
    event HandedOver(uint256 amount);
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
    error FeeOutOfBounds(uint16 feeBps);
    error TooManyLines(uint64 version);
    error TooManyCalls(uint256 calls);
    error NotAReceiver(address account);
    error NotClosing(address payer, address node, address signer);
    error NoPot(address node, uint64 version);
    error SealNotDue(uint256 due);
    error NotLedger(address caller);

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

    /// @notice Takes a close request back.
    function cancelClose(address node, address signer) external;

    /// @notice Redeems vouchers signed for `node`, by the node or a relayer it approved. Of many, those that do not fit their
    ///         channel are passed over, so that no payer can void the vouchers of others; a single one reverts.
    function redeem(address node, Voucher[] calldata vouchers) external;

    /// @notice Lets `relayer` redeem for the caller, or no longer.
    function setRelayer(address relayer, bool allowed) external;

    /// @notice Pays one call at once, at least the model's price per call, and splits it.
    /// @dev Paid before there is an answer, so no vector is signed: all of the contributors' part is flat.
    function invoke(uint32 modelId, uint32 version, address node, uint96 amount, bytes32 callHash) external;

    /// @notice `invoke` with any amount, also less than the price of a call: what a forwarder has collected.
    function give(uint32 modelId, uint32 version, address node, uint96 amount, bytes32 callHash) external;

    /// @notice `invoke` for the signer of the ERC-3009 authorization; anyone may send it.
    /// @dev The authorization's nonce is `keccak256(abi.encode("invoke", modelId, version, node, callHash, salt))`.
    function invokeWithAuthorization(
        address payer,
        uint32 modelId,
        uint32 version,
        address node,
        uint96 amount,
        bytes32 callHash,
        Authorization calldata authorization
    ) external;

    /// @notice Credits OPEN that was sent to this contract by mistake to the treasury, which can give it back to its sender.
    ///         Anyone may call. The deposits and credits lie in the vault and are not touched.
    function recoverStrays() external returns (uint256 amount);

    /// @notice Pays the caller's credit out to `to`, which is none of the contracts where it would be lost.
    function withdraw(address to) external returns (uint256 amount);

    /// @notice Pays an account's credit out to that account; anyone may.
    function withdrawFor(address account) external returns (uint256 amount);

    /// @notice Hands a pot to the AttributionLedger, where its shares are proposed: by the node or its relayer at any time, by
    ///         anyone when its oldest record is 3.5 windows (seven days) old.
    function seal(address node, uint64 version) external returns (uint256 id);

    /// @notice Takes what a lineage has collected; the AttributionLedger only.
    function drawFlat(bytes32 lineage) external returns (uint256 amount);

    /// @notice Sets the protocol fee, 50 to 1,000 bps: proposers and finalisers live on it. `Roles.PARAM`.
    function setFee(uint16 feeBps) external;

    /// @notice What `calls` calls and `tokens` tokens of a model cost, rounded up to the wei against the payer.
    function quote(uint256 modelId, uint256 calls, uint256 tokens) external view returns (uint256);

    function channelOf(address payer, address node, address signer) external view returns (Channel memory);

    /// @notice What an account may withdraw.
    function credit(address account) external view returns (uint256);

    /// @notice All protocol fees that payments to this node have ever paid, less what was kept for proposing. It is what a
    ///         node's work is measured by, for it cannot be had for less.
    function workOf(address node) external view returns (uint256);

    /// @notice Contributors' money that has not been handed over yet: pools, what is kept with them, and flat parts.
    function owed() external view returns (uint256);

    /// @notice The pot that collects now, see `PotCodec`; 0 when empty.
    function pots(address node, uint64 version) external view returns (bytes32);

    /// @notice What a lineage has collected since it was last drawn.
    function flat(bytes32 lineage) external view returns (uint256);

    function isRelayer(address node, address relayer) external view returns (bool);

    function feeBps() external view returns (uint16);
}
