// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAttributionCourt} from "../interfaces/IAttributionCourt.sol";
import {Dockets} from "./Dockets.sol";

/// @title Turns, clocks and ends of games
/// @dev A move passes in the proposal and the turn; only their hashes are stored, so every move binds all of the state.
abstract contract Games is Dockets {
    uint256 private constant TURN_BYTES = 15 * 32;

    /// @inheritdoc IAttributionCourt
    function timeout(Move calldata move) external nonReentrant {
        Game storage game = _gameOf(move, _pending(move.meta).meta);
        (, uint256 used) = _used(move, game, block.timestamp);
        if (used <= clock) revert NotOutOfTime();
        if (game.proposersTurn) _convict(move.meta);
        else _loseGame(move);
    }

    /// @inheritdoc IAttributionCourt
    function collect(Move calldata move) external nonReentrant {
        Meta calldata meta = move.meta;
        Verdict memory verdict = _verdicts[meta.id][meta.round];
        if (verdict.at == 0) revert NoVerdict(meta.id, meta.round);
        Game storage game = _gameOf(move, _hashMeta(meta));
        address challenger = game.challenger;
        (bool isProposers, uint256 used) = _used(move, game, verdict.at);
        delete _games[meta.id][move.game];
        // Who was out of time had lost; its share is not worth another round of division.
        bool hasLost = !isProposers && used > clock;
        uint256 share = hasLost ? 0 : verdict.share;
        nativeCredit[challenger] += move.turn.fee + (hasLost ? 0 : verdict.nativeShare);
        if (hasLost) nativeCredit[treasury] += verdict.nativeShare;
        emit Collected(meta.id, move.game, challenger, share);
        _push(challenger, _stakeOf(meta) + share);
        if (hasLost) _push(treasury, verdict.share);
    }

    /// @dev Checks a move of the proposer or its relayer at `level` and adds to its clock.
    function _proposerMoves(Move calldata move, Level level) internal returns (Turn memory) {
        if (move.turn.level != level) revert WrongLevel(move.turn.level);
        if (!_actsFor(move.meta.proposer)) revert NotYourTurn(msg.sender);
        return _moves(move, true);
    }

    /// @dev Checks a move of the challenger and adds to its clock.
    function _challengerMoves(Move calldata move) internal returns (Turn memory) {
        if (msg.sender != _games[move.meta.id][move.game].challenger) revert NotYourTurn(msg.sender);
        return _moves(move, false);
    }

    /// @dev Stores the next turn; the other side's clock runs.
    function _next(uint256 id, uint256 number, Turn memory turn) internal {
        _games[id][number].turn = _hashTurn(turn);
        emit Stepped(id, number, turn);
    }

    /// @dev The challenger has lost: half of its fee, rounded down, pays for the answers.
    function _loseGame(Move calldata move) internal {
        uint256 id = move.meta.id;
        emit GameLost(id, move.game, _games[id][move.game].challenger);
        delete _games[id][move.game];
        --_dockets[id].live;
        uint256 fee = move.turn.fee;
        nativeCredit[move.meta.proposer] += fee / 2;
        nativeCredit[treasury] += fee - fee / 2;
        ledger.giveFlat(move.meta.version, _stakeOf(move.meta));
    }

    function _moves(Move calldata move, bool isProposer) private returns (Turn memory) {
        Game storage game = _gameOf(move, _pending(move.meta).meta);
        (bool isProposers, uint256 used) = _used(move, game, block.timestamp);
        if (isProposers != isProposer) revert NotYourTurn(msg.sender);
        if (used > clock) revert OutOfTime();
        if (isProposer) game.usedProposer = uint24(used);
        else game.usedChallenger = uint24(used);
        (game.movedAt, game.proposersTurn) = (uint40(block.timestamp), !isProposer);
        return _load(move.turn);
    }

    /// @dev The game that the move names, in the state that it passes in, of the proposal that it passes in.
    function _gameOf(Move calldata move, bytes32 meta) private view returns (Game storage game) {
        if (move.turn.meta != meta) revert OtherMeta(move.meta.id);
        game = _games[move.meta.id][move.game];
        if (game.turn == 0 || game.turn != _hashTurn(_load(move.turn))) revert OtherTurn(move.game);
    }

    /// @dev Copies a turn word by word. Only one whose hash is stored is used, and that was made of clean words.
    function _load(Turn calldata turn) private pure returns (Turn memory copy) {
        assembly ("memory-safe") {
            calldatacopy(copy, turn, TURN_BYTES)
        }
    }

    /// @dev keccak256(abi.encode(turn)): all its fields are words.
    function _hashTurn(Turn memory turn) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(turn, TURN_BYTES)
        }
    }

    /// @dev Whose turn it is, and what that side will have used of its clock at `time`.
    function _used(Move calldata move, Game storage game, uint256 time)
        private
        view
        returns (bool isProposers, uint256 used)
    {
        isProposers = game.proposersTurn;
        used =
            (isProposers ? game.usedProposer : game.usedChallenger) + _elapsed(game.movedAt, time, move.meta.proposer);
    }
}
