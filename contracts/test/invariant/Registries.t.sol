// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDatanetRegistry} from "../../src/interfaces/IDatanetRegistry.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {DatanetRef, DatanetRefs} from "../../src/interfaces/DatanetRef.sol";
import {DatanetRegistry} from "../../src/registry/DatanetRegistry.sol";
import {ModelRegistry} from "../../src/registry/ModelRegistry.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";
import {Test} from "../support/Test.sol";

/// @notice Curators, contributors and a model maker in any order; the ghosts keep a hash of all that was ever published.
contract RegistryHandler is Test {
    DatanetRegistry private immutable _datanets;
    ModelRegistry private immutable _models;
    address private immutable _curator;
    address private immutable _maker;
    address private immutable _guardian;
    bytes32[] private _datanetVersions;
    bytes32[] private _modelVersions;
    uint256 public accepted;
    uint256 public pending;

    constructor(DatanetRegistry datanets, ModelRegistry models, address[3] memory roles) {
        (_datanets, _models) = (datanets, models);
        (_curator, _maker, _guardian) = (roles[0], roles[1], roles[2]);
        _datanetVersions.push(datanetHash(1));
        _modelVersions.push(modelHash(1));
    }

    function publishDatanet(bytes32 root, uint48 rows) external {
        if (root == 0 || rows == 0) return;
        uint32 latest = _datanets.datanetOf(1).versions;
        uint64 withdrawals = _datanets.withdrawalsOf(1);
        vm.prank(_curator);
        uint32 version = _datanets.publish(1, root, root, root, rows, latest, withdrawals);
        assertEq(version, _datanetVersions.length + 1, "numbers follow");
        _datanetVersions.push(datanetHash(version));
    }

    function publishStale(uint32 parent) external {
        uint32 latest = _datanets.datanetOf(1).versions;
        if (parent == latest) return;
        vm.prank(_curator);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NotLatest.selector, parent, latest));
        _datanets.publish(1, "m", "r", "s", 1, parent, 0);
    }

    function publishModel(bytes32 adapter, uint32 cited) external {
        if (adapter == 0) return;
        DatanetRef[] memory refs = new DatanetRef[](1);
        refs[0] = DatanetRefs.pack(1, 1 + cited % _datanets.datanetOf(1).versions, 1);
        // The same files keep their lineage, so each version has files of its own.
        adapter = keccak256(abi.encode(adapter, _modelVersions.length));
        vm.prank(_maker);
        uint32 version = _models.publish(1, IModelRegistry.Release(adapter, adapter, 1, 1, 8, 0, refs));
        assertEq(version, _modelVersions.length + 1, "numbers follow");
        _modelVersions.push(modelHash(version));
    }

    function touchModel(uint128 price) external {
        vm.prank(_maker);
        _models.setPrice(1, price, price);
    }

    function contribute(bytes32 content) external {
        if (content == 0) return;
        vm.prank(address(0xA11CE));
        _datanets.contribute(1, content, 1, content);
        ++pending;
    }

    function judge(uint32 seed, bool accept) external {
        uint32 made = _datanets.datanetOf(1).contributions;
        if (made == 0) return;
        uint32[] memory numbers = new uint32[](1);
        numbers[0] = 1 + seed % made;
        IDatanetRegistry.State state = _datanets.contributionOf(1, numbers[0]).state;
        if (state != IDatanetRegistry.State.Pending) return;
        bytes32[] memory reasons = new bytes32[](1);
        reasons[0] = "reason";
        vm.prank(_curator);
        _datanets.judge(1, numbers, accept ? 1 : 0, reasons);
        --pending;
        if (accept) ++accepted;
    }

    /// @dev An exit: it runs whether or not entries are paused.
    function withdraw(uint32 seed) external {
        uint32 made = _datanets.datanetOf(1).contributions;
        if (made == 0) return;
        uint32 number = 1 + seed % made;
        IDatanetRegistry.State state = _datanets.contributionOf(1, number).state;
        if (state == IDatanetRegistry.State.Withdrawn) return;
        vm.prank(address(0xA11CE));
        _datanets.withdraw(1, number);
        if (state == IDatanetRegistry.State.Pending) --pending;
        if (state == IDatanetRegistry.State.Accepted) --accepted;
    }

    function pause() external {
        if (vm.getBlockTimestamp() < _datanets.nextPause() || vm.getBlockTimestamp() >= _datanets.pauseEnd()) return;
        vm.prank(_guardian);
        _datanets.pause();
    }

    function checkHistory() external view {
        assertEq(_datanets.datanetOf(1).versions, _datanetVersions.length, "I8: Datanet versions only append");
        assertEq(_models.versionCount(1), _modelVersions.length, "I8: model versions only append");
        for (uint32 i; i < _datanetVersions.length; ++i) {
            assertEq(datanetHash(i + 1), _datanetVersions[i], "I8: a Datanet version never changes");
        }
        for (uint32 i; i < _modelVersions.length; ++i) {
            assertEq(modelHash(i + 1), _modelVersions[i], "I8: a model version never changes");
        }
    }

    function datanetHash(uint32 version) private view returns (bytes32) {
        return keccak256(abi.encode(_datanets.versionOf(1, version)));
    }

    function modelHash(uint32 version) private view returns (bytes32) {
        return keccak256(abi.encode(_models.versionOf(1, version)));
    }
}

contract RegistryInvariants is MarketDeployed {
    RegistryHandler private handler;

    function setUp() public {
        deployMarket();
        handler = new RegistryHandler(datanets, models, [curator, maker, guardian]);
        targetContract(address(handler));
    }

    /// @notice I8
    function invariant_VersionsOnlyAppend() public view {
        handler.checkHistory();
    }

    function invariant_CountsAreThoseOfTheContributions() public view {
        assertEq(datanets.datanetOf(1).accepted, handler.accepted(), "accepted");
        assertEq(datanets.datanetOf(1).pending, handler.pending(), "pending");
    }
}
