// Messages for the errors of this product's contracts. Keys are error declarations in Solidity; `{name:as}` in a text is an
// argument, formatted by `format-error.ts`. Contracts that share an error share its text.

export const PAYABLE_ERROR_TEXTS: Readonly<Record<string, string>> = {
  // Token, stake
  'NoParty()': 'A party of the first distribution is missing.',
  'NotTheWholeSupply(uint256 held, uint256 supply)':
    'The first distribution needs all {supply:open}; it holds {held:open}: it was made already, or the token is another.',
  'NotTransferable()': 'Votes of stake stay with their staker.',
  'PastSupplyNotKept()': 'Past supplies of staked votes are not kept; ask for those of OPEN.',
  'NotTheRegistry(address caller)': 'Only the registry of nodes makes votes of stake, not {caller}.',
  'AmountZero()': 'The amount is zero.',
  'StakeTooSmall(uint256 stake, uint256 least)':
    'A stake of {stake:open} would remain; what this node offers asks for {least:open}.',
  'MoreThanStaked(uint256 asked, uint256 staked)': '{asked:open} were asked for; {staked:open} are staked.',
  'NothingToExit()': 'Nothing is on its way out. Request an exit first.',
  'TooEarly(uint256 exitAt)': 'The stake can be taken from {exitAt:time} on.',
  'PeerIdZero()': 'The peer id of the node is missing.',
  'MinStakeOutOfBounds()': "A least stake is above 100,000 OPEN, or an attester's below a node's.",
  'EpochNotNew(uint64 epoch, uint64 last)': 'Heartbeats of epoch {epoch} cannot be written after those of {last}.',
  'EpochNotOver(uint64 epoch)': 'Epoch {epoch} is not over; its heartbeats are not known yet.',
  'RewardTooSmall(uint256 ratePerSecond, uint256 least)':
    'Too little was added: rewards would run at {ratePerSecond} wei a second, slower than the {least} before.',
  // Datanets
  'NotDatanetOwner(uint256 id, address caller)': '{caller} does not own Datanet {id}.',
  'NotCurator(uint256 id, address caller)': '{caller} is not a curator of Datanet {id}.',
  'NotContributor(address caller)': '{caller} did not make this contribution.',
  'UnknownDatanet(uint256 id)': 'There is no Datanet {id}.',
  'UnknownVersion(uint256 id, uint32 version)': 'Datanet {id} has no version {version}.',
  'UnknownLicence(uint32 licence)': 'There is no licence {licence}.',
  'LicenceExists(uint32 licence)': 'This licence is in the table already, as number {licence}.',
  'LicenceForbids(uint32 licence, uint32 wanted)':
    'Licence {licence} does not allow what licence {wanted} would give to others.',
  'OtherLicence(uint32 licence, uint32 expected)':
    'The contribution is under licence {licence}, the Datanet under {expected}.',
  'Closed(uint256 id)': 'Datanet {id} takes contributions from its curators only.',
  'StakeTooSmall(address contributor, uint256 staked, uint256 needed)':
    '{contributor} has {staked:open} staked; contributing here asks for {needed:open}.',
  'BadState(uint32 contribution, uint8 state)':
    'Contribution {contribution} is {state:contribution}; this is not open to it.',
  'BadBatchState(bytes32 root, uint8 state)': 'Batch {root} is {state:contribution}; this is not open to it.',
  'ReasonMissing(uint256 index)': 'A rejection needs a reason; the one at place {index} has none.',
  'LengthsDiffer(uint256 contributions, uint256 reasons)':
    '{contributions} contributions and {reasons} reasons do not go together.',
  'TooMany(uint256 count)': '{count} are too many.',
  'AppealNotDue(uint32 contribution, uint256 dueAt)':
    'Contribution {contribution}: the time for this appeal is not now; the mark is {dueAt:time}.',
  'RootEmpty()': 'A root is missing.',
  'RowsMissing()': 'There are no rows.',
  'NotLatest(uint32 parent, uint32 latest)':
    'The new version builds on version {parent}, but {latest} is the latest. Build on that one.',
  'BadShare(uint16 bps)': '{bps:bps} is not a possible share of the curators.',
  'SignatureExpired(uint256 deadline)': 'The signature counted until {deadline:time}. Sign again.',
  'BadSignature(address contributor)': 'The contribution was not signed by {contributor}, or was used already.',
  'BadProof(bytes32 item)': '{item} is not in the batch.',
  'AlreadyWithdrawn(bytes32 item)': '{item} was withdrawn already.',
  // Models
  'NotModelOwner(uint256 id, address caller)': '{caller} does not own model {id}.',
  'UnknownBase(uint32 base)': 'There is no base model {base}.',
  'BaseExists(uint32 base)': 'This base model is known already, as number {base}.',
  'UnknownModelVersion(uint256 id, uint32 version)': 'Model {id} has no version {version}.',
  'BadTerms(uint256 sumBps)': 'The shares add up to {sumBps:bps}, not to 100 %.',
  'PayoutMissing()': 'There is no account that receives the part of the developer.',
  'DataShareTooSmall(uint16 dataBps)':
    'A model that cites Datanets gives 10 % or more to their contributors, not {dataBps:bps}.',
  'NothingAnnounced(uint256 id)': 'No new terms of model {id} were announced.',
  'TermsNotDue(uint256 id, uint48 effectiveAt)':
    'The new terms of model {id} may be applied from {effectiveAt:time} on.',
  'TooManyRefs(uint256 count)': '{count} cited Datanets are too many: 16 fit.',
  'RefsNotAscending(uint256 index)': 'Cited Datanets must ascend; the one at place {index} does not.',
  'WeightMissing(uint256 index)': 'The cited Datanet at place {index} has no weight.',
  'OtherBase(uint32 base, uint32 parentBase)': 'The model stands on base {base}, its parent on {parentBase}.',
  'FieldMissing()': 'A field of the version or base is missing.',
  'InfluenceAlreadySet(uint256 id, uint32 version)':
    'Model {id} version {version} has committed its influence already.',
  'RhoTooLarge(uint16 rhoBps)': 'A measured influence of {rhoBps:bps} is impossible.',
  'AlreadyDeprecated(uint256 id, uint32 version)': 'Model {id} version {version} is deprecated already.',
  // Settlement
  'ZeroAmount()': 'The amount is zero.',
  'ZeroAddress()': 'An address is missing.',
  'ChannelExists(address payer, address node, address signer)':
    'A channel from {payer} to {node} with the session key {signer} exists already. Take a new session key.',
  'UnknownChannel(address payer, address node, address signer)':
    'There is no channel from {payer} to {node} with the session key {signer}: the voucher was signed by another key, or for another chain or node.',
  'ChannelIsClosed(address payer, address node, address signer)':
    'The channel from {payer} to {node} with the session key {signer} is closed.',
  'ChannelClosing(uint64 closeAt)': 'The channel is about to close, at {closeAt:time}; nothing can be added.',
  'NotClosable(uint64 closeAt)': 'The channel can be closed from {closeAt:time} on, once its closing was announced.',
  'NotNodeOrRelayer(address node, address caller)': '{caller} may not redeem for {node}.',
  'WrongBase(address payer, uint96 base, uint96 redeemed)':
    'A voucher of {payer} was signed on top of {base:open}, but {redeemed:open} are redeemed: it is old, or was used.',
  'DepositExceeded(address payer, uint256 amount, uint256 left)':
    'A voucher of {payer} is for {amount:open}; {left:open} are left in the channel.',
  'NothingToRedeem()': 'There is no voucher to redeem.',
  'Underpaid(uint256 amount, uint256 perCall)': '{amount:open} is less than the price of a call, {perCall:open}.',
  'BadPayerSignature(address payer)': 'This was not signed by {payer}.',
  'NothingToWithdraw(address account)': '{account} has no credit to withdraw.',
  'FeeTooLarge(uint16 feeBps)': 'A protocol fee of {feeBps:bps} is above the 10 % allowed.',
  // The pool of contributors, and its court
  'ProposalPending(bytes32 hash)': 'Another proposal is pending: {hash}.',
  'BadRange(uint64 from, uint64 to, uint64 last)':
    'Epochs {from} to {to} cannot be proposed after {last}: they must follow it, be over, be 744 at most, and reach to within 24 of the last that is over.',
  'NotOnTheFinal()': 'The proposal does not build on what is final.',
  'BadTotals()': 'The totals of the proposal contradict each other.',
  'MoreThanReceived(uint256 total, uint256 received)':
    'The proposal pays {total:open} in all; {received:open} were ever received.',
  'NotPending(bytes32 hash)': 'The proposal {hash} is not pending.',
  'WindowOpen(uint256 challengeEnd)':
    'The proposal can be challenged until {challengeEnd:time}; it is not final before.',
  'NothingToClaim(address account)': '{account} has claimed everything already.',
  'NotInTheTree(address account)': 'The proof does not show this amount for {account} in the final tree.',
  'SumTooLarge(uint256 sum)': 'A sum of the proof is too large: {sum}.',
  'UnequalLengths(uint256 siblings, uint256 sums)': 'The proof has {siblings} hashes but {sums} sums.',
  'IndexOutsideTree(uint256 index, uint256 size)': 'Place {index} lies outside the tree.',
  'DoNotPoint()': 'The two entries do not point at each other.',
  'NoFraud()': 'What is challenged is right: there is no fraud here.',
  'NotEligible()': 'The row is not one that the call could be paid for.',
  'NotInInfluence(uint256 index)': 'The row at place {index} is not in the committed influence of the model.',
  'NotInTree(uint256 index)': 'The leaf at place {index} is not in its tree.',
  'NotNeighbours(uint256 index, uint256 next)': 'Leaves {index} and {next} are not neighbours.',
  'NotTheEdge(uint256 key)': 'The leaf {key} is not at the edge of its group.',
  'NotTheLineage()': 'This is not the lineage that the model version has committed.',
  'NotTheSameCluster()': 'The two rows do not belong to one cluster.',
  'NotTheSameRow(uint256 index, uint256 row)': 'The leaves at {index} and {row} are not of the same row.',
  'NotTheVector()': 'This is not the vector that the receipt has committed.',
  'WrongDepth(uint256 depth, uint256 expected)': 'The proof has {depth} steps; this tree asks for {expected}.',
  // Quests and seasons
  'BadQuest()': 'The terms of the quest contradict each other.',
  'UnknownQuest(uint256 quest)': 'There is no quest {quest}.',
  'NotRunning(uint256 from, uint256 to)': 'The quest gives points from {from:time} to {to:time} only.',
  'TooManyPoints(uint256 points, uint256 most)': '{points} points are more than the {most} of one award.',
  'CapReached(uint256 quest, uint256 cap)': 'Quest {quest} has given all its {cap} points.',
  'NonceUsed(uint256 nonce)': 'The award with number {nonce} was booked already.',
  'Expired(uint256 deadline)': 'The award counted until {deadline:time}.',
  'NotAnIssuer(address signer)': '{signer} may not award points.',
  'WrongWay(uint256 quest)': 'Quest {quest} is awarded by an issuer, or checked by itself: take the other way.',
  'NotDone(address who, uint256 quest)': '{who} has not done quest {quest} yet.',
  'AlreadyDone(address who, uint256 quest)': '{who} has the points of quest {quest} already.',
  'AlreadyPublished(uint256 season)': 'The rewards of season {season} are published already.',
  'RootZero()': 'The root is missing.',
  'NotFunded(uint256 needed, uint256 held)': '{needed:open} are promised; the contract holds {held:open}.',
  'AlreadyClaimed(uint256 season, address account)': '{account} has claimed its part of season {season} already.',
  'NotInTheTree(uint256 season, address account)':
    'The proof does not show this amount for {account} in season {season}.',
  // Commitments
  'HashMissing()': 'The hash of what is committed is missing.',
};
