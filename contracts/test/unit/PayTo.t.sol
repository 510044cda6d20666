// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {DatanetRef} from "../../src/interfaces/DatanetRef.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {IPayTo} from "../../src/interfaces/IPayTo.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {PayTo} from "../../src/settle/PayTo.sol";
import {Purse} from "../../src/settle/Purse.sol";
import {Vault} from "../../src/settle/Vault.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";

/// @notice Payments by clients that can only pay an address, and OPEN that was sent to a wrong one.
contract PayToTest is MarketDeployed {
    PayTo private desk;
    address private agent;
    uint256 private key;
    address private at;

    function setUp() public {
        deployMarket();
        desk = PayTo(deploy("PayTo", abi.encode(IERC20(address(open)), settlement)));
        (agent, key) = account("agent");
        give(agent, 5e18);
        at = desk.addressOf(uint32(model), 1, node);
    }

    function assertAllPaid(uint256 ones) private view {
        assertEq(settlement.credit(maker), ones * 679e15, "developer");
        assertEq(settlement.owed(), ones * 194e15, "contributors");
        assertEq(settlement.flat(models.lineageOf(model, 1)), ones * 194e15, "the version's lineage");
        assertEq(settlement.credit(node), ones * 97e15, "node");
        assertEq(settlement.credit(treasury), ones * 30e15, "treasury");
        assertEq(open.balanceOf(at), 0, "nothing stays");
        assertEq(open.balanceOf(address(settlement.vault())), ones * 1e18, "custody");
    }

    /// @notice The node plays the facilitator: one transaction takes the signed transfer and splits it.
    function test_APlainX402PaymentIsSplitAtomically() public {
        IPayTo.Authorization memory signed_ = plainTransfer(agent, key, at, "any nonce");
        vm.expectEmit(address(settlement));
        emit ISettlement.Invoked(at, node, firstOf(model), "any nonce", 1e18);
        vm.prank(actor("facilitator"));
        desk.pay(uint32(model), 1, node, signed_);
        assertAllPaid(1);
        // The address is in use from now on.
        desk.pay(uint32(model), 1, node, plainTransfer(agent, key, at, "another"));
        assertAllPaid(2);
        vm.expectRevert();
        desk.pay(uint32(model), 1, node, signed_);
    }

    /// @notice A facilitator of others only sends the transfer; anyone splits it later.
    function test_ABareTransferIsSplitByAnyone() public {
        IPayTo.Authorization memory a = plainTransfer(agent, key, at, "any nonce");
        open.transferWithAuthorization(a.from, at, a.value, a.validAfter, a.validBefore, a.nonce, a.v, a.r, a.s);
        vm.expectRevert();
        desk.pay(uint32(model), 1, node, a);
        vm.prank(agent);
        open.transfer(at, 1e18);
        vm.expectEmit(address(settlement));
        emit ISettlement.Invoked(at, node, firstOf(model), 0, 2e18);
        vm.prank(actor("stranger"));
        assertEq(desk.split(uint32(model), 1, node), 2e18, "split");
        assertAllPaid(2);
        vm.expectRevert(abi.encodeWithSelector(IPayTo.NothingToSplit.selector, at));
        desk.split(uint32(model), 1, node);
    }

    function test_APaymentNamesOnlyItself() public {
        vm.prank(agent);
        open.transfer(at, 3e18);
        vm.expectEmit(address(settlement));
        emit ISettlement.Invoked(at, node, firstOf(model), "any nonce", 1e18);
        desk.pay(uint32(model), 1, node, plainTransfer(agent, key, at, "any nonce"));
        assertEq(open.balanceOf(at), 3e18, "the rest waits for `split`");
    }

    /// @dev An owner could otherwise lock what others are owed by a price above what lies there.
    function test_ARaisedPriceLocksNothing() public {
        vm.prank(agent);
        open.transfer(at, 1e18);
        vm.prank(maker);
        models.setPrice(model, type(uint128).max, 0);
        desk.split(uint32(model), 1, node);
        assertAllPaid(1);
    }

    function test_EachVersionAndNodeHasAnAddressOfItsOwn() public {
        IModelRegistry.Release memory next = release(0, new DatanetRef[](0));
        vm.prank(maker);
        models.publish(model, next);
        assertTrue(at != desk.addressOf(uint32(model), 2, node), "version");
        assertTrue(at != desk.addressOf(uint32(model + 1), 1, node), "model");
        assertTrue(at != desk.addressOf(uint32(model), 1, agent), "node");
        // What was paid for one version is not split for another.
        vm.prank(agent);
        open.transfer(at, 1e18);
        address other = desk.addressOf(uint32(model), 2, node);
        vm.expectRevert(abi.encodeWithSelector(IPayTo.NothingToSplit.selector, other));
        desk.split(uint32(model), 2, node);
        IPayTo.Authorization memory signed_ = plainTransfer(agent, key, at, "for version 1");
        vm.expectRevert(bytes4(keccak256("ERC3009InvalidSignature()")));
        desk.pay(uint32(model), 2, node, signed_);
    }

    function test_MoneyForAVersionThatIsNotThereYetWaits() public {
        address early = desk.addressOf(uint32(model), 2, node);
        vm.prank(agent);
        open.transfer(early, 1e18);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModelVersion.selector, model, 2));
        desk.split(uint32(model), 2, node);
        IModelRegistry.Release memory next = release(0, oneRef());
        vm.prank(maker);
        models.publish(model, next);
        assertEq(desk.split(uint32(model), 2, node), 1e18, "split");
    }

    function test_OnlyTheFactoryMovesAPurse() public {
        desk.pay(uint32(model), 1, node, plainTransfer(agent, key, at, "any nonce"));
        vm.expectRevert(abi.encodeWithSelector(IPayTo.NotFactory.selector, address(this)));
        Purse(at).give(uint32(model), 1, agent, 1, 0);
    }

    function test_OpenSentToTheSettlementIsRecovered() public {
        (address payer,, uint256 session) = channel("payer", 7e18);
        redeem(voucher(session, payer, 0, model, 1e18, 1));
        IPayTo.Authorization memory a = plainTransfer(agent, key, address(settlement), "payTo taken literally");
        open.transferWithAuthorization(
            a.from, address(settlement), a.value, a.validAfter, a.validBefore, a.nonce, a.v, a.r, a.s
        );
        uint256 had = settlement.credit(treasury);
        uint256 held = open.balanceOf(address(settlement.vault()));
        vm.expectEmit(address(settlement));
        emit ISettlement.StraysRecovered(1e18);
        vm.prank(actor("stranger"));
        assertEq(settlement.recoverStrays(), 1e18, "to the wei");
        assertEq(settlement.credit(treasury) - had, 1e18, "the treasury can give it back");
        assertEq(open.balanceOf(address(settlement.vault())), held + 1e18, "deposits are untouched");
        vm.expectRevert(ISettlement.ZeroAmount.selector);
        settlement.recoverStrays();
        settlement.withdrawFor(treasury);
    }

    /// @dev A payout that is the Settlement itself comes back to its address, from where it is recovered.
    function test_CreditOfTheSettlementItselfIsNotLost() public {
        IModelRegistry.Terms memory own = terms(7000, 2000, 1000);
        own.payout = address(settlement);
        uint256 id = registerModel(CC0, own);
        address payer = rich("payer", 1e18, address(settlement));
        vm.prank(payer);
        settlement.invoke(uint32(id), 1, node, 1e18, "call");
        settlement.withdrawFor(address(settlement));
        assertEq(settlement.recoverStrays(), 679e15, "recovered");
    }

    function test_OnlyTheSettlementPaysFromTheVault() public {
        Vault vault = settlement.vault();
        vm.expectRevert(abi.encodeWithSelector(Vault.NotSettlement.selector, address(this)));
        vault.pay(address(this), 1);
    }

    function test_AGiftOfAnyAmountIsSplit() public {
        address payer = rich("payer", 1e18, address(settlement));
        vm.startPrank(payer);
        settlement.give(uint32(model), 1, node, 1, "less than a call costs");
        vm.expectRevert(ISettlement.ZeroAmount.selector);
        settlement.give(uint32(model), 1, node, 0, "nothing");
        assertEq(open.balanceOf(address(settlement.vault())), 1, "taken");
    }

    function test_WorkIsTheFeeThatPaymentsToANodeHavePaid() public {
        (address payer,, uint256 session) = channel("payer", 7e18);
        redeem(voucher(session, payer, 0, model, 1e18, 1));
        assertEq(settlement.workOf(node), 3e16, "fee of a redemption");
        vm.prank(agent);
        open.transfer(at, 1e18);
        desk.split(uint32(model), 1, node);
        assertEq(settlement.workOf(node), 6e16, "fee of a payment");
        settlement.withdrawFor(node);
        assertEq(settlement.workOf(node), 6e16, "a withdrawal takes none back");
        assertEq(settlement.workOf(maker), 0, "the developer answered no call");
    }
}
