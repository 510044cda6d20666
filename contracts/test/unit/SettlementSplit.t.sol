// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatanetRef} from "../../src/interfaces/DatanetRef.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";
import {Typed} from "../support/Typed.sol";

/// @notice Single payments, their split, and withdrawals.
contract SettlementSplitTest is MarketDeployed {
    address private payer;

    function setUp() public {
        deployMarket();
        payer = rich("payer", 20e18, address(settlement));
    }

    function test_SplitByHand() public {
        // fee 300 bps of 1e18+7 = 3e16 (floor); rest 97e16+7; 70 %, 20 %, 10 % of it floored; 1 wei of dust.
        vm.expectEmit(address(settlement));
        emit ISettlement.Split(
            firstOf(model),
            node,
            1,
            1e18 + 7,
            30_000_000_000_000_002,
            679_000_000_000_000_004,
            194_000_000_000_000_001,
            97e15
        );
        vm.expectEmit(address(settlement));
        emit ISettlement.Invoked(payer, node, firstOf(model), "call", 1e18 + 7);
        pay(1e18 + 7);
        assertEq(settlement.credit(maker), 679_000_000_000_000_004, "developer");
        assertEq(settlement.owed(), 194_000_000_000_000_001, "data");
        assertEq(settlement.credit(node), 97e15, "node");
        assertEq(settlement.credit(treasury), 30_000_000_000_000_002, "fee and dust");
        assertEq(open.balanceOf(address(settlement.vault())), 1e18 + 7, "custody");
    }

    function test_InvokeAsksForThePriceOfACall() public {
        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Underpaid.selector, PER_CALL - 1, PER_CALL));
        settlement.invoke(uint32(model), 1, node, uint96(PER_CALL - 1), "call");
        settlement.invoke(uint32(model), 1, node, uint96(PER_CALL), "call");
        vm.expectRevert(ISettlement.ZeroAddress.selector);
        settlement.invoke(uint32(model), 1, address(0), uint96(PER_CALL), "call");
    }

    function test_InvokeOfAFreeModelStillPaysSomething() public {
        vm.prank(maker);
        models.setPrice(model, 0, 0);
        vm.expectRevert(ISettlement.ZeroAmount.selector);
        pay(0);
    }

    function test_InvokeOfAnUnknownModel() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModelVersion.selector, 999, 1));
        vm.prank(payer);
        settlement.invoke(999, 1, node, 1, "call");
    }

    function test_InvokeWithAuthorization() public {
        ISettlement.Authorization memory given = authorize("call");
        vm.prank(actor("relay"));
        settlement.invokeWithAuthorization(payer, uint32(model), 1, node, 1e18, "call", given);
        assertEq(open.balanceOf(payer), 19e18, "payer");
        assertEq(settlement.credit(maker), 679e15, "developer");
    }

    function test_AnAuthorizationPaysThePriceOfACall() public {
        ISettlement.Authorization memory given = authorize("call");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Underpaid.selector, PER_CALL - 1, PER_CALL));
        settlement.invokeWithAuthorization(payer, uint32(model), 1, node, uint96(PER_CALL - 1), "call", given);
    }

    function test_AnAuthorizationNamesTheCall() public {
        ISettlement.Authorization memory given = authorize("call");
        bytes4 refused = bytes4(keccak256("ERC3009InvalidSignature()"));
        uint256 other = registerModel(CC0, terms(7000, 2000, 1000));
        vm.prank(maker);
        models.publish(model, release(0, oneRef()));
        vm.expectRevert(refused);
        settlement.invokeWithAuthorization(payer, uint32(other), 1, node, 1e18, "call", given);
        vm.expectRevert(refused);
        settlement.invokeWithAuthorization(payer, uint32(model), 1, actor("other"), 1e18, "call", given);
        vm.expectRevert(refused);
        settlement.invokeWithAuthorization(payer, uint32(model), 1, node, 1e18, "other call", given);
        vm.expectRevert(refused);
        settlement.invokeWithAuthorization(payer, uint32(model), 2, node, 1e18, "call", given);
        vm.expectRevert(refused);
        settlement.openWithAuthorization(payer, node, actor("session"), 1e18, given);
    }

    function test_WithdrawAndWithdrawFor() public {
        pay(1e18);
        address to = actor("cold wallet");
        vm.expectEmit(address(settlement));
        emit ISettlement.Withdrawn(maker, to, 679e15);
        vm.prank(maker);
        assertEq(settlement.withdraw(to), 679e15, "returned");
        assertEq(open.balanceOf(to), 679e15, "developer");
        assertEq(settlement.credit(maker), 0, "spent");
        assertEq(settlement.withdrawFor(node), 97e15, "returned");
        assertEq(open.balanceOf(node), 97e15, "node");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NothingToWithdraw.selector, node));
        settlement.withdrawFor(node);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NothingToWithdraw.selector, address(this)));
        settlement.withdraw(to);
    }

    function test_NothingIsWithdrawnToWhereItWouldBeLost() public {
        pay(1e18);
        vm.startPrank(maker);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotAReceiver.selector, address(settlement)));
        settlement.withdraw(address(settlement));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotAReceiver.selector, address(ledger)));
        settlement.withdraw(address(ledger));
    }

    function test_AnInvocationIsAllFlatAndOnlyTheLedgerDrawsIt() public {
        pay(1e18);
        bytes32 lineage = models.lineageOf(model, 1);
        assertEq(settlement.flat(lineage), 194e15, "flat");
        assertEq(settlement.pots(node, firstOf(model)), 0, "no pot");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotLedger.selector, address(this)));
        settlement.drawFlat(lineage);
        vm.expectEmit(address(settlement));
        emit ISettlement.HandedOver(194e15);
        ledger.spread(0, oneRef());
        assertEq(open.balanceOf(address(ledger)), 194e15, "ledger");
        assertEq(settlement.owed(), 0, "nothing owed");
        assertEq(settlement.flat(lineage), 0, "drawn");
    }

    function test_AModelWithoutLineagePaysItsDataPartToItsDeveloper() public {
        vm.prank(maker);
        uint256 bare = models.register(1, CC0, terms(5000, 4000, 1000), 0, 0, release(0, new DatanetRef[](0)));
        vm.prank(payer);
        settlement.invoke(uint32(bare), 1, node, 1e18, "call");
        assertEq(settlement.credit(maker), 873e15, "developer");
        assertEq(settlement.owed(), 0, "data");
    }

    function test_NoPauseStopsAnExit() public {
        (address second, address signer, uint256 key) = channel("second", 5e18);
        pay(1e18);
        pause(address(settlement));
        redeem(voucher(key, second, 0, model, 1e18, 1));
        ledger.spread(0, oneRef());
        settlement.withdrawFor(node);
        vm.prank(maker);
        settlement.withdraw(maker);
        vm.startPrank(second);
        settlement.requestClose(node, signer);
        vm.warp(block.timestamp + 1 days);
        settlement.close(node, signer);
    }

    function test_TheFeeIsGovernedAndBounded() public {
        assertEq(settlement.feeBps(), 300, "first");
        expectUnauthorized(address(this));
        settlement.setFee(0);
        vm.startPrank(council);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.FeeOutOfBounds.selector, uint16(1001)));
        settlement.setFee(1001);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.FeeOutOfBounds.selector, uint16(49)));
        settlement.setFee(49);
        vm.expectEmit(address(settlement));
        emit ISettlement.FeeSet(1000);
        settlement.setFee(1000);
        vm.stopPrank();
        pay(1e18);
        assertEq(settlement.credit(treasury), 1e17, "fee");
        assertEq(settlement.credit(maker), 63e16, "developer");
    }

    function test_QuoteRoundsUp() public {
        assertEq(settlement.quote(model, 2, 0), 2 * PER_CALL, "calls");
        assertEq(settlement.quote(model, 0, 1000), PER_1K, "a thousand tokens");
        vm.prank(maker);
        models.setPrice(model, 5, 3);
        assertEq(settlement.quote(model, 1, 1), 6, "the started wei counts");
        assertEq(settlement.quote(model, 1, 1001), 9, "the started wei counts");
    }

    function test_WhereItPaysIsFixed() public view {
        assertEq(address(settlement.token()), address(open), "token");
        assertEq(address(settlement.models()), address(models), "models");
        assertEq(address(settlement.ledger()), address(ledger), "ledger");
        assertEq(settlement.treasury(), treasury, "treasury");
        assertEq(address(settlement.influences()), address(influences), "influences");
        assertEq(settlement.sealAfter(), 7 days, "anyone seals after");
    }

    function pay(uint96 amount) private {
        vm.prank(payer);
        settlement.invoke(uint32(model), 1, node, amount, "call");
    }

    function authorize(bytes32 callHash) private returns (ISettlement.Authorization memory) {
        (, uint256 payerKey) = account("payer");
        bytes32 nonce = keccak256(abi.encode("invoke", model, uint32(1), node, callHash, bytes32("salt")));
        uint256 validBefore = block.timestamp + 1;
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(payerKey, Typed.receiving(address(open), payer, address(settlement), 1e18, validBefore, nonce));
        return ISettlement.Authorization(0, validBefore, "salt", v, r, s);
    }
}
