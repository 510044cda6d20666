// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AttributionLedger} from "../../src/attribution/AttributionLedger.sol";
import {Roles} from "../../src/gov/Roles.sol";
import {IAttributionLedger} from "../../src/interfaces/IAttributionLedger.sol";
import {OpenToken} from "../../src/token/OpenToken.sol";
import {OpenDeployed} from "../support/OpenDeployed.sol";
import {SumTree} from "../support/SumTree.sol";
import {Test} from "../support/Test.sol";

/// @notice Income, valid and excessive proposals, convictions, vetoes, finality and claims in any order.
contract LedgerHandler is Test {
    using SumTree for SumTree.Tree;

    AttributionLedger private immutable _ledger;
    OpenToken private immutable _open;
    IAttributionLedger.Proposal private _pending;
    uint256[] private _earning;
    uint256[] public finalTotals = new uint256[](4);
    bytes32[] public finalRoots;
    uint256 public income;
    uint256 public claims;
    uint256 public burnt;
    uint256[4] public lastClaimed;

    constructor(AttributionLedger ledger, OpenToken open) {
        (_ledger, _open) = (ledger, open);
        open.approve(address(ledger), type(uint256).max);
    }

    function who(uint256 i) public pure returns (address) {
        return address(uint160(0xA000 + i));
    }

    function tree(uint256[] memory totals) private pure returns (SumTree.Tree memory) {
        bytes32[] memory contents = new bytes32[](4);
        for (uint256 i; i < 4; ++i) {
            contents[i] = bytes32(uint256(uint160(who(i))));
        }
        return SumTree.build(contents, totals);
    }

    function earn(uint256 amount) external {
        amount = bound(amount, 0, 1_000_000e18);
        if (_open.balanceOf(address(this)) < amount) return;
        _open.transfer(address(_ledger), amount);
        income += amount;
    }

    /// @dev Pays up to slightly more than the pools hold; an excess must be refused.
    function propose(uint256[4] memory parts, uint256 more) external {
        if (_ledger.pendingHash() != 0) return;
        vm.warp(vm.getBlockTimestamp() + 2 hours);
        uint256 free = _ledger.received() - _ledger.finalizedTotal() + bound(more, 0, 1);
        uint256[] memory totals = finalTotals;
        uint256 paid;
        for (uint256 i; i < 4; ++i) {
            uint256 part = bound(parts[i], 0, free - paid);
            (totals[i], paid) = (totals[i] + part, paid + part);
        }
        IAttributionLedger.Proposal memory p;
        (p.from, p.to) = (_ledger.lastEpoch() + 1, uint64(vm.getBlockTimestamp() / 1 hours) - 1);
        if (p.to - p.from >= 744) p.to = p.from + 743;
        (p.previousRoot, p.previousTotal) = (_ledger.finalizedRoot(), _ledger.finalizedTotal());
        p.previousAccounts = _ledger.finalizedAccounts();
        SumTree.Tree memory built = tree(totals);
        (p.accountsRoot, p.total, p.accounts) = (built.root(), uint96(built.total()), 4);
        (p.paid, p.pools) = (uint96(paid), uint96(paid));
        if (_open.balanceOf(address(this)) < _ledger.bondFor(p.paid)) return;
        bool tooMuch = p.total > _ledger.received();
        (bool taken,) = address(_ledger).call(abi.encodeCall(_ledger.propose, (p)));
        assertTrue(taken == !tooMuch, "a proposal is taken when it is backed");
        if (taken) (_pending, _earning) = (p, totals);
    }

    function reject() external {
        bytes32 hash = _ledger.pendingHash();
        if (hash == 0) return;
        burnt += _ledger.bondHeld() / 4;
        _ledger.reject(hash, address(this));
    }

    function veto() external {
        bytes32 hash = _ledger.pendingHash();
        if (hash != 0) _ledger.veto(hash);
    }

    function finalize(uint256 wait) external {
        if (_ledger.pendingHash() == 0) return;
        uint256 end = _ledger.challengeEnd();
        vm.warp(vm.getBlockTimestamp() + bound(wait, 0, 2 days));
        (bool taken,) = address(_ledger).call(abi.encodeCall(_ledger.finalize, (_pending)));
        assertTrue(taken == vm.getBlockTimestamp() >= end, "final when its window is over, not before");
        if (!taken) return;
        finalTotals = _earning;
        finalRoots.push(_pending.accountsRoot);
    }

    function claim(uint256 seed) external {
        uint256 i = seed % 4;
        if (finalTotals[i] <= _ledger.claimed(who(i))) return;
        SumTree.Path memory p = tree(finalTotals).path(i);
        uint256 before = _open.balanceOf(who(i));
        _ledger.claimFor(IAttributionLedger.Claim(who(i), uint96(finalTotals[i]), i, p.siblings, p.sums));
        claims += _open.balanceOf(who(i)) - before;
        assertTrue(_ledger.claimed(who(i)) > lastClaimed[i], "claims only grow");
        lastClaimed[i] = _ledger.claimed(who(i));
    }

    function finals() external view returns (uint256) {
        return finalRoots.length;
    }
}

contract AttributionLedgerInvariants is OpenDeployed {
    AttributionLedger private ledger;
    LedgerHandler private handler;

    function setUp() public {
        deployOpen();
        ledger = new AttributionLedger(open, treasury, 24 hours, address(manager));
        handler = new LedgerHandler(ledger, open);
        give(address(handler), 40_000_000e18);
        restrict(address(ledger), ledger.reject.selector, Roles.COURT);
        manager.grantRole(Roles.COURT, address(handler), 0);
        restrict(address(ledger), ledger.veto.selector, Roles.PAUSER);
        manager.grantRole(Roles.PAUSER, address(handler), 0);
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](6);
        selectors[0] = handler.earn.selector;
        selectors[1] = handler.propose.selector;
        selectors[2] = handler.reject.selector;
        selectors[3] = handler.finalize.selector;
        selectors[4] = handler.claim.selector;
        selectors[5] = handler.veto.selector;
        targetSelector(address(handler), selectors);
    }

    /// @dev I5: claims within the final total, and that within what came in; I6; and the token's own sum (I1).
    function invariant_ClaimsStayWithinWhatIsFinalAndBacked() public view {
        assertEq(ledger.received(), handler.income(), "received");
        assertLe(ledger.claimedTotal(), ledger.finalizedTotal(), "claimed within the final");
        assertLe(ledger.finalizedTotal(), ledger.received(), "final within the received");
        assertEq(ledger.claimedTotal(), handler.claims(), "claims");
        assertEq(
            open.balanceOf(address(ledger)),
            handler.income() - handler.claims() + ledger.bondHeld(),
            "nothing else lies here"
        );
        assertEq(open.totalSupply(), 1e27 - handler.burnt(), "supply");
        uint256 sum;
        for (uint256 i; i < 4; ++i) {
            sum += ledger.claimed(handler.who(i));
        }
        assertEq(sum, ledger.claimedTotal(), "sum of claims");

        // I6: the final root is the last one that was not rejected within its window.
        uint256 finals = handler.finals();
        bytes32 root = ledger.finalizedRoot();
        assertEq(root, finals == 0 ? bytes32(0) : handler.finalRoots(finals - 1), "final root");
        if (ledger.pendingHash() == 0) assertEq(ledger.bondHeld(), 0, "no bond without a proposal");
    }
}
