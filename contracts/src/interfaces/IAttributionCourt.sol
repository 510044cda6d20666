// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PotCodec} from "../attribution/lib/PotCodec.sol";
import {IAttributionLedger} from "./IAttributionLedger.sol";
import {IInfluenceBook} from "./IInfluenceBook.sol";

/// @title Who gets how much of a pot
/// @notice A proposer posts the list of a sealed pot with a bond. In the window anyone may ask, with a fee, why an account gets
///         what it gets. The proposer answers step by step with numbers that add up, down to one call; for the call it shows
///         the vector and the entries; then one entry is shown to come from a row, or the challenger shows a row that the
///         entries omit. Each side has a clock per game. Two verdicts convict: the proposer's clock ran out, or a row is
///         omitted. Every other lie ends as an answer that reverts, so the clock is the verdict.
///
///         bond      P + floor(P / 4) of OPEN, where P is the pool; on conviction P is burnt, the rest is shared equally by the
///                   games that are live then
///         stake     ceil(P / 1,000) of OPEN from each challenger; of a lost game it goes to the lineage's flat money
///         fees      2 answer fees from the proposer, one from each challenger, native money; of a lost game half goes to the
///                   proposer, half (rounded up) to the treasury
/// @dev Only hashes are stored. What later calls pass in is in events: `Proposed`, `Stepped`, `Answered`, `CallOpened`, `RowShown`.
///      `numbers` are 12 bytes each, see `Numbers`.
interface IAttributionCourt {
    /// @notice A proposal.
    /// @param round Counts the proposals of the pot, so that no game fits an equal, later one.
    /// @param acc The pot as it was sealed, see `PotCodec`.
    /// @param draft What the ledger computed from records and list.
    /// @param values The influence commitment as it was when this was proposed.
    /// @param deposit Native money of the proposer.
    struct Meta {
        uint256 id;
        address proposer;
        uint64 version;
        uint32 round;
        bytes32 acc;
        IAttributionLedger.Draft draft;
        IInfluenceBook.Values values;
        uint96 deposit;
    }

    /// @notice What a game asks about now.
    enum Level {
        Redemptions,
        Lines,
        Calls,
        Range,
        Call,
        Entries,
        Entry,
        Row
    }

    /// @notice The state of a game.
    /// @param meta keccak256 of the encoded `Meta`.
    /// @param isUnlisted The account is not in the list, and its amount is not named yet.
    /// @param isRowAsked The challenger has asked for a row already.
    /// @param amount The number that the next answer must add up to.
    /// @param lo Redemption, line, first call, call, entry or row that is asked about.
    /// @param count Numbers' range: redemptions of the pot, lines of the redemption, calls of the line or of the range.
    /// @param acc What the next evidence must hash to: pot, chain of lines, root of receipts, hash of the vector.
    /// @param gross Gross of the redemption, and `pool` its influence money.
    /// @param lineAmount Amount of the line, and `calls` its number of calls.
    /// @param said keccak256 of the last numbers, or of the entries as words; at `Entry` the entry itself; 0 when an answer is due.
    /// @param fee Native money of the challenger.
    struct Turn {
        bytes32 meta;
        address account;
        bool isUnlisted;
        bool isRowAsked;
        Level level;
        uint96 amount;
        uint32 lo;
        uint32 count;
        bytes32 acc;
        uint128 gross;
        uint96 pool;
        uint96 lineAmount;
        uint32 calls;
        bytes32 said;
        uint96 fee;
    }

    /// @param movedAt When the other side moved, and `used...` what each side has used of its clock before, seconds.
    struct Game {
        bytes32 turn;
        address challenger;
        uint40 movedAt;
        uint24 usedProposer;
        uint24 usedChallenger;
        bool proposersTurn;
    }

    /// @notice A pot before the court. `meta` is 0 while nothing is proposed.
    struct Docket {
        bytes32 meta;
        uint40 begunAt;
        uint32 live;
        uint32 games;
        uint32 round;
        uint8 convictions;
        uint40 convictedAt;
    }

    /// @notice How a round ended for its live games: what each gets on top of what it paid.
    struct Verdict {
        uint96 share;
        uint96 nativeShare;
        uint40 at;
    }

    /// @notice Names a game and passes its state in.
    struct Move {
        uint256 game;
        Meta meta;
        Turn turn;
    }

    /// @notice Why an account is in the list, or is not: its place with its path, or the words on both sides of where it would be.
    ///         At the start there is no word on the left, at the end none on the right.
    struct Place {
        bool isListed;
        uint96 amount;
        uint256 index;
        bytes32[] path;
        uint256 left;
        bytes32[] leftPath;
        uint256 right;
        bytes32[] rightPath;
    }

    /// @notice A leaf of a line's receipts, or an empty place behind the last one.
    struct CallLeaf {
        bool isEmpty;
        bytes32 receipt;
        bytes32 vectorHash;
        uint96 cost;
        bytes32[] siblings;
        uint128[] sums;
    }

    event Proposed(uint256 indexed id, address indexed proposer, Meta meta, uint256[] list, bytes32 dataHash);
    event Challenged(uint256 indexed id, uint256 indexed game, address indexed challenger);
    /// @notice The state of a game after a challenge or a move; the next move passes it in.
    event Stepped(uint256 indexed id, uint256 indexed game, Turn turn);
    event Answered(uint256 indexed id, uint256 indexed game, bytes numbers);
    event CallOpened(uint256 indexed id, uint256 indexed game, uint256[] entries, bytes vector);
    /// @notice A row that the challenger asked for, and that `omitted` may need.
    /// @param shown `abi.encode(IInfluenceBook.ShownRow)`.
    event RowShown(uint256 indexed id, uint256 indexed game, uint256 index, bytes shown);
    event GameLost(uint256 indexed id, uint256 indexed game, address indexed challenger);
    event Convicted(uint256 indexed id, uint32 indexed round, address indexed proposer, uint256 games);
    event Collected(uint256 indexed id, uint256 indexed game, address indexed challenger, uint256 share);
    event Held(address indexed guardian, uint256 until);

