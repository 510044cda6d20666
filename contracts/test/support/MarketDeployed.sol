// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {AttributionCourt} from "../../src/attribution/AttributionCourt.sol";
import {AttributionLedger} from "../../src/attribution/AttributionLedger.sol";
import {Dockets} from "../../src/attribution/Dockets.sol";
import {InfluenceBook} from "../../src/attribution/InfluenceBook.sol";
import {Roles} from "../../src/gov/Roles.sol";
import {DatanetRef, DatanetRefs} from "../../src/interfaces/DatanetRef.sol";
import {IPayTo} from "../../src/interfaces/IPayTo.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {DatanetRegistry} from "../../src/registry/DatanetRegistry.sol";
import {ModelRegistry} from "../../src/registry/ModelRegistry.sol";
import {NodeRegistry} from "../../src/registry/NodeRegistry.sol";
import {Settlement} from "../../src/settle/Settlement.sol";
import {Splitter} from "../../src/settle/Splitter.sol";
import {OpenDeployed} from "./OpenDeployed.sol";
import {Typed} from "./Typed.sol";

/// @notice Registries, a settlement and all of attribution, with one Datanet of one version and one model that cites it.
abstract contract MarketDeployed is OpenDeployed {
    uint32 internal constant CC0 = 1;
    uint32 internal constant CC_BY_NC = 4;
    uint32 internal constant CC_BY_ND = 6;
    uint32 internal constant CC_BY_NC_ND = 7;
    bytes32 internal constant RECEIPTS = keccak256("receipts");
    uint128 internal constant PER_CALL = 1e15;
    uint128 internal constant PER_1K = 3e14;

    uint256 internal constant WINDOW = 48 hours;

    address internal maker = actor("maker");
    address internal curator = actor("curator");
    address internal node = actor("node");
    NodeRegistry internal nodes;
    DatanetRegistry internal datanets;
    ModelRegistry internal models;
    InfluenceBook internal influences;
    AttributionLedger internal ledger;
    Settlement internal settlement;
    AttributionCourt internal court;
    uint256 internal datanet;
    uint256 internal model;
    uint256 private _released;

    function deployMarket() internal {
        deployOpen();
        nodes = NodeRegistry(deploy("NodeRegistry", abi.encode(open, address(manager))));
        datanets =
            DatanetRegistry(deploy("DatanetRegistry", abi.encode(address(manager), IERC20(address(nodes.staked())))));
        models = ModelRegistry(deploy("ModelRegistry", abi.encode(address(manager), datanets)));
        restrict(address(models), models.setBaseLicence.selector, Roles.PARAM);
        deployAttribution();
        restrictPause(address(datanets));
        restrictPause(address(models));
        restrictPause(address(settlement));
        restrict(address(datanets), datanets.addLicence.selector, Roles.PARAM);
        restrict(address(datanets), datanets.decideAppeal.selector, Roles.PARAM);
        restrict(address(settlement), settlement.setFee.selector, Roles.PARAM);
        vm.startPrank(curator);
        datanet = datanets.create("meta", CC0, 500, true, 0, new bytes32[](0));
        datanets.publish(datanet, "manifest", "rows", "shares", 1000, 0, 0);
        vm.stopPrank();
        models.addBase("llama", "architecture", CC0);
        model = registerModel(CC0, terms(7000, 2000, 1000));
    }

    function deployAttribution() private {
        IERC20 token = IERC20(address(open));
        influences = InfluenceBook(deploy("InfluenceBook", abi.encode(address(manager), models, datanets, WINDOW)));
        ledger = AttributionLedger(
            deploy("AttributionLedger", abi.encode(address(manager), token, models, datanets, WINDOW))
        );
        settlement = Settlement(
            deploy(
                "Settlement",
                abi.encode(address(manager), Splitter.Parts(token, models, influences, ledger, treasury, WINDOW))
            )
        );
        court = AttributionCourt(
            deploy(
                "AttributionCourt",
                abi.encode(address(manager), Dockets.Parts(open, ledger, influences, settlement, treasury, WINDOW))
            )
        );
        ledger.wire(address(settlement), address(court));
        restrict(address(ledger), ledger.announceCourt.selector, Roles.PARAM);
        restrict(address(influences), influences.setPostFee.selector, Roles.PARAM);
        restrict(address(court), court.setPostFee.selector, Roles.PARAM);
        restrict(address(court), court.hold.selector, Roles.PAUSER);
    }

    function registerModel(uint32 licence, IModelRegistry.Terms memory given) internal returns (uint256) {
        vm.prank(maker);
        return models.register(1, licence, given, PER_CALL, PER_1K, release(0, oneRef()));
    }

    function terms(uint16 dev, uint16 data, uint16 nodeBps) internal view returns (IModelRegistry.Terms memory) {
        return IModelRegistry.Terms(maker, dev, data, nodeBps, 0);
    }

    /// @notice A release of files that no other has.
    function release(uint96 parent, DatanetRef[] memory refs) internal returns (IModelRegistry.Release memory) {
        return
            IModelRegistry.Release(keccak256(abi.encode("adapter", ++_released)), "manifest", 16, 4096, 8, parent, refs);
    }

    function oneRef() internal view returns (DatanetRef[] memory refs) {
        refs = new DatanetRef[](1);
        refs[0] = DatanetRefs.pack(uint64(datanet), 1, 1);
    }

    /// @notice An ERC-3009 transfer that `key` signs, as x402 clients do: 1 OPEN in the next minute.
    function plainTransfer(address from, uint256 key, address to, bytes32 nonce)
        internal
        view
        returns (IPayTo.Authorization memory)
    {
        uint256 end = vm.getBlockTimestamp() + 60;
        bytes32 digest = Typed.transfer(address(open), from, to, 1e18, end, nonce);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return IPayTo.Authorization(from, 1e18, 0, end, nonce, v, r, s);
    }

    function pause(address target) internal {
        vm.prank(guardian);
        (bool done,) = target.call(abi.encodeWithSignature("pause()"));
        assertTrue(done, "paused");
    }

    /// @notice A line for version 1 of a model.
    function line(uint256 modelId, uint96 amount, uint32 calls) internal pure returns (ISettlement.Line memory) {
        return ISettlement.Line(uint32(modelId), 1, amount, calls, RECEIPTS);
    }

    /// @notice Version 1 of a model.
    function firstOf(uint256 modelId) internal pure returns (uint64) {
        return uint64(modelId << 32 | 1);
    }

    /// @notice A voucher for one line, signed by `key`.
    function voucher(uint256 key, address payer, uint96 base, uint256 modelId, uint96 amount, uint32 calls)
        internal
        view
        returns (ISettlement.Voucher memory)
    {
        ISettlement.Line[] memory lines = new ISettlement.Line[](1);
        lines[0] = line(modelId, amount, calls);
        return signed(key, node, ISettlement.Voucher(payer, base, lines, 0, 0));
    }

    function signed(uint256 key, address toNode, ISettlement.Voucher memory unsigned)
        internal
        view
        returns (ISettlement.Voucher memory)
    {
        (unsigned.r, unsigned.vs) = Typed.sign(key, Typed.voucher(address(settlement), toNode, unsigned));
        return unsigned;
    }

    function one(ISettlement.Voucher memory only) internal pure returns (ISettlement.Voucher[] memory list) {
        list = new ISettlement.Voucher[](1);
        list[0] = only;
    }

    /// @notice A channel to `node` of a new payer, and the key of its session.
    function channel(string memory name, uint96 deposit) internal returns (address payer, address signer, uint256 key) {
        payer = rich(name, deposit, address(settlement));
        (signer, key) = account(string.concat(name, "'s session"));
        vm.prank(payer);
        settlement.open(node, signer, deposit);
    }

    function redeem(ISettlement.Voucher memory only) internal {
        vm.prank(node);
        settlement.redeem(node, one(only));
    }
}
