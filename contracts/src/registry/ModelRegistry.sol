// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {EntryPause} from "../gov/EntryPause.sol";
import {DatanetRef, DatanetRefs} from "../interfaces/DatanetRef.sol";
import {IDatanetRegistry} from "../interfaces/IDatanetRegistry.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";

/// @title Models, their versions, terms and prices
contract ModelRegistry is IModelRegistry, ERC721, EntryPause {
    using DatanetRefs for DatanetRef;

    struct Price {
        uint128 perCall;
        uint128 per1kTokens;
    }

    uint256 private constant BPS = 10_000;
    uint256 private constant LEAST_DATA_BPS = 1000;
    uint256 private constant MOST_REFS = 16;
    uint48 private constant NOTICE = 3 days;

    /// @notice Where cited Datanets and licences are looked up.
    IDatanetRegistry public immutable datanets;

    /// @dev In one slot with the pause, which `register` reads anyway.
    uint48 private _modelCount;
    uint32 private _baseCount;
    /// @inheritdoc IModelRegistry
    mapping(bytes32 architecture => uint32) public baseWithArchitecture;
    /// @inheritdoc IModelRegistry
    mapping(bytes32 adapter => uint64) public firstWith;
    /// @inheritdoc IModelRegistry
    mapping(uint256 id => Price) public priceOf;
    mapping(uint32 base => Base) private _bases;
    mapping(uint256 id => Model) private _models;
    mapping(uint256 id => Terms) private _terms;
    mapping(uint256 id => Terms) private _announced;
    mapping(uint256 id => mapping(uint32 version => Version)) private _versions;

    constructor(address authority, IDatanetRegistry datanets_) ERC721("Model", "MODL") AccessManaged(authority) {
        datanets = datanets_;
    }

    modifier onlyModelOwner(uint256 id) {
        if (_ownerOf(id) != msg.sender) revert NotModelOwner(id, msg.sender);
        _;
    }

    /// @inheritdoc IModelRegistry
    function addBase(bytes32 family, bytes32 architecture, uint32 licence) external returns (uint32 base) {
        if (family == 0 || architecture == 0) revert FieldMissing();
        datanets.checkLicence(licence, licence);
        if (baseWithArchitecture[architecture] != 0) revert BaseExists(baseWithArchitecture[architecture]);
        base = ++_baseCount;
        baseWithArchitecture[architecture] = base;
        _bases[base] = Base(family, architecture, licence);
        emit BaseAdded(base, architecture, family, licence);
    }

    /// @inheritdoc IModelRegistry
    function setBaseLicence(uint32 base, uint32 licence) external restricted {
        if (_bases[base].licence == 0) revert UnknownBase(base);
        datanets.checkLicence(licence, licence);
        _bases[base].licence = licence;
        emit BaseLicenceSet(base, licence);
    }

    /// @inheritdoc IModelRegistry
    function register(
        uint32 base,
        uint32 licence,
        Terms calldata terms,
        uint128 perCall,
        uint128 per1kTokens,
        Release calldata first
    ) external whenNotPaused returns (uint256 id) {
        id = ++_modelCount;
        emit ModelRegistered(id, base, msg.sender, licence);
        _checkTerms(terms, false);
        _applyTerms(id, terms, uint48(block.timestamp));
        _setPrice(id, perCall, per1kTokens);
        _append(id, Model(base, licence, 0, uint48(block.timestamp), false), first);
        _mint(msg.sender, id);
    }

    /// @inheritdoc IModelRegistry
    function publish(uint256 id, Release calldata next) external onlyModelOwner(id) returns (uint32) {
        return _append(id, _models[id], next);
    }

    /// @inheritdoc IModelRegistry
    function announceTerms(uint256 id, Terms calldata terms) external onlyModelOwner(id) {
        _checkTerms(terms, _models[id].cites);
        // What is due already is in force and stays so.
        _terms[id] = _termsNow(id);
        _announced[id] = terms;
        _announced[id].effectiveAt = uint48(block.timestamp) + NOTICE;
        emit TermsAnnounced(id, _announced[id]);
    }

    /// @inheritdoc IModelRegistry
    function setPrice(uint256 id, uint128 perCall, uint128 per1kTokens) external onlyModelOwner(id) {
        _setPrice(id, perCall, per1kTokens);
    }

    /// @inheritdoc IModelRegistry
    function deprecate(uint256 id, uint32 version) external onlyModelOwner(id) {
        _checkVersion(id, version);
        if (_versions[id][version].deprecated) revert AlreadyDeprecated(id, version);
        _versions[id][version].deprecated = true;
        emit VersionDeprecated(id, version);
    }

    /// @inheritdoc IModelRegistry
    function termsOf(uint256 id) external view returns (Terms memory terms) {
        terms = _termsNow(id);
        if (terms.payout == address(0)) revert UnknownModelVersion(id, 0);
    }

    /// @inheritdoc IModelRegistry
    function bookOf(uint256 id, uint32 version) external view returns (Terms memory terms, bytes32 lineage) {
        lineage = _versions[id][version].lineage;
        if (lineage == 0) revert UnknownModelVersion(id, version);
        terms = _termsNow(id);
    }

    /// @inheritdoc IModelRegistry
    function announcedTermsOf(uint256 id) external view returns (Terms memory terms) {
        if (block.timestamp < _announced[id].effectiveAt) terms = _announced[id];
    }

    /// @inheritdoc IModelRegistry
    function lineageOf(uint256 id, uint32 version) external view returns (bytes32) {
        return _versions[id][version].lineage;
    }

    /// @inheritdoc IModelRegistry
    function versionCount(uint256 id) external view returns (uint32) {
        return _models[id].versions;
    }

    /// @inheritdoc IModelRegistry
    function versionOf(uint256 id, uint32 version) external view returns (Version memory) {
        _checkVersion(id, version);
        return _versions[id][version];
    }

    /// @inheritdoc IModelRegistry
    function modelOf(uint256 id) external view returns (Model memory) {
        return _models[id];
    }

    /// @inheritdoc IModelRegistry
    function modelCount() external view returns (uint256) {
        return _modelCount;
    }

    /// @inheritdoc IModelRegistry
    function baseOf(uint32 base) external view returns (Base memory found) {
        found = _bases[base];
        if (found.family == 0) revert UnknownBase(base);
    }

    /// @dev Appends a version to `model` and stores both.
    function _append(uint256 id, Model memory model, Release calldata next) private returns (uint32 version) {
        if (next.adapter == 0 || next.manifest == 0) revert FieldMissing();
        _checkBase(model.base, model.licence);
        if (next.parent != 0) _checkParent(next.parent, model.base, model.licence);
        _checkRefs(next.refs, model.licence);
        if (next.parent != 0 || next.refs.length != 0) {
            _checkTerms(_termsNow(id), true);
            if (_announced[id].payout != address(0)) _checkTerms(_announced[id], true);
            model.cites = true;
        }
        version = ++model.versions;
        _models[id] = model;
        bytes32 lineage = DatanetRefs.lineage(next.parent, next.refs);
        _keepLineage(next.adapter, lineage, uint64(id << 32 | version), model.licence);
        _versions[id][version] = Version({
            adapter: next.adapter,
            manifest: next.manifest,
            lineage: lineage,
            time: uint48(block.timestamp),
            rank: next.rank,
            sizeKiB: next.sizeKiB,
            quant: next.quant,
            deprecated: false
        });
        emit VersionPublished(id, version, next.adapter, next.manifest, next.parent, next.refs);
    }

    /// @dev A sale ends what the seller announced, and the buyer is paid from now on.
    function _update(address to, uint256 id, address auth) internal override returns (address from) {
        from = super._update(to, id, auth);
        if (from == address(0) || from == to) return from;
        Terms memory terms = _termsNow(id);
        terms.payout = to;
        delete _announced[id];
        _applyTerms(id, terms, uint48(block.timestamp));
    }

    function _termsNow(uint256 id) private view returns (Terms memory terms) {
        terms = _announced[id];
        if (terms.payout == address(0) || block.timestamp < terms.effectiveAt) terms = _terms[id];
    }

    function _applyTerms(uint256 id, Terms memory terms, uint48 effectiveAt) private {
        terms.effectiveAt = effectiveAt;
        _terms[id] = terms;
        emit TermsApplied(id, terms);
    }

    function _setPrice(uint256 id, uint128 perCall, uint128 per1kTokens) private {
        priceOf[id] = Price(perCall, per1kTokens);
        emit PriceSet(id, perCall, per1kTokens);
    }

    /// @dev The files of `adapter` keep the lineage and the licence of their first release. A deprecated one counts as well.
    function _keepLineage(bytes32 adapter, bytes32 lineage, uint64 version, uint32 licence) private {
        uint64 first = firstWith[adapter];
        if (first == 0) {
            firstWith[adapter] = version;
            return;
        }
        uint256 id = first >> 32;
        bool isPassedOn = lineage == DatanetRefs.lineage(first, new DatanetRef[](0));
        if (!isPassedOn && lineage != _versions[id][uint32(first)].lineage) revert OtherLineage(adapter, first);
        datanets.checkLicence(_models[id].licence, licence);
    }

    function _checkBase(uint32 base, uint32 licence) private view {
        uint32 baseLicence = _bases[base].licence;
        if (baseLicence == 0) revert UnknownBase(base);
        datanets.checkLicence(baseLicence, licence);
    }

    function _checkParent(uint96 parent, uint32 base, uint32 licence) private view {
        uint256 id = parent >> 32;
        _checkVersion(id, uint32(parent));
        Model storage model = _models[id];
        if (model.base != base) revert OtherBase(base, model.base);
        datanets.checkLicence(model.licence, licence);
    }

    function _checkRefs(DatanetRef[] calldata refs, uint32 licence) private view {
        if (refs.length > MOST_REFS) revert TooManyRefs(refs.length);
        uint96 last;
        for (uint256 i; i < refs.length; ++i) {
            DatanetRef ref = refs[i];
            if (ref.keyOf() <= last) revert RefsNotAscending(i);
            if (ref.weightOf() == 0) revert WeightMissing(i);
            last = ref.keyOf();
            datanets.checkCitable(ref.datanetOf(), ref.versionOf(), licence);
        }
    }

    function _checkVersion(uint256 id, uint32 version) private view {
        if (version == 0 || version > _models[id].versions) revert UnknownModelVersion(id, version);
    }

    function _checkTerms(Terms memory terms, bool cites) private pure {
        if (terms.payout == address(0)) revert PayoutMissing();
        uint256 sumBps = uint256(terms.devBps) + terms.dataBps + terms.nodeBps;
        if (sumBps != BPS) revert BadTerms(sumBps);
        if (cites && terms.dataBps < LEAST_DATA_BPS) revert DataShareTooSmall(terms.dataBps);
    }
}
