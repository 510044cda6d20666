// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatanetRef} from "./DatanetRef.sol";

/// @title Models as assets
/// @notice An ERC-721 whose token is a model: a base model, adapter versions that only append, what each was made from,
/// how its income is split, and its price. Model ids and versions count from 1; shares are in basis points; amounts in wei.
interface IModelRegistry {
    /// @notice How the rest of a payment is split once the protocol fee is taken. One slot.
    /// @param payout Who the developer's part is credited to.
    /// @param devBps Developer's part; `devBps + dataBps + nodeBps == 10,000`.
    /// @param dataBps Contributors' part; at least 1,000 for a model that cites Datanets or continues another version.
    /// @param nodeBps Part of the node that answered.
    /// @param effectiveAt Since when, or from when on, these terms are in force; set by the registry (seconds).
    struct Terms {
        address payout;
        uint16 devBps;
        uint16 dataBps;
        uint16 nodeBps;
        uint48 effectiveAt;
    }

    /// @notice A base model that adapters are made for.
    /// @param family Short name of the architecture's family.
    /// @param architecture Hash of the configuration and of the weights' list; each is entered once.
    /// @param licence Licence id of the DatanetRegistry's table.
    struct Base {
        bytes32 family;
        bytes32 architecture;
        uint32 licence;
    }

    /// @notice What an owner publishes as one version.
    /// @param adapter Content hash of the adapter's files. Its first release, under whichever base and model, fixes the lineage
    ///        of these files for ever: a later one has the same parent and references, or names the first as its parent and
    ///        cites nothing, which passes all of the contributors' part on to it.
    /// @param manifest sha2-256 digest of the manifest's CIDv1.
    /// @param rank Largest rank of the adapter.
    /// @param sizeKiB Size of the files, rounded up.
    /// @param quant Bits of a stored weight, 0 where it is not a whole number of bits.
    /// @param parent Model version this one continues, `model << 32 | version`, or 0.
    /// @param refs At most 16 cited Datanet versions, strictly ascending by (datanet, version).
    struct Release {
        bytes32 adapter;
        bytes32 manifest;
        uint32 rank;
        uint32 sizeKiB;
        uint8 quant;
        uint96 parent;
        DatanetRef[] refs;
    }

    struct Version {
        bytes32 adapter;
        bytes32 manifest;
        bytes32 lineage;
        uint48 time;
        uint32 rank;
        uint32 sizeKiB;
        uint8 quant;
        bool deprecated;
    }

    /// @notice What else is known of a model. One slot.
    /// @param cites A version of it has references or a parent, so that there are contributors to pay.
    struct Model {
        uint32 base;
        uint32 licence;
        uint32 versions;
        uint48 createdAt;
        bool cites;
    }

    event BaseAdded(uint32 indexed base, bytes32 indexed architecture, bytes32 family, uint32 licence);
    event BaseLicenceSet(uint32 indexed base, uint32 licence);
    event ModelRegistered(uint256 indexed id, uint32 indexed base, address indexed owner, uint32 licence);
    event VersionPublished(
        uint256 indexed id, uint32 indexed version, bytes32 adapter, bytes32 manifest, uint96 parent, DatanetRef[] refs
    );
    event TermsAnnounced(uint256 indexed id, Terms terms);
    /// @notice Terms that are in force at once: the first, and those after a sale.
    event TermsApplied(uint256 indexed id, Terms terms);
    event PriceSet(uint256 indexed id, uint128 perCall, uint128 per1kTokens);
    event VersionDeprecated(uint256 indexed id, uint32 indexed version);

    error NotModelOwner(uint256 id, address caller);
    error UnknownBase(uint32 base);
    error BaseExists(uint32 base);
    error UnknownModelVersion(uint256 id, uint32 version);
    error BadTerms(uint256 sumBps);
    error PayoutMissing();
    error DataShareTooSmall(uint16 dataBps);
    error TooManyRefs(uint256 count);
    error RefsNotAscending(uint256 index);
    error WeightMissing(uint256 index);
    error OtherBase(uint32 base, uint32 parentBase);
    error FieldMissing();
    error AlreadyDeprecated(uint256 id, uint32 version);
    /// @notice These files were released as version `first`, with another lineage.
    error OtherLineage(bytes32 adapter, uint64 first);

    /// @notice Enters a base model; anyone may, once per architecture, so that there is no second entry under another licence.
    /// @return base Its id, from 1.
    function addBase(bytes32 family, bytes32 architecture, uint32 licence) external returns (uint32 base);

    /// @notice Corrects the licence of a base that was entered under a wrong one; counts for releases from now on. `Roles.PARAM`.
    function setBaseLicence(uint32 base, uint32 licence) external;

    /// @notice Creates a model with its first version and terms that are in force at once. Can be paused.
    /// @param licence The model's own licence; base, parent and cited Datanets must allow what it allows.
    /// @param perCall Price of a call, wei.
    /// @param per1kTokens Price of a thousand tokens, wei.
    function register(
        uint32 base,
        uint32 licence,
        Terms calldata terms,
        uint128 perCall,
        uint128 per1kTokens,
        Release calldata first
    ) external returns (uint256 id);

    /// @notice Appends a version. Owner only.
    function publish(uint256 id, Release calldata next) external returns (uint32 version);

    /// @notice Announces terms that are in force in three days, by time alone; replaces what is announced and not due yet.
    /// Owner only. A transfer of the model ends the announcement, and the payout becomes the new owner.
    function announceTerms(uint256 id, Terms calldata terms) external;

    /// @notice Sets the prices of quotes to come, wei. Owner only.
    function setPrice(uint256 id, uint128 perCall, uint128 per1kTokens) external;

    /// @notice Marks a version as one that should no longer be used, for ever. Owner only.
    function deprecate(uint256 id, uint32 version) external;

    /// @notice The terms in force; reverts for an unknown model.
    function termsOf(uint256 id) external view returns (Terms memory);

    /// @notice What a payment for a version is split by now: terms and lineage; reverts for an unknown version.
    function bookOf(uint256 id, uint32 version) external view returns (Terms memory terms, bytes32 lineage);

    /// @notice The terms that are announced and not in force yet; all zero when there are none.
    function announcedTermsOf(uint256 id) external view returns (Terms memory);

    /// @notice Prices in wei.
    function priceOf(uint256 id) external view returns (uint128 perCall, uint128 per1kTokens);

    /// @notice `DatanetRefs.lineage` of the version's parent and references; 0 for an unknown version.
    function lineageOf(uint256 id, uint32 version) external view returns (bytes32);

    /// @notice Number of versions, also the newest; 0 for an unknown model.
    function versionCount(uint256 id) external view returns (uint32);

    /// @notice One version; reverts for an unknown one.
    function versionOf(uint256 id, uint32 version) external view returns (Version memory);

    /// @notice Base, licence and counts; all zero for an unknown model.
    function modelOf(uint256 id) external view returns (Model memory);

    /// @notice A base model; reverts for an unknown one.
    function baseOf(uint32 base) external view returns (Base memory);

    /// @notice Id of the base with this architecture, 0 for none.
    function baseWithArchitecture(bytes32 architecture) external view returns (uint32);

    /// @notice The version (`model << 32 | version`) that released these files first, 0 for none.
    function firstWith(bytes32 adapter) external view returns (uint64);

    /// @notice Number of models, also the newest id.
    function modelCount() external view returns (uint256);
}
