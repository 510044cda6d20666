// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAttributionCourt} from "../interfaces/IAttributionCourt.sol";
import {Dockets} from "./Dockets.sol";
import {Games} from "./Games.sol";
import {CallRule} from "./lib/CallRule.sol";
import {Merkle} from "./lib/Merkle.sol";
import {Numbers} from "./lib/Numbers.sol";
import {PayoutList} from "./lib/PayoutList.sol";
import {PotCodec} from "./lib/PotCodec.sol";
import {RowCodec} from "./lib/RowCodec.sol";
import {SumMerkle} from "./lib/SumMerkle.sol";

/// @title AttributionCourt
/// @dev The moves of a game. `Games` holds what all moves share, `Dockets` proposals and their money.
contract AttributionCourt is Games {
    using Numbers for bytes;
    using PotCodec for PotCodec.Record;

    uint256 private constant MOST_NUMBERS = 256;

    constructor(address authority, Parts memory parts) Dockets(authority, parts) {}

    /// @inheritdoc IAttributionCourt
    function challenge(Meta calldata meta, address account, Place calldata place)
        external
        payable
        nonReentrant
        returns (uint256 number)
    {
        Docket storage docket = _pending(meta);
        if (_elapsed(docket.begunAt, block.timestamp, meta.proposer) >= window) revert WindowOver();
        if (!PayoutList.isPayable(account, address(ledger))) revert PayoutList.NotPayable(account);
        if (place.isListed) {
            _checkWord(meta, PayoutList.pack(account, place.amount), place.index, place.path);
        } else {
            _checkGap(meta, account, place);
        }
        number = ++docket.games;
        ++docket.live;
        Turn memory turn;
        (turn.meta, turn.account, turn.acc) = (docket.meta, account, meta.acc);
        (turn.isUnlisted, turn.amount) = (!place.isListed, place.isListed ? place.amount : 0);
        (turn.count, turn.fee) = (uint32(PotCodec.recordsOf(meta.acc)), _takeFee(1));
        _games[meta.id][number] = Game(0, msg.sender, uint40(block.timestamp), 0, 0, true);
        emit Challenged(meta.id, number, msg.sender);
        _next(meta.id, number, turn);
        _pull(_stakeOf(meta));
    }

    /// @inheritdoc IAttributionCourt
    function answerRedemptions(Move calldata move, bytes calldata numbers) external {
        Turn memory turn = _proposerMoves(move, Level.Redemptions);
        if (turn.isUnlisted) {
            uint256 sum = numbers.sum();
            if (PayoutList.isListed(sum, move.meta.draft.pool)) revert IsListed(sum);
            (turn.isUnlisted, turn.amount) = (false, uint96(sum));
        }
        _say(move, turn, numbers, turn.count);
    }

    /// @inheritdoc IAttributionCourt
    function answerLines(Move calldata move, PotCodec.Record[] calldata records, bytes calldata numbers) external {
        Turn memory turn = _proposerMoves(move, Level.Lines);
        PotCodec.unroll(turn.acc, records);
        PotCodec.Record calldata record = records[turn.lo];
        (turn.acc, turn.gross, turn.pool) = (record.lines, uint128(record.gross), uint96(record.poolOf()));
        turn.count = uint32(record.countOf());
        _say(move, turn, numbers, turn.count);
    }

    /// @inheritdoc IAttributionCourt
    function answerCalls(Move calldata move, PotCodec.PaidLine[] calldata lines, bytes calldata numbers) external {
        Turn memory turn = _proposerMoves(move, Level.Calls);
        PotCodec.checkLines(turn.acc, lines);
        PotCodec.PaidLine calldata line = lines[turn.lo];
        (turn.acc, turn.lineAmount, turn.calls) = (line.receipts, uint96(line.terms >> 32), uint32(line.terms));
        (turn.lo, turn.count) = (0, turn.calls);
        uint256 step = _step(turn.count);
        _say(move, turn, numbers, (turn.count + step - 1) / step);
    }

    /// @inheritdoc IAttributionCourt
    function answerRange(Move calldata move, bytes calldata numbers) external {
        Turn memory turn = _proposerMoves(move, Level.Range);
        _say(move, turn, numbers, turn.count);
    }

    /// @inheritdoc IAttributionCourt
    function pick(Move calldata move, bytes calldata numbers, uint256 index) external {
        Turn memory turn = _challengerMoves(move);
        if (turn.level > Level.Range) revert WrongLevel(turn.level);
        if (keccak256(numbers) != turn.said) revert OtherNumbers();
        if (index >= numbers.count()) revert OutsideRange(index, numbers.count());
        uint256 step = 1;
        if (turn.level == Level.Redemptions) {
            (turn.level, turn.lo) = (Level.Lines, uint32(index));
        } else if (turn.level == Level.Lines) {
            (turn.level, turn.lo) = (Level.Calls, uint32(index));
        } else if (turn.level == Level.Range) {
            (turn.level, turn.lo) = (Level.Call, turn.lo + uint32(index));
        } else {
            step = _step(turn.count);
            turn.level = step == 1 ? Level.Call : Level.Range;
            turn.lo = uint32(index * step);
        }
        // The last range is as long as what is left.
        uint256 left = turn.count - index * step;
        (turn.count, turn.amount, turn.said) = (uint32(left < step ? left : step), numbers.at(index), 0);
        _next(move.meta.id, move.game, turn);
    }

    /// @inheritdoc IAttributionCourt
    function openCall(Move calldata move, CallLeaf calldata leaf, bytes calldata vector, uint256[] calldata entries)
        external
        nonReentrant
    {
        Turn memory turn = _proposerMoves(move, Level.Call);
        _checkCall(turn, leaf);
        if (leaf.isEmpty || leaf.vectorHash == 0) {
            if (turn.amount != 0) revert DoNotAddUp(0, turn.amount);
            return _loseGame(move);
        }
        if (vector.length != RowCodec.CALL_VECTOR || keccak256(vector) != leaf.vectorHash) revert NotTheVector();
        uint256 part = CallRule.partOf(entries, turn.account, CallRule.callPool(leaf.cost, turn.pool, turn.gross));
        if (part != turn.amount) revert DoNotAddUp(part, turn.amount);
        (turn.level, turn.acc, turn.said) = (Level.Entries, leaf.vectorHash, keccak256(abi.encodePacked(entries)));
        _next(move.meta.id, move.game, turn);
        emit CallOpened(move.meta.id, move.game, entries, vector);
    }

    /// @inheritdoc IAttributionCourt
    function pickEntry(Move calldata move, uint256[] calldata entries, uint256 index) external {
        Turn memory turn = _entriesMove(move, entries);
        if (index >= entries.length) revert OutsideRange(index, entries.length);
        (turn.level, turn.lo, turn.said) = (Level.Entry, uint32(index), bytes32(entries[index]));
        _next(move.meta.id, move.game, turn);
    }

    /// @inheritdoc IAttributionCourt
    function showEntry(Move calldata move, bytes calldata vector, bytes calldata shown) external nonReentrant {
        Turn memory turn = _proposerMoves(move, Level.Entry);
        uint256 entry = uint256(turn.said);
        uint256 index = CallRule.rowOf(entry);
        (uint256 weight, uint256 cluster, address contributor) = _weigh(move, turn.acc, vector, index, shown);
        if (CallRule.pack(contributor, index, cluster, weight) != entry) revert NotTheEntry();
        _loseGame(move);
    }

    /// @inheritdoc IAttributionCourt
    function pickRow(Move calldata move, uint256 index) external {
        Turn memory turn = _challengerMoves(move);
        if (turn.level != Level.Entries) revert WrongLevel(turn.level);
        if (turn.isRowAsked) revert RowAskedBefore();
        if (index >= move.meta.values.rows) revert OutsideRange(index, move.meta.values.rows);
        (turn.level, turn.lo, turn.isRowAsked) = (Level.Row, uint32(index), true);
        _next(move.meta.id, move.game, turn);
    }

    /// @inheritdoc IAttributionCourt
    function showRow(Move calldata move, bytes calldata shown) external {
        Turn memory turn = _proposerMoves(move, Level.Row);
        influences.checkShown(move.meta.values, turn.lo, shown);
        emit RowShown(move.meta.id, move.game, turn.lo, shown);
        turn.level = Level.Entries;
        _next(move.meta.id, move.game, turn);
    }

    /// @inheritdoc IAttributionCourt
    function omitted(
        Move calldata move,
        uint256[] calldata entries,
        bytes calldata vector,
        uint256 index,
        bytes calldata shown
    ) external nonReentrant {
        Turn memory turn = _entriesMove(move, entries);
        (uint256 weight, uint256 cluster,) = _weigh(move, turn.acc, vector, index, shown);
        if (!CallRule.isOmitted(entries, weight, index, cluster)) revert NothingOmitted();
        _convict(move.meta);
    }

    /// @dev How many calls a number stands for.
    function _step(uint256 count) private pure returns (uint256) {
        return count <= MOST_NUMBERS ? 1 : (count + MOST_NUMBERS - 1) / MOST_NUMBERS;
    }

    /// @dev Keeps an answer of `expected` numbers that add up.
    function _say(Move calldata move, Turn memory turn, bytes calldata numbers, uint256 expected) private {
        if (numbers.count() != expected) revert WrongCount(numbers.count(), expected);
        uint256 sum = numbers.sum();
        if (sum != turn.amount) revert DoNotAddUp(sum, turn.amount);
        turn.said = keccak256(numbers);
        _next(move.meta.id, move.game, turn);
        emit Answered(move.meta.id, move.game, numbers);
    }

    /// @dev A move of the challenger when a call is open.
    function _entriesMove(Move calldata move, uint256[] calldata entries) private returns (Turn memory turn) {
        turn = _challengerMoves(move);
        if (turn.level != Level.Entries) revert WrongLevel(turn.level);
        if (keccak256(abi.encodePacked(entries)) != turn.said) revert OtherNumbers();
    }

    function _weigh(Move calldata move, bytes32 vectorHash, bytes calldata vector, uint256 index, bytes calldata shown)
        private
        view
        returns (uint256, uint256, address)
    {
        if (keccak256(vector) != vectorHash) revert NotTheVector();
        return influences.weigh(move.meta.version, move.meta.values, index, vector, shown);
    }

    /// @dev The leaf is call `lo` of the line, whose tree has a leaf for each call and adds up to the line's amount.
    function _checkCall(Turn memory turn, CallLeaf calldata leaf) private pure {
        Merkle.checkPlace(turn.lo, turn.calls, leaf.siblings.length);
        if (leaf.isEmpty && leaf.cost != 0) revert NotTheCall();
        bytes32 node = leaf.isEmpty
            ? bytes32(0)
            : SumMerkle.leaf(RowCodec.receiptContent(leaf.receipt, leaf.vectorHash), leaf.cost);
        (bytes32 top, uint256 total,) = SumMerkle.fold(node, leaf.cost, turn.lo, leaf.siblings, leaf.sums);
        if (top != turn.acc || total != turn.lineAmount) revert NotTheCall();
    }

    function _checkWord(Meta calldata meta, uint256 word, uint256 index, bytes32[] calldata path) private pure {
        bytes32 top = Merkle.rootAt(PayoutList.leaf(word), index, meta.draft.size, path);
        if (top != meta.draft.root) revert NotAtThatPlace(PayoutList.accountOf(word));
    }

    /// @dev No account stands between places `index - 1` and `index`, where the account would be.
    function _checkGap(Meta calldata meta, address account, Place calldata place) private pure {
        uint256 index = place.index;
        if (index > meta.draft.size) revert OutsideRange(index, meta.draft.size);
        if (index != 0) {
            if (PayoutList.accountOf(place.left) >= account) revert NotAtThatPlace(account);
            _checkWord(meta, place.left, index - 1, place.leftPath);
        }
        if (index != meta.draft.size) {
            if (PayoutList.accountOf(place.right) <= account) revert NotAtThatPlace(account);
            _checkWord(meta, place.right, index, place.rightPath);
        }
    }
}