    error MayNotPropose(address caller, uint256 due);
    error AlreadyProposed(uint256 id);
    error NotProposed(uint256 id);
    error OtherMeta(uint256 id);
    error OtherTurn(uint256 game);
    error WindowOver();
    error WindowNotOver();
    error GamesLive(uint256 games);
    error NotYourTurn(address caller);
    error OutOfTime();
    error NotOutOfTime();
    error WrongLevel(Level level);
    error NotYourAccount(address account);
    error NotAtThatPlace(address account);
    error WrongCount(uint256 numbers, uint256 expected);
    error DoNotAddUp(uint256 sum, uint256 expected);
    error IsListed(uint256 amount);
    error OtherNumbers();
    error OutsideRange(uint256 index, uint256 count);
    error NotTheCall();
    error NotTheVector();
    error NotTheEntry();
    error NothingOmitted();
    error RowAskedBefore();
    error NoVerdict(uint256 id, uint32 round);
    error NotFlatYet();
    error HoldNotAllowed(uint256 from);

    /// @notice Proposes the list of a sealed pot: its node or the node's relayer, or anyone when the pot is 3.5 windows (seven
    ///         days) old. Takes the bond and at least two answer fees.
    /// @param list Words `account << 96 | amount`, see `PayoutList`.
    /// @param dataHash Where the receipts can be had.
    function propose(uint256 id, PotCodec.Record[] calldata records, uint256[] calldata list, bytes32 dataHash)
        external
        payable;

    /// @notice Asks why an account gets what it gets, within the window. Takes the stake and at least an answer fee.
    function challenge(Meta calldata meta, address account, Place calldata place)
        external
        payable
        returns (uint256 game);

    /// @notice Answers with the account's part of each redemption.
    function answerRedemptions(Move calldata move, bytes calldata numbers) external;

    /// @notice Answers with the account's part of each line of the picked redemption.
    function answerLines(Move calldata move, PotCodec.Record[] calldata records, bytes calldata numbers) external;

    /// @notice Answers with the account's part of each call of the picked line; of more than 256 calls, of each of the
    ///         ranges of ceil(n / 256) calls, of which the last may be shorter.
    function answerCalls(Move calldata move, PotCodec.PaidLine[] calldata lines, bytes calldata numbers) external;

    /// @notice Answers with the account's part of each call of the picked range.
    function answerRange(Move calldata move, bytes calldata numbers) external;

    /// @notice Picks the number that is asked about next.
    function pick(Move calldata move, bytes calldata numbers, uint256 index) external;

    /// @notice Opens the picked call: its leaf, vector, and entries, of which the account's part is the number asked about. Where
    ///         that is 0, a call without influence and an empty place end the game.
    function openCall(Move calldata move, CallLeaf calldata leaf, bytes calldata vector, uint256[] calldata entries)
        external;

    /// @notice Picks the entry whose row is to be shown.
    function pickEntry(Move calldata move, uint256[] calldata entries, uint256 index) external;

    /// @notice Shows the row of the picked entry; the challenger has lost.
    /// @param shown `abi.encode(IInfluenceBook.ShownRow)`, here and below.
    function showEntry(Move calldata move, bytes calldata vector, bytes calldata shown) external;

    /// @notice Asks for any row of the influence tree, once a game.
    function pickRow(Move calldata move, uint256 index) external;

    /// @notice Shows the row that was asked for.
    function showRow(Move calldata move, bytes calldata shown) external;

    /// @notice Shows a row that belongs in the entries and is not there; the proposer is convicted.
    function omitted(
        Move calldata move,
        uint256[] calldata entries,
        bytes calldata vector,
        uint256 index,
        bytes calldata shown
    ) external;

    /// @notice Ends a game in which the side whose turn it is has used up its clock. Anyone may call.
    function timeout(Move calldata move) external;

    /// @notice Pays the challenger of a game that was live when its round ended. Anyone may call.
    function collect(Move calldata move) external;

    /// @notice Makes a proposal final when its window is over and no game is live. Anyone may, and gets a fifth of keep.
    function finalize(Meta calldata meta) external;

    /// @notice Makes a pot flat of which nothing is proposed: its oldest record is 7 windows (14 days) old and the last
    ///         conviction 3.5, or three proposals were convicted, or the influence commitment is void. Anyone may, and gets a
    ///         fifth of keep.
    function flatten(uint256 id, PotCodec.Record[] calldata records) external;

    /// @notice Gives bond and deposits back when the ledger has made the pot flat without this court.
    function release(Meta calldata meta) external;

    /// @notice Stops all windows and clocks for 1.5 windows (72 hours), at most once in 15 windows (30 days), and not after two
    ///         years; those of the caller's own proposals run on. `Roles.PAUSER`.
    function hold() external;

    function docketOf(uint256 id) external view returns (Docket memory);

    function gameOf(uint256 id, uint256 game) external view returns (Game memory);

    function verdictOf(uint256 id, uint32 round) external view returns (Verdict memory);
}
