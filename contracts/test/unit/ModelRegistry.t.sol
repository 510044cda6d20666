// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatanetRef, DatanetRefs} from "../../src/interfaces/DatanetRef.sol";
import {IDatanetRegistry} from "../../src/interfaces/IDatanetRegistry.sol";
import {IModelRegistry} from "../../src/interfaces/IModelRegistry.sol";
import {MarketDeployed} from "../support/MarketDeployed.sol";

contract ModelRegistryTest is MarketDeployed {
    using DatanetRefs for DatanetRef;

    function setUp() public {
        deployMarket();
    }

    function test_BasesAreEnteredOnce() public {
        vm.expectEmit(address(models));
        emit IModelRegistry.BaseAdded(2, "arch", "qwen2", CC_BY_NC);
        assertEq(models.addBase("qwen2", "arch", CC_BY_NC), 2, "id");
        assertEq(models.baseWithArchitecture("arch"), 2, "by architecture");
        IModelRegistry.Base memory found = models.baseOf(2);
        assertEq(found.family, "qwen2", "family");
        assertEq(found.architecture, "arch", "architecture");
        assertEq(found.licence, CC_BY_NC, "licence");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.BaseExists.selector, 2));
        models.addBase("other name", "arch", CC0);
        vm.expectRevert(IModelRegistry.FieldMissing.selector);
        models.addBase(0, "arch", CC0);
        vm.expectRevert(IModelRegistry.FieldMissing.selector);
        models.addBase("qwen2", 0, CC0);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.UnknownLicence.selector, 99));
        models.addBase("qwen2", "arch 3", 99);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownBase.selector, 3));
        models.baseOf(3);
    }

    function test_GovernanceCorrectsTheLicenceOfABase() public {
        expectUnauthorized(address(this));
        models.setBaseLicence(1, CC_BY_NC);
        vm.startPrank(council);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownBase.selector, 9));
        models.setBaseLicence(9, CC_BY_NC);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.UnknownLicence.selector, 99));
        models.setBaseLicence(1, 99);
        vm.expectEmit(address(models));
        emit IModelRegistry.BaseLicenceSet(1, CC_BY_NC);
        models.setBaseLicence(1, CC_BY_NC);
        vm.stopPrank();
        assertEq(models.baseOf(1).licence, CC_BY_NC, "corrected");
        // For releases from now on, also of models that were there before.
        IModelRegistry.Release memory next = release(0, oneRef());
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.LicenceForbids.selector, CC_BY_NC, CC0));
        vm.prank(maker);
        models.publish(model, next);
    }

    function test_TheSameFilesKeepTheLineageOfTheirFirstRelease() public {
        IModelRegistry.Release memory first = release(0, oneRef());
        vm.startPrank(maker);
        models.publish(model, first);
        uint64 known = uint64(model << 32 | 2);
        assertEq(models.firstWith(first.adapter), known, "first");
        // Once more with the same lineage: the first release stays the first.
        assertEq(models.publish(model, first), 3, "version");
        assertEq(models.firstWith(first.adapter), known, "still the first");
        bytes memory refused = abi.encodeWithSelector(IModelRegistry.OtherLineage.selector, first.adapter, known);
        first.refs = new DatanetRef[](0);
        vm.expectRevert(refused);
        models.publish(model, first);
        // As a continuation of the first release, citing nothing: the royalty passes everything on.
        first.parent = known;
        models.publish(model, first);
        first.parent = known + 1;
        vm.expectRevert(refused);
        models.publish(model, first);
        first.parent = known;
        first.refs = oneRef();
        vm.expectRevert(refused);
        models.publish(model, first);
        (first.parent, first.refs[0]) = (0, DatanetRefs.pack(uint64(datanet), 1, 2));
        vm.expectRevert(refused);
        models.publish(model, first);
        vm.stopPrank();
    }

    function test_TheSameFilesKeepTheLicenceOfTheirFirstRelease() public {
        IModelRegistry.Release memory first = release(0, oneRef());
        vm.prank(maker);
        models.register(1, CC_BY_NC, terms(7000, 2000, 1000), 0, 0, first);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.LicenceForbids.selector, CC_BY_NC, CC0));
        models.register(1, CC0, terms(7000, 2000, 1000), 0, 0, first);
    }

    function test_AParentIsOwedADataPartAsReferencesAre() public {
        IModelRegistry.Release memory next = release(uint96(firstOf(model)), new DatanetRef[](0));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.DataShareTooSmall.selector, 999));
        models.register(1, CC0, terms(8001, 999, 1000), 0, 0, next);
        uint256 id = models.register(1, CC0, terms(8000, 1000, 1000), 0, 0, next);
        assertTrue(models.modelOf(id).cites, "owes");
    }

    function test_ApprovalsAndOperatorsMoveAModelAndNothingElse() public {
        address other = actor("operator");
        vm.startPrank(maker);
        models.setApprovalForAll(other, true);
        models.approve(other, model);
        vm.stopPrank();
        bytes memory refused = abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, model, other);
        IModelRegistry.Terms memory split = terms(9000, 1000, 0);
        vm.startPrank(other);
        vm.expectRevert(refused);
        models.announceTerms(model, split);
        vm.expectRevert(refused);
        models.setPrice(model, 1, 1);
        vm.stopPrank();
        vm.prank(maker);
        models.transferFrom(maker, actor("buyer"), model);
        vm.expectRevert(abi.encodeWithSignature("ERC721InsufficientApproval(address,uint256)", other, model));
        vm.prank(other);
        models.transferFrom(actor("buyer"), other, model);
    }

    /// @dev Terms that were due before the sale are in force and stay; only the payout changes.
    function test_DueTermsOutlastASaleByAnOperatorToo() public {
        address other = actor("operator");
        vm.startPrank(maker);
        models.announceTerms(model, terms(5000, 4000, 1000));
        models.setApprovalForAll(other, true);
        vm.stopPrank();
        vm.warp(vm.getBlockTimestamp() + 3 days);
        vm.prank(other);
        models.transferFrom(maker, other, model);
        assertEq(models.termsOf(model).payout, other, "payout");
        assertEq(models.termsOf(model).devBps, 5000, "in force");
        // Bought back: nothing of the first ownership returns.
        vm.prank(other);
        models.transferFrom(other, maker, model);
        assertEq(models.announcedTermsOf(model).effectiveAt, 0, "nothing announced");
    }

    function test_RegisterIsWholeAtOnce() public {
        vm.expectEmit(address(models));
        emit IModelRegistry.ModelRegistered(2, 1, maker, CC_BY_NC);
        assertEq(registerModel(CC_BY_NC, terms(6000, 3000, 1000)), 2, "id");
        assertEq(models.modelCount(), 2, "count");
        assertEq(models.ownerOf(2), maker, "owner");
        assertEq(keccak256(bytes(models.symbol())), keccak256("MODL"), "symbol");
        assertEq(models.versionCount(2), 1, "versions");
        IModelRegistry.Terms memory now_ = models.termsOf(2);
        assertEq(now_.payout, maker, "payout");
        assertEq(now_.devBps, 6000, "dev");
        assertEq(now_.dataBps, 3000, "data");
        assertEq(now_.nodeBps, 1000, "node");
        assertEq(now_.effectiveAt, block.timestamp, "since");
        (uint128 perCall, uint128 per1k) = models.priceOf(2);
        assertEq(perCall, PER_CALL, "per call");
        assertEq(per1k, PER_1K, "per 1k");
        IModelRegistry.Model memory made = models.modelOf(2);
        assertEq(made.base, 1, "base");
        assertEq(made.licence, CC_BY_NC, "licence");
        assertEq(made.createdAt, block.timestamp, "time");
        assertTrue(made.cites, "cites");
        IModelRegistry.Version memory first = models.versionOf(2, 1);
        assertEq(models.firstWith(first.adapter), uint256(2) << 32 | 1, "adapter");
        assertEq(first.manifest, "manifest", "manifest");
        assertEq(first.rank, 16, "rank");
        assertEq(first.sizeKiB, 4096, "size");
        assertEq(first.quant, 8, "quant");
        assertTrue(!first.deprecated, "in use");
    }

    function test_LineageIsTheHashOfParentAndReferences() public {
        uint96 parent = uint96(model << 32 | 1);
        DatanetRef[] memory refs = oneRef();
        IModelRegistry.Release memory next = release(parent, refs);
        vm.expectEmit(address(models));
        emit IModelRegistry.VersionPublished(model, 2, next.adapter, "manifest", parent, refs);
        vm.prank(maker);
        models.publish(model, next);
        uint256[] memory words = new uint256[](1);
        words[0] = (datanet << 48) | (1 << 16) | 1;
        assertEq(models.lineageOf(model, 2), keccak256(abi.encode(uint256(parent), words)), "lineage");
        assertEq(models.lineageOf(model, 3), 0, "an unknown version has none");
    }

    function test_RegisterRefusesBadTerms() public {
        expectRegisterReverts(terms(7000, 2000, 999), abi.encodeWithSelector(IModelRegistry.BadTerms.selector, 9999));
        expectRegisterReverts(
            terms(65_535, 65_535, 65_535), abi.encodeWithSelector(IModelRegistry.BadTerms.selector, 196_605)
        );
        expectRegisterReverts(
            terms(8001, 999, 1000), abi.encodeWithSelector(IModelRegistry.DataShareTooSmall.selector, 999)
        );
        IModelRegistry.Terms memory nobody = terms(7000, 2000, 1000);
        nobody.payout = address(0);
        expectRegisterReverts(nobody, abi.encodeWithSelector(IModelRegistry.PayoutMissing.selector));
    }

    function test_AModelWithoutDataMayGiveDataNothing() public {
        vm.prank(maker);
        uint256 id = models.register(1, CC0, terms(9000, 0, 1000), 0, 0, release(0, new DatanetRef[](0)));
        assertTrue(!models.modelOf(id).cites, "cites nothing");
        vm.startPrank(maker);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.DataShareTooSmall.selector, 0));
        models.publish(id, release(0, oneRef()));
        models.announceTerms(id, terms(8000, 1000, 1000));
        vm.warp(block.timestamp + 3 days);
        models.publish(id, release(0, oneRef()));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.DataShareTooSmall.selector, 0));
        models.announceTerms(id, terms(9000, 0, 1000));
    }

    function test_AnnouncedTermsCannotOutliveTheFirstCitation() public {
        vm.startPrank(maker);
        uint256 id = models.register(1, CC0, terms(8000, 1000, 1000), 0, 0, release(0, new DatanetRef[](0)));
        models.announceTerms(id, terms(9000, 0, 1000));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.DataShareTooSmall.selector, 0));
        models.publish(id, release(0, oneRef()));
        models.announceTerms(id, terms(9000, 1000, 0));
        models.publish(id, release(0, oneRef()));
    }

    function test_RegisterChecksBaseLicenceAndPause() public {
        IModelRegistry.Release memory first = release(0, oneRef());
        IModelRegistry.Terms memory split = terms(7000, 2000, 1000);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownBase.selector, 9));
        models.register(9, CC0, split, 0, 0, first);
        models.addBase("limited", "arch", CC_BY_NC);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.LicenceForbids.selector, CC_BY_NC, CC0));
        models.register(2, CC0, split, 0, 0, first);
        models.register(2, CC_BY_NC, split, 0, 0, first);
        pause(address(models));
        expectPaused();
        models.register(1, CC0, split, 0, 0, first);
        IModelRegistry.Release memory next = release(0, oneRef());
        vm.prank(maker);
        models.publish(model, next);
    }

    function test_CitedDatanetsMustAllowWhatTheModelAllows() public {
        vm.startPrank(curator);
        uint256 limited = datanets.create("meta", CC_BY_NC_ND, 0, true, 0, new bytes32[](0));
        datanets.publish(limited, "manifest", "rows", "shares", 1, 0, 0);
        vm.stopPrank();
        DatanetRef[] memory refs = new DatanetRef[](1);
        refs[0] = DatanetRefs.pack(uint64(limited), 1, 1);
        vm.prank(maker);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.LicenceForbids.selector, CC_BY_NC_ND, CC0));
        models.publish(model, release(0, refs));
        uint256 modest = registerModel(CC_BY_NC_ND, terms(7000, 2000, 1000));
        vm.prank(maker);
        models.publish(modest, release(0, refs));
    }

    function test_ReferencesAreAscendingWeightedExistingAndFew() public {
        DatanetRef[] memory refs = new DatanetRef[](2);
        refs[0] = refs[1] = oneRef()[0];
        vm.startPrank(maker);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.RefsNotAscending.selector, 1));
        models.publish(model, release(0, refs));
        refs = oneRef();
        refs[0] = DatanetRefs.pack(uint64(datanet), 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.WeightMissing.selector, 0));
        models.publish(model, release(0, refs));
        refs[0] = DatanetRefs.pack(uint64(datanet), 2, 1);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.UnknownVersion.selector, datanet, 2));
        models.publish(model, release(0, refs));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.TooManyRefs.selector, 17));
        models.publish(model, release(0, new DatanetRef[](17)));
    }

    function test_SixteenReferencesAreAllowed() public {
        vm.startPrank(curator);
        DatanetRef[] memory refs = new DatanetRef[](16);
        for (uint32 i; i < 16; ++i) {
            if (i > 0) datanets.publish(datanet, "manifest", "rows", "shares", 1, i, 0);
            refs[i] = DatanetRefs.pack(uint64(datanet), i + 1, 7);
        }
        vm.stopPrank();
        vm.prank(maker);
        assertEq(models.publish(model, release(0, refs)), 2, "version");
    }

    function test_AParentIsOfTheSameBaseAndAllowsAsMuch() public {
        models.addBase("other", "arch", CC0);
        IModelRegistry.Terms memory split = terms(7000, 2000, 1000);
        uint96 parent = uint96(model << 32 | 1);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.OtherBase.selector, 2, 1));
        models.register(2, CC0, split, 0, 0, release(parent, oneRef()));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModelVersion.selector, model, 2));
        models.register(1, CC0, split, 0, 0, release(parent + 1, oneRef()));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModelVersion.selector, model, 0));
        models.register(1, CC0, split, 0, 0, release(parent - 1, oneRef()));
        uint256 modest = registerModel(CC_BY_NC, split);
        vm.expectRevert(abi.encodeWithSelector(IDatanetRegistry.LicenceForbids.selector, CC_BY_NC, CC0));
        models.register(1, CC0, split, 0, 0, release(uint96(modest << 32 | 1), oneRef()));
        models.register(1, CC_BY_NC, split, 0, 0, release(uint96(modest << 32 | 1), oneRef()));
    }

    function test_AReleaseHasFilesAndManifest() public {
        IModelRegistry.Release memory bad = release(0, oneRef());
        bad.adapter = 0;
        vm.startPrank(maker);
        vm.expectRevert(IModelRegistry.FieldMissing.selector);
        models.publish(model, bad);
        bad.adapter = "adapter";
        bad.manifest = 0;
        vm.expectRevert(IModelRegistry.FieldMissing.selector);
        models.publish(model, bad);
    }

    function test_AnnouncedTermsAreInForceWhenDueWithoutATransaction() public {
        IModelRegistry.Terms memory next = terms(5000, 4000, 1000);
        vm.prank(maker);
        models.announceTerms(model, next);
        uint48 due = uint48(block.timestamp + 3 days);
        assertEq(models.announcedTermsOf(model).effectiveAt, due, "due");
        assertEq(models.termsOf(model).devBps, 7000, "not yet");
        vm.warp(due - 1);
        assertEq(models.termsOf(model).devBps, 7000, "a second before");
        vm.warp(due);
        assertEq(models.termsOf(model).devBps, 5000, "now");
        assertEq(models.termsOf(model).effectiveAt, due, "since");
        assertEq(models.announcedTermsOf(model).effectiveAt, 0, "nothing is announced any more");
        (IModelRegistry.Terms memory booked, bytes32 lineage) = models.bookOf(model, 1);
        assertEq(booked.devBps, 5000, "the Settlement reads the same");
        assertEq(lineage, models.lineageOf(model, 1), "lineage");
        vm.prank(maker);
        models.announceTerms(model, terms(6000, 3000, 1000));
        assertEq(models.termsOf(model).devBps, 5000, "what is in force outlasts the next announcement");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModelVersion.selector, model, 2));
        models.bookOf(model, 2);
    }

    function test_ASaleEndsTheSellersPayoutAndAnnouncement() public {
        address buyer = actor("buyer");
        vm.startPrank(maker);
        models.announceTerms(model, terms(9000, 1000, 0));
        IModelRegistry.Terms memory sold = terms(7000, 2000, 1000);
        (sold.payout, sold.effectiveAt) = (buyer, uint48(block.timestamp));
        vm.expectEmit(address(models));
        emit IModelRegistry.TermsApplied(model, sold);
        models.transferFrom(maker, buyer, model);
        vm.stopPrank();
        vm.warp(block.timestamp + 30 days);
        assertEq(models.termsOf(model).payout, buyer, "the buyer is paid");
        assertEq(models.termsOf(model).devBps, 7000, "by the terms that were in force");
    }

    function test_ATransferToOneselfChangesNoTerms() public {
        vm.startPrank(maker);
        models.announceTerms(model, terms(9000, 1000, 0));
        models.transferFrom(maker, maker, model);
        assertEq(models.announcedTermsOf(model).devBps, 9000, "still announced");
    }

    function test_ANewAnnouncementWaitsAnew() public {
        vm.startPrank(maker);
        models.announceTerms(model, terms(5000, 4000, 1000));
        vm.warp(block.timestamp + 2 days);
        models.announceTerms(model, terms(6000, 3000, 1000));
        vm.warp(block.timestamp + 2 days);
        assertEq(models.termsOf(model).devBps, 7000, "not yet");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.BadTerms.selector, 0));
        models.announceTerms(model, terms(0, 0, 0));
    }

    function test_OnlyTheOwnerActs() public {
        IModelRegistry.Release memory next = release(0, oneRef());
        IModelRegistry.Terms memory split = terms(7000, 2000, 1000);
        bytes memory refused = abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, model, address(this));
        vm.expectRevert(refused);
        models.publish(model, next);
        vm.expectRevert(refused);
        models.announceTerms(model, split);
        vm.expectRevert(refused);
        models.setPrice(model, 1, 1);
        vm.expectRevert(refused);
        models.deprecate(model, 1);
    }

    function test_PriceMoves() public {
        vm.expectEmit(address(models));
        emit IModelRegistry.PriceSet(model, 5, 6);
        vm.prank(maker);
        models.setPrice(model, 5, 6);
        (uint128 perCall, uint128 per1k) = models.priceOf(model);
        assertEq(perCall, 5, "per call");
        assertEq(per1k, 6, "per 1k");
    }

    function test_DeprecatedIsForEver() public {
        vm.startPrank(maker);
        vm.expectEmit(address(models));
        emit IModelRegistry.VersionDeprecated(model, 1);
        models.deprecate(model, 1);
        assertTrue(models.versionOf(model, 1).deprecated, "deprecated");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.AlreadyDeprecated.selector, model, 1));
        models.deprecate(model, 1);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModelVersion.selector, model, 2));
        models.deprecate(model, 2);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModelVersion.selector, model, 0));
        models.versionOf(model, 0);
    }

    function test_AnUnknownModelHasNoTerms() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModelVersion.selector, 9, 0));
        models.termsOf(9);
    }

    function testFuzz_ReferencePartsComeBack(uint64 net, uint32 version, uint16 weight) public pure {
        DatanetRef ref = DatanetRefs.pack(net, version, weight);
        assertEq(ref.datanetOf(), net, "datanet");
        assertEq(ref.versionOf(), version, "version");
        assertEq(ref.weightOf(), weight, "weight");
        assertEq(ref.keyOf(), uint256(net) << 32 | version, "key");
    }

    function expectRegisterReverts(IModelRegistry.Terms memory split, bytes memory why) private {
        IModelRegistry.Release memory first = release(0, oneRef());
        vm.expectRevert(why);
        models.register(1, CC0, split, 0, 0, first);
    }
}
