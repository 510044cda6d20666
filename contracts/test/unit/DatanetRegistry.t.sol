// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDatanetRegistry} from "../../src/interfaces/IDatanetRegistry.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";

/// @notice Datanets, curators, versions and licences.
contract DatanetRegistryTest is MarketDeployed {
    address private stranger = actor("stranger");

    function setUp() public {
        deployMarket();
    }

    function test_CreateMakesATokenOfItsOwner() public {
        bytes32[] memory tags = new bytes32[](2);
        (tags[0], tags[1]) = ("chemistry", "english");
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.DatanetCreated(2, stranger, "about", CC_BY_NC, 700, false, 5);
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.TagAdded("chemistry", 2);
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.TagAdded("english", 2);
        vm.prank(stranger);
        assertEq(datanets.create("about", CC_BY_NC, 700, false, 5, tags), 2, "id");
        assertEq(datanets.ownerOf(2), stranger, "owner");
        assertEq(datanets.datanetCount(), 2, "count");
        assertEq(keccak256(bytes(datanets.symbol())), keccak256("DNET"), "symbol");
        IDatanetRegistry.Datanet memory made = datanets.datanetOf(2);
        assertEq(made.meta, "about", "meta");
        assertEq(made.licence, CC_BY_NC, "licence");
        assertEq(made.createdAt, block.timestamp, "time");
        assertEq(made.curatorBps, 700, "share");
        assertEq(made.minStakeOpen, 5, "stake");
        assertTrue(!made.open, "closed");
        assertEq(made.versions, 0, "versions");
    }

    function test_CreateRefusesWhatItCannotMean() public {
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.UnknownLicence.selector, 99));
        datanets.create("about", 99, 0, true, 0, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.UnknownLicence.selector, 0));
        datanets.create("about", 0, 0, true, 0, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.BadShare.selector, 10_001));
        datanets.create("about", CC0, 10_001, true, 0, new bytes32[](0));
    }

    function test_APauseStopsCreationOnly() public {
        pause(address(datanets));
        expectPaused();
        datanets.create("about", CC0, 0, true, 0, new bytes32[](0));
        vm.prank(stranger);
        uint32 number = datanets.contribute(datanet, "content", 1, "rows");
        vm.prank(stranger);
        datanets.withdraw(datanet, number);
        vm.prank(curator);
        datanets.publish(datanet, "manifest", "rows", "shares", 1, 1, 0);
    }

    function test_OnlyTheOwnerSets() public {
        bytes memory refused = abi.encodeWithSelector(IDatanetRegistry.NotDatanetOwner.selector, datanet, address(this));
        vm.expectRevert(refused);
        datanets.setMeta(datanet, "new", new bytes32[](0));
        vm.expectRevert(refused);
        datanets.setAccess(datanet, false, 0);
        vm.expectRevert(refused);
        datanets.setCurator(datanet, stranger, true);
        bytes32[] memory tags = new bytes32[](1);
        tags[0] = "tag";
        vm.startPrank(curator);
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.MetaSet(datanet, "new", keccak256(abi.encodePacked(tags)));
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.TagAdded("tag", datanet);
        datanets.setMeta(datanet, "new", tags);
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.AccessSet(datanet, false, 9);
        datanets.setAccess(datanet, false, 9);
        IDatanetRegistry.Datanet memory now_ = datanets.datanetOf(datanet);
        assertEq(now_.meta, "new", "meta");
        assertEq(now_.minStakeOpen, 9, "stake");
        assertTrue(!now_.open, "closed");
    }

    function test_ASaleEndsTheCuratorsOfTheSeller() public {
        vm.startPrank(curator);
        datanets.setCurator(datanet, stranger, true);
        datanets.transferFrom(curator, maker, datanet);
        vm.stopPrank();
        assertTrue(!datanets.isCurator(datanet, stranger), "named by the seller");
        expectNotCurator(stranger);
        publish(stranger, 1);
        // Also when the seller buys it back.
        vm.prank(maker);
        datanets.transferFrom(maker, curator, datanet);
        assertTrue(!datanets.isCurator(datanet, stranger), "still ended");
    }

    function test_ATransferToOneselfKeepsTheCurators() public {
        vm.startPrank(curator);
        datanets.setCurator(datanet, stranger, true);
        datanets.transferFrom(curator, curator, datanet);
        assertTrue(datanets.isCurator(datanet, stranger), "named by the owner");
    }

    function test_ApprovalsAndOperatorsOfTheSellerEndWithASale() public {
        vm.startPrank(curator);
        datanets.setApprovalForAll(stranger, true);
        datanets.approve(stranger, datanet);
        datanets.transferFrom(curator, maker, datanet);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSignature("ERC721InsufficientApproval(address,uint256)", stranger, datanet));
        vm.prank(stranger);
        datanets.transferFrom(maker, stranger, datanet);
        // An approval moves the token, and nothing else.
        vm.prank(maker);
        datanets.approve(stranger, datanet);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NotDatanetOwner.selector, datanet, stranger));
        vm.prank(stranger);
        datanets.setCurator(datanet, stranger, true);
        expectNotCurator(stranger);
        publish(stranger, 1);
    }

    function test_CuratorsComeGoAndFollowTheToken() public {
        assertTrue(datanets.isCurator(datanet, curator), "the owner is one");
        assertTrue(!datanets.isCurator(datanet, stranger), "a stranger is not");
        assertTrue(!datanets.isCurator(999, address(0)), "nobody curates what is not");
        vm.prank(curator);
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.CuratorSet(datanet, stranger, true);
        datanets.setCurator(datanet, stranger, true);
        publish(stranger, 1);
        vm.prank(curator);
        datanets.setCurator(datanet, stranger, false);
        expectNotCurator(stranger);
        publish(stranger, 2);
        vm.prank(curator);
        datanets.transferFrom(curator, maker, datanet);
        expectNotCurator(curator);
        publish(curator, 2);
        publish(maker, 2);
    }

    function test_VersionsAppend() public {
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.VersionPublished(datanet, 2, "m2", "r2", "s2", 7, curator, 0);
        vm.prank(curator);
        assertEq(datanets.publish(datanet, "m2", "r2", "s2", 7, 1, 0), 2, "version");
        IDatanetRegistry.Version memory second = datanets.versionOf(datanet, 2);
        assertEq(second.manifest, "m2", "manifest");
        assertEq(second.rowsRoot, "r2", "rows root");
        assertEq(second.sharesRoot, "s2", "shares root");
        assertEq(second.publisher, curator, "publisher");
        assertEq(second.time, block.timestamp, "time");
        assertEq(second.rows, 7, "rows");
        assertEq(datanets.versionOf(datanet, 1).manifest, "manifest", "the first stays");
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.UnknownVersion.selector, datanet, 3));
        datanets.versionOf(datanet, 3);
    }

    function test_OfTwoCuratorsWithOneParentTheLaterLoses() public {
        vm.prank(curator);
        datanets.setCurator(datanet, stranger, true);
        publish(stranger, 1);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NotLatest.selector, 1, 2));
        publish(curator, 1);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NotLatest.selector, 3, 2));
        publish(curator, 3);
    }

    function test_AVersionHasRowsAndRoots() public {
        vm.startPrank(curator);
        vm.expectRevert(IDatanetRegistry.RootEmpty.selector);
        datanets.publish(datanet, 0, "r", "s", 1, 1, 0);
        vm.expectRevert(IDatanetRegistry.RootEmpty.selector);
        datanets.publish(datanet, "m", 0, "s", 1, 1, 0);
        vm.expectRevert(IDatanetRegistry.RootEmpty.selector);
        datanets.publish(datanet, "m", "r", 0, 1, 1, 0);
        vm.expectRevert(IDatanetRegistry.RowsMissing.selector);
        datanets.publish(datanet, "m", "r", "s", 0, 1, 0);
    }

    function test_LicencesAllowWhatTheySay() public {
        string[13] memory names = [
            "CC0-1.0",
            "CC-BY-4.0",
            "CC-BY-SA-4.0",
            "CC-BY-NC-4.0",
            "CC-BY-NC-SA-4.0",
            "CC-BY-ND-4.0",
            "CC-BY-NC-ND-4.0",
            "ODC-By-1.0",
            "ODbL-1.0",
            "PDDL-1.0",
            "Apache-2.0",
            "MIT",
            "BSD-3-Clause"
        ];
        assertEq(datanets.licenceCount(), 13, "count");
        for (uint32 i; i < 13; ++i) {
            bytes memory name = bytes(names[i]);
            IDatanetRegistry.Licence memory found = datanets.licenceOf(i + 1);
            assertEq(datanets.licenceWithText(keccak256(name)), i + 1, names[i]);
            assertEq(found.text, keccak256(name), names[i]);
            assertTrue(found.commercial == !has(name, "-NC"), names[i]);
            assertTrue(found.derivative == !has(name, "-ND"), names[i]);
            assertTrue(found.shareAlike == (has(name, "-SA") || has(name, "ODbL")), names[i]);
        }
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.UnknownLicence.selector, 14));
        datanets.licenceOf(14);
    }

    function test_ALicenceCoversWhatAllowsNoMore() public {
        datanets.checkLicence(CC0, CC_BY_NC_ND);
        datanets.checkLicence(CC_BY_NC, CC_BY_NC_ND);
        datanets.checkLicence(CC_BY_NC, CC_BY_NC);
        expectForbids(CC_BY_NC, CC0);
        datanets.checkLicence(CC_BY_NC, CC0);
        expectForbids(CC_BY_NC, CC_BY_ND);
        datanets.checkLicence(CC_BY_NC, CC_BY_ND);
        expectForbids(CC_BY_ND, CC_BY_NC);
        datanets.checkLicence(CC_BY_ND, CC_BY_NC);
        datanets.checkCitable(datanet, 1, CC0);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.UnknownVersion.selector, datanet, 2));
        datanets.checkCitable(datanet, 2, CC0);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.UnknownVersion.selector, datanet, 0));
        datanets.checkCitable(datanet, 0, CC0);
    }

    function test_FromAShareAlikeLicenceOnlyTheSameFollows() public {
        uint32[3] memory kept = [uint32(3), 5, 9];
        for (uint256 i; i < kept.length; ++i) {
            for (uint32 wanted = 1; wanted <= 13; ++wanted) {
                if (wanted != kept[i]) expectForbids(kept[i], wanted);
                datanets.checkLicence(kept[i], wanted);
            }
        }
        // What allows everything may become share-alike.
        datanets.checkLicence(CC0, 3);
        expectForbids(CC_BY_NC, 3);
        datanets.checkLicence(CC_BY_NC, 3);
    }

    function test_AVersionConsidersTheWithdrawalsMadeBeforeToday() public {
        uint32[] memory numbers = new uint32[](3);
        vm.startPrank(stranger);
        for (uint256 i; i < 3; ++i) {
            numbers[i] = datanets.contribute(datanet, keccak256(abi.encode(i)), 1, "rows");
        }
        datanets.withdraw(datanet, numbers[0]);
        vm.stopPrank();
        assertEq(datanets.withdrawalsOf(datanet), 1, "counted");
        vm.prank(curator);
        datanets.publish(datanet, "m", "r", "s", 1, 1, 0);
        vm.warp((vm.getBlockTimestamp() / 1 days + 1) * 1 days);
        expectNotKnown(0, 1, 1);
        datanets.publish(datanet, "m", "r", "s", 1, 2, 0);
        // One in front of the publication does not stop it.
        vm.prank(stranger);
        datanets.withdraw(datanet, numbers[1]);
        expectNotKnown(0, 1, 2);
        datanets.publish(datanet, "m", "r", "s", 1, 2, 0);
        expectNotKnown(3, 1, 2);
        datanets.publish(datanet, "m", "r", "s", 1, 2, 3);
        vm.expectEmit(address(datanets));
        emit IDatanetRegistry.VersionPublished(datanet, 3, "m", "r", "s", 1, curator, 1);
        vm.prank(curator);
        datanets.publish(datanet, "m", "r", "s", 1, 2, 1);
        vm.warp(vm.getBlockTimestamp() + 9 days);
        expectNotKnown(1, 2, 2);
        datanets.publish(datanet, "m", "r", "s", 1, 3, 1);
        vm.prank(curator);
        datanets.publish(datanet, "m", "r", "s", 1, 3, 2);
    }

    function expectNotKnown(uint64 known, uint64 least, uint64 all) private {
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.WithdrawalsNotKnown.selector, known, least, all));
        vm.prank(curator);
    }

    function test_GovernanceAddsLicences() public {
        expectUnauthorized(address(this));
        datanets.addLicence("LicenseRef-Own", "text", true, false, false);
        vm.startPrank(council);
        vm.expectRevert(IDatanetRegistry.RootEmpty.selector);
        datanets.addLicence("LicenseRef-Own", 0, true, false, false);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.LicenceExists.selector, CC0));
        datanets.addLicence("again", keccak256("CC0-1.0"), false, false, false);
        // Past the first word of 64 as well.
        for (uint32 i = 14; i < 70; ++i) {
            vm.expectEmit(address(datanets));
            emit IDatanetRegistry.LicenceAdded(i, bytes32(uint256(i)), "own", i % 2 == 0, i % 3 == 0, i % 5 == 0);
            datanets.addLicence("own", bytes32(uint256(i)), i % 2 == 0, i % 3 == 0, i % 5 == 0);
        }
        for (uint32 i = 14; i < 70; ++i) {
            IDatanetRegistry.Licence memory found = datanets.licenceOf(i);
            assertTrue(found.commercial == (i % 2 == 0) && found.derivative == (i % 3 == 0), "permissions");
            assertTrue(found.shareAlike == (i % 5 == 0), "share-alike");
            assertEq(found.text, bytes32(uint256(i)), "text");
        }
    }

    function publish(address who, uint32 parent) private {
        vm.prank(who);
        datanets.publish(datanet, "manifest", "rows", "shares", 1, parent, 0);
    }

    function expectNotCurator(address who) private {
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.NotCurator.selector, datanet, who));
    }

    function expectForbids(uint32 source, uint32 wanted) private {
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.LicenceForbids.selector, source, wanted));
    }

    function has(bytes memory text, bytes memory part) private pure returns (bool) {
        for (uint256 i; i + part.length <= text.length; ++i) {
            uint256 same;
            while (same < part.length && text[i + same] == part[same]) ++same;
            if (same == part.length) return true;
        }
        return false;
    }
}
