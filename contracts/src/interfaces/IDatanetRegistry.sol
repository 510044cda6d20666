// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Community data sets as assets
/// @notice An ERC-721 whose token is a Datanet: contributions, their review with reasons and appeal, and versions that only
/// append. Bytes live on IPFS; here are digests (sha2-256 of CIDv1) and roots. Ids, versions and contributions count from 1.
interface IDatanetRegistry {
    /// @notice What a licence allows beyond private use.
    /// @param text keccak256 of the SPDX expression, or of the whole text of a licence that SPDX does not list.
    /// @param shareAlike What is made from it must have the same licence.
    struct Licence {
        bytes32 text;
        bool commercial;
        bool derivative;
        bool shareAlike;
    }

    /// @notice Two slots.
    /// @param accepted Contributions accepted now, those in batches included.
    /// @param pending Contributions waiting for a decision, those in batches not included.
    /// @param contributions Contributions ever made one by one.
    /// @param curatorBps Part of the Datanet's income that goes to its curators, basis points.
    /// @param open Anyone may contribute; else curators only.
    /// @param minStakeOpen Whole OPEN a contributor must have staked, 0 for none.
    struct Datanet {
        bytes32 meta;
        uint32 versions;
        uint32 licence;
        uint40 createdAt;
        uint32 accepted;
        uint32 pending;
        uint32 contributions;
        uint16 curatorBps;
        bool open;
        uint32 minStakeOpen;
    }

    /// @notice Four slots.
    struct Version {
        bytes32 manifest;
        bytes32 rowsRoot;
        bytes32 sharesRoot;
        address publisher;
        uint48 time;
        uint48 rows;
    }

    /// @notice Pending → Accepted | Rejected; Rejected → Appealed → Accepted | Dismissed; its contributor may withdraw it.
    enum State {
        None,
        Pending,
        Accepted,
        Rejected,
        Appealed,
        Dismissed,
        Withdrawn
    }

    /// @notice Two slots; `time` is that of the contribution, or of its appeal.
    struct Contribution {
        address who;
        uint40 time;
        uint24 rows;
        State state;
        bytes32 content;
    }

    /// @notice Signed contributions that one sender anchored by one root; one slot.
    struct Batch {
        uint40 time;
        uint32 count;
        State state;
    }

    /// @notice What a contributor signs so that anyone may send it: EIP-712 `Contribution(uint256 datanet,address contributor,
    /// bytes32 content,uint24 rows,bytes32 rowsRoot,uint32 licence,uint256 nonce,uint256 deadline)`.
    struct SignedContribution {
        uint256 datanet;
        address contributor;
        bytes32 content;
        uint24 rows;
        bytes32 rowsRoot;
        uint32 licence;
        uint256 nonce;
        uint256 deadline;
    }

    event LicenceAdded(
        uint32 indexed licence, bytes32 indexed text, string spdx, bool commercial, bool derivative, bool shareAlike
    );
    event DatanetCreated(
        uint256 indexed id,
        address indexed owner,
        bytes32 meta,
        uint32 licence,
        uint16 curatorBps,
        bool open,
        uint32 minStakeOpen
    );
    event TagAdded(bytes32 indexed tag, uint256 indexed id);
    event MetaSet(uint256 indexed id, bytes32 meta, bytes32 tagsHash);
    event AccessSet(uint256 indexed id, bool open, uint32 minStakeOpen);
    event CuratorSet(uint256 indexed id, address indexed curator, bool allowed);
    event Contributed(
        uint256 indexed id,
        uint32 indexed contribution,
        address indexed contributor,
        bytes32 content,
        uint24 rows,
        bytes32 rowsRoot
    );
    event BatchContributed(uint256 indexed id, bytes32 indexed root, address indexed sender, uint32 count);
    event BatchJudged(
        uint256 indexed id,
        bytes32 indexed root,
        address indexed sender,
        address curator,
        uint32 accepted,
        bytes32 decisions
    );
    event BatchItemWithdrawn(uint256 indexed id, bytes32 indexed root, address indexed contributor, bytes32 item);
    event Accepted(uint256 indexed id, uint256 contribution, bytes32 reason);
    event Rejected(uint256 indexed id, uint256 contribution, bytes32 reason);
    event Appealed(uint256 indexed id, uint32 indexed contribution, bytes32 reason);
    event AppealDecided(uint256 indexed id, uint32 indexed contribution, bool accepted, bytes32 reason);
    event ContributionWithdrawn(uint256 indexed id, uint32 indexed contribution);
    event VersionPublished(
        uint256 indexed id,
        uint32 indexed version,
        bytes32 manifest,
        bytes32 rowsRoot,
        bytes32 sharesRoot,
        uint48 rows,
        address publisher,
        uint64 withdrawals
    );
    /// @notice The contributor voids an offer that it signed.
    event OfferRevoked(address indexed contributor, uint256 nonce);

