// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {PayTo} from "../../src/settle/PayTo.sol";
import {PotWorld} from "../support/PotWorld.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";
import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";

contract SettlementGas is MarketDeployed {
    string private constant GROUP = "Settlement";
    uint96 private constant DEPOSIT = 1e18;
    uint32 private constant CALLS = 100;

    function setUp() public {
        deployMarket();
        // A steady state: every receiving account has been paid before.
        (address payer,, uint256 key) = channel("first", DEPOSIT);
        redeem(voucher(key, payer, 0, model, 1e17, 1));
        ledger.spread(0, oneRef());
        (payer,, key) = channel("second", DEPOSIT);
        redeem(voucher(key, payer, 0, model, 1e17, 1));
    }

    function test_OpenAndTopUp() public {
        address payer = rich("payer", 10e18, address(settlement));
        vm.startPrank(payer);
        // The app approves exactly the amount taken.
        open.approve(address(settlement), DEPOSIT);
        settlement.open(node, actor("session"), DEPOSIT);
        assertLe(vm.snapshotGasLastCall(GROUP, "open"), 72_000, "open");
        open.approve(address(settlement), DEPOSIT);
        settlement.topUp(node, actor("session"), DEPOSIT);
        assertLe(vm.snapshotGasLastCall(GROUP, "topUp"), 55_000, "topUp");
        settlement.requestClose(node, actor("session"));
        vm.snapshotGasLastCall(GROUP, "requestClose");
        vm.warp(block.timestamp + 1 days);
        settlement.close(node, actor("session"));
        vm.snapshotGasLastCall(GROUP, "close");
    }

    function test_Redeem1() public {
        redeemMany(1, "redeem 1");
    }

    function test_Redeem10() public {
        redeemMany(10, "redeem 10");
    }

    /// @notice 100 vouchers of 100 calls: 10,000 calls in one transaction.
    function test_Redeem100() public {
        uint256 gas = redeemMany(100, "redeem 100");
        assertLe(gas / 100, 20_000, "gas per voucher");
        assertLe(gas / (100 * CALLS), 200, "gas per call");
        vm.snapshotValue(GROUP, "redeem 100, per voucher", gas / 100);
        vm.snapshotValue(GROUP, "redeem 100, per call of 10,000", gas / (100 * CALLS));
    }

    function test_RedeemFourModels() public {
        ISettlement.Line[] memory lines = new ISettlement.Line[](4);
        for (uint256 i; i < 4; ++i) {
            uint256 id = i == 0 ? model : registerModel(CC0, terms(7000, 2000, 1000));
            lines[i] = line(id, 1e16, CALLS);
        }
        (address payer,, uint256 key) = channel("payer", DEPOSIT);
        ISettlement.Voucher memory mixed = signed(key, node, ISettlement.Voucher(payer, 0, lines, 0, 0));
        redeem(mixed);
        vm.snapshotGasLastCall(GROUP, "redeem 1 of four models");
    }

    function test_InvokeAndWithdraw() public {
        address payer = rich("payer", 10e18, address(settlement));
        vm.prank(payer);
        settlement.invoke(uint32(model), 1, node, 1e16, "call");
        vm.snapshotGasLastCall(GROUP, "invoke");
        give(maker, 1);
        vm.prank(maker);
        settlement.withdraw(maker);
        assertLe(vm.snapshotGasLastCall(GROUP, "withdraw"), 61_000, "withdraw");
        ledger.spread(0, oneRef());
        vm.snapshotGasLastCall(GROUP, "spread over one Datanet");
    }

    function redeemMany(uint256 count, string memory name) private returns (uint256) {
        ISettlement.Voucher[] memory vouchers = new ISettlement.Voucher[](count);
        for (uint256 i; i < count; ++i) {
            (address payer,, uint256 key) = channel(string.concat("payer ", string(abi.encode(i))), DEPOSIT);
            vouchers[i] = voucher(key, payer, 0, model, 1e17, CALLS);
        }
        vm.prank(node);
        settlement.redeem(node, vouchers);
        return vm.snapshotGasLastCall(GROUP, name);
    }

    function test_PayTo() public {
        PayTo desk = PayTo(deploy("PayTo", abi.encode(IERC20(address(open)), settlement)));
        (address payer, uint256 key) = account("agent");
        give(payer, 10e18);
        address to = desk.addressOf(uint32(model), 1, node);
        desk.pay(uint32(model), 1, node, plainTransfer(payer, key, to, "first"));
        vm.snapshotGasLastCall(GROUP, "pay to an address, first");
        desk.pay(uint32(model), 1, node, plainTransfer(payer, key, to, "second"));
        vm.snapshotGasLastCall(GROUP, "pay to an address");
    }
}

/// @notice Redemptions of a model that has committed influence, into a pot that holds a record already.
contract PotGas is PotWorld {
    string private constant GROUP = "Settlement";
    uint32 private constant CALLS = 100;

    function setUp() public {
        deployPots();
        for (uint96 i; i < 2; ++i) {
            (address first,, uint256 key) = channel(string.concat("warm", string(abi.encode(i))), 1e18);
            redeem(voucher(key, first, 0, model, 1e17, 1));
        }
    }

    function redeemMany(uint256 count) private {
        ISettlement.Voucher[] memory batch = new ISettlement.Voucher[](count);
        for (uint256 i; i < count; ++i) {
            (address from,, uint256 key) = channel(string.concat("payer", string(abi.encode(i))), 1e18);
            batch[i] = voucher(key, from, 0, model, 1e17, CALLS);
        }
        vm.prank(node);
        settlement.redeem(node, batch);
    }

    function test_RedeemOneIntoAPot() public {
        redeemMany(1);
        vm.snapshotGasLastCall(GROUP, "redeem 1 into a pot");
    }

    function test_RedeemHundredIntoAPot() public {
        redeemMany(100);
        uint256 gas = vm.snapshotGasLastCall(GROUP, "redeem 100 into a pot");
        vm.snapshotValue(GROUP, "redeem 100 into a pot, per voucher", gas / 100);
        assertLe(gas / 100, 20_000, "gas per voucher");
    }
}
