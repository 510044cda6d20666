// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PotCodec} from "../../src/attribution/lib/PotCodec.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";
import {PotWorld} from "../support/PotWorld.sol";
import {Vm} from "../support/Vm.sol";

/// @notice Any split of any gross, compared with a second implementation.
contract SplitFuzz is MarketDeployed {
    function setUp() public {
        deployMarket();
        vm.prank(maker);
        models.setPrice(model, 0, 0);
    }

    function testFuzz_SplitConservesTheGross(uint96 gross, uint16 feeBps, uint16 dataBps, uint16 nodeBps) public {
        gross = uint96(bound(gross, 1, 50_000_000e18));
        feeBps = uint16(bound(feeBps, 50, 1000));
        dataBps = uint16(bound(dataBps, 1000, 10_000));
        nodeBps = uint16(bound(nodeBps, 0, 10_000 - dataBps));
        uint16 devBps = 10_000 - dataBps - nodeBps;
        vm.prank(council);
        settlement.setFee(feeBps);
        uint256 id = registerModel(CC0, terms(devBps, dataBps, nodeBps));
        vm.prank(maker);
        models.setPrice(id, 0, 0);
        address payer = rich("payer", gross, address(settlement));
        vm.prank(payer);
        settlement.invoke(uint32(id), 1, node, gross, "call");

        uint256 rest = gross - uint256(gross) * feeBps / 10_000;
        assertEq(settlement.credit(maker), rest * devBps / 10_000, "developer");
        assertEq(settlement.owed(), rest * dataBps / 10_000, "data");
        assertEq(settlement.credit(node), rest * nodeBps / 10_000, "node");
        uint256 others = settlement.credit(maker) + settlement.owed() + settlement.credit(node);
        assertEq(settlement.credit(treasury), gross - others, "fee and dust");
        assertLe(gross - others - uint256(gross) * feeBps / 10_000, 2, "dust");
        assertEq(open.balanceOf(address(settlement.vault())), gross, "custody");
    }

    function testFuzz_ABatchPaysAsItsVouchersOneByOne(uint96[4] memory amounts, uint8[4] memory which) public {
        uint256 other = registerModel(CC0, terms(8000, 1000, 1000));
        (address payer, address signer, uint256 key) = channel("payer", 1_000_000e18);
        ISettlement.Voucher[] memory list = new ISettlement.Voucher[](4);
        uint96 base;
        uint256[2] memory gross;
        for (uint256 i; i < 4; ++i) {
            uint96 amount = uint96(bound(amounts[i], 1, 250_000e18));
            uint256 id = which[i] % 2;
            list[i] = voucher(key, payer, base, id == 0 ? model : other, amount, 1);
            gross[id] += amount;
            base += amount;
        }
        vm.prank(node);
        settlement.redeem(node, list);
        assertEq(settlement.channelOf(payer, node, signer).redeemed, base, "redeemed");
        uint256[2] memory rest = [gross[0] - gross[0] * 300 / 10_000, gross[1] - gross[1] * 300 / 10_000];
        assertEq(settlement.credit(maker), rest[0] * 7000 / 10_000 + rest[1] * 8000 / 10_000, "developer");
        assertEq(settlement.owed(), rest[0] * 2000 / 10_000 + rest[1] * 1000 / 10_000, "data");
        assertEq(settlement.credit(node), rest[0] * 1000 / 10_000 + rest[1] * 1000 / 10_000, "node");
    }

    function testFuzz_QuoteIsAtLeastThePrice(uint64 calls, uint64 tokens, uint64 perCall, uint64 per1k) public {
        vm.prank(maker);
        models.setPrice(model, perCall, per1k);
        uint256 exact = uint256(calls) * perCall * 1000 + uint256(tokens) * per1k;
        uint256 quoted = settlement.quote(model, calls, tokens) * 1000;
        assertLe(exact, quoted, "at least");
        assertLe(quoted, exact + 999, "less than a wei more");
    }
}

/// @notice The contributors' part of any gross, cut into flat money and a record.
contract PotSplitFuzz is PotWorld {
    function setUp() public {
        deployPots();
    }

    function testFuzz_TheCutConservesTheGross(uint96 gross, uint16 feeBps) public {
        gross = uint96(bound(gross, 1, 1_000_000e18));
        feeBps = uint16(bound(feeBps, 50, 1000));
        vm.prank(council);
        settlement.setFee(feeBps);
        vm.recordLogs();
        redeem(voucher(payerKey, payer, 0, model, gross, 1));
        uint256 terms_ = recorded();
        (uint256 pool, uint256 keep) = (uint96(terms_), uint96(terms_ >> 96));
        uint256 data = (gross - uint256(gross) * feeBps / 10_000) * 2000 / 10_000;
        assertEq(pool, data * RHO / 10_000, "pool");
        assertLe(keep, pool / 50, "keep");
        assertEq(settlement.flat(models.lineageOf(model, 1)), data - pool, "flat");
        assertEq(settlement.owed(), data + keep, "owed");
        uint256 others = settlement.credit(maker) + settlement.credit(node) + settlement.credit(treasury);
        assertEq(others + settlement.owed(), gross, "all of it");
    }

    /// @dev Terms of the record that was booked; 0 without one.
    function recorded() private returns (uint256) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == ISettlement.Booked.selector) {
                return abi.decode(logs[i].data, (PotCodec.Record)).terms;
            }
        }
        return 0;
    }
}