    error NotDatanetOwner(uint256 id, address caller);
    error NotCurator(uint256 id, address caller);
    error NotContributor(address caller);
    error UnknownDatanet(uint256 id);
    error UnknownVersion(uint256 id, uint32 version);
    error UnknownLicence(uint32 licence);
    error LicenceExists(uint32 licence);
    error LicenceForbids(uint32 licence, uint32 wanted);
    error OtherLicence(uint32 licence, uint32 expected);
    error Closed(uint256 id);
    error StakeTooSmall(address contributor, uint256 staked, uint256 needed);
    error BadState(uint32 contribution, State state);
    error BadBatchState(bytes32 root, State state);
    error ReasonMissing(uint256 index);
    error LengthsDiffer(uint256 contributions, uint256 reasons);
    error TooMany(uint256 count);
    error AppealNotDue(uint32 contribution, uint256 dueAt);
    error RootEmpty();
    error RowsMissing();
    error NotLatest(uint32 parent, uint32 latest);
    error BadShare(uint16 bps);
    error SignatureExpired(uint256 deadline);
    error BadSignature(address contributor);
    error NonceUsed(address contributor, uint256 nonce);
    /// @notice In a Datanet that asks for stake each contributor is checked, so contributions come one by one.
    error NoBatches(uint256 id);
    /// @notice A version has to consider at least the withdrawals made before today.
    error WithdrawalsNotKnown(uint64 known, uint64 least, uint64 all);
    error BadProof(bytes32 item);
    error AlreadyWithdrawn(bytes32 item);

    /// @notice Adds a licence to the table. `Roles.PARAM`.
    /// @param spdx SPDX expression, or the name of a licence that SPDX does not list.
    /// @param text `keccak256(bytes(spdx))`, or the hash of the whole text.
    function addLicence(string calldata spdx, bytes32 text, bool commercial, bool derivative, bool shareAlike)
        external
        returns (uint32 licence);

    /// @notice Creates a Datanet owned by the caller. Can be paused. Its licence never changes.
    /// @param tags Short strings, announced by events.
    function create(
        bytes32 meta,
        uint32 licence,
        uint16 curatorBps,
        bool open,
        uint32 minStakeOpen,
        bytes32[] calldata tags
    ) external returns (uint256 id);

    /// @notice Replaces the description. Owner only.
    function setMeta(uint256 id, bytes32 meta, bytes32[] calldata tags) external;

    /// @notice Says who may contribute from now on. Owner only.
    function setAccess(uint256 id, bool open, uint32 minStakeOpen) external;

    /// @notice Names a curator, or no longer. Owner only; the owner always is one. A transfer of the Datanet ends all that were
    /// named.
    function setCurator(uint256 id, address curator, bool allowed) external;

    /// @notice Contributes rows.
    /// @param content Digest of the rows' CIDv1.
    /// @param rowsRoot Root over the rows, kept by the event.
    function contribute(uint256 id, bytes32 content, uint24 rows, bytes32 rowsRoot)
        external
        returns (uint32 contribution);

    /// @notice Contributes for the account that signed it; anyone may send it. Nonces are used once each, in any order, so that
    /// an offer that expires holds up no other.
    function contributeBySig(SignedContribution calldata signed, bytes calldata signature)
        external
        returns (uint32 contribution);

    /// @notice Voids a signed offer of the caller that was not used.
    function revokeOffer(uint256 nonce) external;

