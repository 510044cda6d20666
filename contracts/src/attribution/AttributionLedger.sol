// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EntryPause} from "../gov/EntryPause.sol";
import {IAttributionLedger} from "../interfaces/IAttributionLedger.sol";
import {OpenToken} from "../token/OpenToken.sol";
import {SumMerkle} from "./lib/SumMerkle.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title AttributionLedger
contract AttributionLedger is IAttributionLedger, EntryPause, ReentrancyGuardTransient {
    uint256 public constant EPOCH_SECONDS = 1 hours;
    uint64 public constant MAX_EPOCHS = 744;
    /// @notice How many epochs that are over a proposal may leave to the next.
    uint256 public constant MAX_LEFT = 24;
    uint256 public constant MIN_BOND = 5_000e18;

    OpenToken public immutable open;
    address public immutable treasury;
    /// @notice Seconds in which a proposal can be challenged before it can be final.
    uint256 public immutable window;

    /// @inheritdoc IAttributionLedger
    bytes32 public pendingHash;
    address public attester;
    uint96 public bondHeld;
    uint48 public challengeEnd;
    /// @notice Last epoch that is final, or the one before this contract was made.
    uint64 public lastEpoch = uint64(block.timestamp / EPOCH_SECONDS) - 1;

    bytes32 public finalizedRoot;
    uint96 public finalizedTotal;
    uint96 public claimedTotal;
    uint32 public finalizedAccounts;
    mapping(address account => uint256 cumulative) public claimed;

    constructor(OpenToken open_, address treasury_, uint256 window_, address manager) AccessManaged(manager) {
        (open, treasury, window) = (open_, treasury_, window_);
    }

    /// @inheritdoc IAttributionLedger
    function propose(Proposal calldata p) external whenNotPaused nonReentrant {
        if (pendingHash != 0) revert ProposalPending(pendingHash);
        uint64 last = lastEpoch;
        uint256 running = block.timestamp / EPOCH_SECONDS;
        if (p.from != last + 1 || p.to < p.from || p.to - p.from >= MAX_EPOCHS || p.to >= running) {
            revert BadRange(p.from, p.to, last);
        }
        // Otherwise an attester could propose one hour a day and delay the rest for everyone.
        if (p.to - p.from != MAX_EPOCHS - 1 && running - 1 - p.to > MAX_LEFT) revert BadRange(p.from, p.to, last);
        if (
            p.previousRoot != finalizedRoot || p.previousTotal != finalizedTotal
                || p.previousAccounts != finalizedAccounts
        ) revert NotOnTheFinal();
        if (p.total != uint256(p.previousTotal) + p.paid || p.paid > p.pools) revert BadTotals();
        uint256 here = received();
        if (p.total > here) revert MoreThanReceived(p.total, here);

        bytes32 hash = keccak256(abi.encode(p));
        uint256 bond = bondFor(p.paid);
        (pendingHash, attester) = (hash, msg.sender);
        (bondHeld, challengeEnd) = (uint96(bond), uint48(block.timestamp + window));
        emit Proposed(hash, msg.sender, p, bond, challengeEnd);
        open.transferFrom(msg.sender, address(this), bond);
    }

    /// @inheritdoc IAttributionLedger
    function finalize(Proposal calldata p) external nonReentrant {
        bytes32 hash = keccak256(abi.encode(p));
        if (block.timestamp < challengeEnd) revert WindowOpen(challengeEnd);
        (address to, uint256 bond) = _end(hash);
        finalizedRoot = p.accountsRoot;
        (finalizedTotal, finalizedAccounts, lastEpoch) = (p.total, p.accounts, p.to);
        emit Finalized(hash, p.accountsRoot, p.total, p.to);
        open.transfer(to, bond);
    }

    /// @inheritdoc IAttributionLedger
    function reject(bytes32 hash, address challenger) external restricted nonReentrant {
        (address from, uint256 bond) = _end(hash);
        (uint256 reward, uint256 burnt) = (bond / 2, bond / 4);
        emit Rejected(hash, from, challenger, reward);
        open.burn(burnt);
        open.transfer(challenger, reward);
        open.transfer(treasury, bond - reward - burnt);
    }

    /// @inheritdoc IAttributionLedger
    function veto(bytes32 hash) external restricted nonReentrant {
        (address from, uint256 bond) = _end(hash);
        emit Rejected(hash, from, address(0), 0);
        open.transfer(treasury, bond);
    }

    /// @inheritdoc IAttributionLedger
    function claim(uint96 cumulative, uint256 index, bytes32[] calldata siblings, uint128[] calldata sums)
        external
        nonReentrant
    {
        if (!_claim(msg.sender, cumulative, index, siblings, sums)) revert NothingToClaim(msg.sender);
    }

    /// @inheritdoc IAttributionLedger
    function claimFor(Claim calldata c) external nonReentrant {
        if (!_claim(c.account, c.cumulative, c.index, c.siblings, c.sums)) revert NothingToClaim(c.account);
    }

    /// @inheritdoc IAttributionLedger
    function claimMany(Claim[] calldata many) external nonReentrant {
        for (uint256 i; i < many.length; ++i) {
            Claim calldata c = many[i];
            _claim(c.account, c.cumulative, c.index, c.siblings, c.sums);
        }
    }

    /// @inheritdoc IAttributionLedger
    function received() public view returns (uint256) {
        return open.balanceOf(address(this)) + claimedTotal - bondHeld;
    }

    /// @inheritdoc IAttributionLedger
    function bondFor(uint96 paid) public pure returns (uint256) {
        return Math.max(MIN_BOND, Math.ceilDiv(paid, 100));
    }

    /// @dev Checks before the proof costs gas: a claim paid before is no error here.
    function _claim(
        address account,
        uint96 cumulative,
        uint256 index,
        bytes32[] calldata siblings,
        uint128[] calldata sums
    ) private returns (bool) {
        uint256 before = claimed[account];
        if (cumulative <= before) return false;
        bytes32 content = bytes32(uint256(uint160(account)));
        if (!SumMerkle.verify(finalizedRoot, finalizedTotal, content, cumulative, index, siblings, sums)) {
            revert NotInTheTree(account);
        }
        // The claimed amount was a cumulative, too, so it is no wider.
        uint96 amount = cumulative - uint96(before);
        claimed[account] = cumulative;
        claimedTotal += amount;
        emit Claimed(account, amount, cumulative);
        open.transfer(account, amount);
        return true;
    }

    /// @dev Clears the pending proposal and returns the owner of the bond.
    function _end(bytes32 hash) private returns (address by, uint256 bond) {
        if (hash == 0 || hash != pendingHash) revert NotPending(hash);
        (by, bond) = (attester, bondHeld);
        (pendingHash, attester, challengeEnd, bondHeld) = (0, address(0), 0, 0);
    }
}
