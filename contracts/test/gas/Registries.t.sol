// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatanetRef, DatanetRefs} from "../../src/interfaces/DatanetRef.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";

contract RegistriesGas is MarketDeployed {
    function setUp() public {
        deployMarket();
    }

    function test_Datanet() public {
        vm.startPrank(curator);
        uint256 id = datanets.create("meta", CC0, 500, true, 0, new bytes32[](0));
        assertLe(vm.snapshotGasLastCall("DatanetRegistry", "create"), 110_000, "create");
        datanets.publish(id, "manifest", "rows", "shares", 1000, 0, 0);
        assertLe(vm.snapshotGasLastCall("DatanetRegistry", "publish"), 127_000, "publish");
        uint32[] memory numbers = new uint32[](10);
        for (uint256 i; i < 10; ++i) {
            numbers[i] = datanets.contribute(id, keccak256(abi.encode(i)), 100, "rows");
        }
        assertLe(vm.snapshotGasLastCall("DatanetRegistry", "contribute"), 82_000, "contribute");
        datanets.judge(id, numbers, 1023, new bytes32[](10));
        assertLe(vm.snapshotGasLastCall("DatanetRegistry", "judge 10"), 110_000, "judge");
        datanets.contributeBatch(id, "root", 100);
        assertLe(vm.snapshotGasLastCall("DatanetRegistry", "contributeBatch of 100"), 100_000, "batch");
        datanets.withdraw(id, 1);
        vm.snapshotGasLastCall("DatanetRegistry", "withdraw");
    }

    function test_Model() public {
        vm.prank(curator);
        uint256 other = datanets.create("meta", CC0, 500, true, 0, new bytes32[](0));
        vm.prank(curator);
        datanets.publish(other, "manifest", "rows", "shares", 1000, 0, 0);
        DatanetRef[] memory refs = new DatanetRef[](2);
        refs[0] = oneRef()[0];
        refs[1] = DatanetRefs.pack(uint64(other), 1, 1);
        IModelRegistry.Release memory first = release(0, refs);
        IModelRegistry.Terms memory split = terms(7000, 2000, 1000);
        vm.startPrank(maker);
        uint256 id = models.register(1, CC0, split, PER_CALL, PER_1K, first);
        assertLe(vm.snapshotGasLastCall("ModelRegistry", "register with 2 references"), 280_000, "register");
        models.publish(id, first);
        vm.snapshotGasLastCall("ModelRegistry", "publish");
        uint256 deposit = 2 * influences.answerFee();
        vm.deal(maker, deposit);
        influences.commitInfluence{value: deposit}(firstOf(id), "artefact", "root", 5000, 100, 8000);
        vm.snapshotGasLastCall("InfluenceBook", "commitInfluence");
    }
}