    /// @notice Anchors `count` signed contributions by one root. The leaf is OpenZeppelin's standard one over
    /// `(address contributor, bytes32 item)`, `item` being the struct hash of the SignedContribution. A root is anchored
    /// once by each sender, so that no sender can anchor another's root first with another count. Not in a Datanet that asks
    /// for stake.
    function contributeBatch(uint256 id, bytes32 root, uint32 count) external;

    /// @notice Accepts (bit i of `acceptBits`) or rejects up to 256 contributions; a rejection needs a reason. An appealed
    /// one can only be accepted. Curators only.
    function judge(uint256 id, uint32[] calldata contributions, uint256 acceptBits, bytes32[] calldata reasons) external;

    /// @notice Decides a batch once. Curators only.
    /// @param sender Who anchored it.
    /// @param accepted How many of it were accepted; those of all batches together fill half of `Datanet.accepted` at most.
    /// @param decisions Digest of the list of decisions with reasons.
    function judgeBatch(uint256 id, address sender, bytes32 root, uint32 accepted, bytes32 decisions) external;

    /// @notice Appeals a rejection. Its contributor only. Curators may still accept; governance decides after three days.
    function appeal(uint256 id, uint32 contribution, bytes32 reason) external;

    /// @notice Decides an appeal for good, three days after it was made. `Roles.PARAM`.
    function decideAppeal(uint256 id, uint32 contribution, bool accept, bytes32 reason) external;

    /// @notice Takes a contribution back: later versions must not hold it. Its contributor only; nothing can stop it.
    function withdraw(uint256 id, uint32 contribution) external;

    /// @notice Takes back one contribution of every batch with this root. Its contributor only; nothing can stop it, not
    /// even that the batch is not anchored yet.
    function withdrawFromBatch(uint256 id, bytes32 root, bytes32 item, bytes32[] calldata proof) external;

    /// @notice Appends a version. Curators only. Two who start from the same parent cannot both win: the later one gets
    /// `NotLatest`.
    /// @param parent The newest version, 0 for the first.
    /// @param withdrawals How many withdrawals of this Datanet the version considers: the first so many, in the order of their
    ///        events. All that were made before today (days since 1970) are due, so that no version can be published as if
    ///        there were none; the event has the number, and the rows are public.
    function publish(
        uint256 id,
        bytes32 manifest,
        bytes32 rowsRoot,
        bytes32 sharesRoot,
        uint48 rows,
        uint32 parent,
        uint64 withdrawals
    ) external returns (uint32 version);

    /// @notice Reverts with `LicenceForbids` unless licence `source` allows all that `wanted` allows. From a share-alike licence
    /// only the same licence follows.
    function checkLicence(uint32 source, uint32 wanted) external view;

    /// @notice Reverts unless the version exists and `checkLicence` holds for its Datanet's licence and `wanted`.
    function checkCitable(uint256 id, uint32 version, uint32 wanted) external view;

    /// @notice A licence; reverts for an unknown one.
    function licenceOf(uint32 licence) external view returns (Licence memory);

    /// @notice Id of the licence with this text, 0 for none.
    function licenceWithText(bytes32 text) external view returns (uint32);

    function licenceCount() external view returns (uint32);

    /// @notice A Datanet; all zero for an unknown one.
    function datanetOf(uint256 id) external view returns (Datanet memory);

    /// @notice A version; reverts for an unknown one.
    function versionOf(uint256 id, uint32 version) external view returns (Version memory);

    /// @notice Withdrawals of a Datanet so far, contributions and items of batches.
    function withdrawalsOf(uint256 id) external view returns (uint64);

    /// @notice Whether a nonce of a contributor's offers is used or revoked.
    function isNonceUsed(address contributor, uint256 nonce) external view returns (bool);

    function contributionOf(uint256 id, uint32 contribution) external view returns (Contribution memory);

    function batchOf(uint256 id, address sender, bytes32 root) external view returns (Batch memory);

    /// @notice Whether an account curates a Datanet, as its owner or by name.
    function isCurator(uint256 id, address account) external view returns (bool);

    /// @notice Number of Datanets, also the newest id.
    function datanetCount() external view returns (uint256);

    /// @notice Whether an item of a batch was taken back; the key is `keccak256(abi.encode(id, root, contributor, item))`.
    function isItemWithdrawn(bytes32 key) external view returns (bool);
}
