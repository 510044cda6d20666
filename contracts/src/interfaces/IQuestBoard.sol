// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IQuestCheck} from "./IQuestCheck.sol";

/// @title Quests and points
/// @notice Points are counted per season, cannot be moved and are worth nothing by themselves. A quest is either judged by
///         an issuer, who signs or sends its awards, or checked on the chain, where who has done it takes the points.
interface IQuestBoard {
    /// @param meta Content id of the description.
    /// @param points Of one award at most; of a checked quest exactly.
    /// @param cap All points the quest may give.
    /// @param from Seconds since 1970 from which on it gives points.
    /// @param to The last second in which it does.
    /// @param check Tells who has done it; zero for a quest that an issuer judges.
    struct Quest {
        bytes32 meta;
        uint32 points;
        uint32 cap;
        uint40 from;
        uint40 to;
        IQuestCheck check;
    }

    /// @notice What an issuer awards: the EIP-712 type of its signatures, domain "QuestBoard", version "1".
    /// @param nonce Used once on this board, by whichever way the award comes in.
    /// @param deadline Last second in which a signature counts; of no effect in a batch.
    struct Award {
        address who;
        uint256 quest;
        uint32 points;
        uint256 nonce;
        uint256 deadline;
    }

    event QuestAdded(uint256 indexed quest, Quest terms);
    event SeasonStarted(uint256 indexed season);
    event Awarded(address indexed who, uint256 indexed quest, uint256 indexed season, uint32 points);

    error BadQuest();
    error UnknownQuest(uint256 quest);
    error NotRunning(uint256 from, uint256 to);
    error TooManyPoints(uint256 points, uint256 most);
    error CapReached(uint256 quest, uint256 cap);
    error NonceUsed(uint256 nonce);
    error Expired(uint256 deadline);
    error NotAnIssuer(address signer);
    /// @notice A checked quest is taken with `complete`, a judged one awarded.
    error WrongWay(uint256 quest);
    error NotDone(address who, uint256 quest);
    error AlreadyDone(address who, uint256 quest);

    /// @notice Adds a quest. Issuers only.
    /// @return quest Its number, from 0.
    function addQuest(Quest calldata terms) external returns (uint256 quest);

    /// @notice Starts the next season: points count from zero, old ones stay readable. Governance only.
    function startSeason() external returns (uint256 season);

    /// @notice Books an award that an issuer has signed. Anyone may bring it.
    function award(Award calldata one, bytes calldata signature) external;

    /// @notice Books awards. Issuers only.
    function awardMany(Award[] calldata many) external;

    /// @notice Takes the points of a checked quest, once per account and quest.
    function complete(uint256 quest) external;

    function questOf(uint256 quest) external view returns (Quest memory);

    /// @notice Points `who` has in a season.
    function pointsOf(uint256 season, address who) external view returns (uint256);

    /// @notice All points a quest has given.
    function givenBy(uint256 quest) external view returns (uint256);
}
